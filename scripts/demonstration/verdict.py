"""Whether everything that was to reach somebody did, unchanged and once, and nothing else left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ingestd.cli.words import term
from ingestd.domain.sending import Purpose
from scripts.demonstration.records import MessageSeen, SentOut
from scripts.demonstration.script import Scene
from scripts.demonstration.sinks import Reached
from scripts.demonstration.words import say, spoken

What = tuple[str, str, str]  # purpose, channel, recipient
STRANGE = "?"  # the purpose of what our outbox does not know


def complaints(played: Sequence[tuple[Scene, MessageSeen]], outbox: list[SentOut], reached: list[Reached]) -> list[str]:
    """All that differs from the script, a line each; empty where all is well."""
    wanted = Counter(what for scene, _ in played for what in scene.expects)
    by_key = {sending.key: sending for sending in outbox}
    arrived = Counter(what_of(one, by_key) for one in reached)
    arrived = Counter({what: n for what, n in arrived.items() if what[0] != Purpose.WORK_ORDER_REST})
    return [
        *(say("missing", what=named(what, n)) for what, n in (wanted - arrived).items()),
        *(say("surplus", what=named(what, n)) for what, n in (arrived - wanted).items()),
        *changed(by_key, reached),
        *lone_parts(by_key, reached),
        *states(played),
    ]


def what_of(reached: Reached, by_key: dict[str, SentOut]) -> What:
    """What a message that arrived was for."""
    sending = by_key.get(reached.key)
    return (sending.purpose if sending else STRANGE, reached.channel, reached.recipient)


def changed(by_key: dict[str, SentOut], reached: Iterable[Reached]) -> Iterator[str]:
    """What arrived otherwise than the outbox has it, to somebody else, or more than once."""
    times = Counter(one.key for one in reached)
    for one in reached:
        sending = by_key.get(one.key)
        what = named(what_of(one, by_key), times[one.key])
        if sending is None:
            yield say("strange", what=what)
        elif (one.content, one.recipient) != (sending.body, sending.recipient) or times[one.key] != 1:
            yield say("changed", what=what)


def lone_parts(by_key: dict[str, SentOut], reached: Iterable[Reached]) -> Iterator[str]:
    """Second parts of text messages whose first part did not arrive."""
    sent = [by_key[one.key] for one in reached if one.key in by_key]
    firsts = {(s.cause, s.recipient) for s in sent if s.purpose == Purpose.WORK_ORDER}
    for rest in (s for s in sent if s.purpose == Purpose.WORK_ORDER_REST):
        if (rest.cause, rest.recipient) not in firsts:
            yield say("lone_part", what=named((rest.purpose, rest.channel, rest.recipient), 1))


def states(played: Sequence[tuple[Scene, MessageSeen]]) -> Iterator[str]:
    """Messages and orders that ended in another state than they should."""
    for scene, seen in played:
        title = scene.title[spoken()]
        if seen.state != scene.becomes:
            wanted, found = (term("message_state", state) for state in (scene.becomes, seen.state))
            yield say("becomes", title=title, wanted=wanted, found=found)
        found_orders = {order.state for order in seen.orders} or {""}
        if scene.order and found_orders != {scene.order}:
            found = ", ".join(term("order_state", state) for state in sorted(found_orders))
            yield say("stands", title=title, wanted=term("order_state", scene.order), found=found)


def named(what: What, times: int) -> str:
    """A message as a person recognises it."""
    purpose, channel, recipient = what
    shown = f"{term('purpose', purpose)}, {term('channel', channel)}, {recipient}"
    return shown if times == 1 else f"{times} × {shown}"
