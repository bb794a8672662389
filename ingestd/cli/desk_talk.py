"""`ingestd desk` as a conversation: the list, a number, the matter, a letter for what to do with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestd.cli import desk_acts, desk_tasks
from ingestd.cli.asking import agreed, asked, edited
from ingestd.cli.counter import Hand, Target, order_in, target_in
from ingestd.cli.desk_look import Look, looked_at, print_look, print_waiting, waiting_now
from ingestd.cli.output import complain, heading, line, visible
from ingestd.cli.trouble import TEMPORARY, Trouble
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.cli.session import Session
    from ingestd.domain.order import OrderState
    from ingestd.pipeline.acting import Counter, Seen

END = ("q", "quit", "exit")
EDIT = "e"
NOTHING = "-"  # in place of an answer: leave it


def talk(counter: Counter, session: Session) -> None:
    """Until the agent has enough."""
    while True:
        rows = waiting_now(counter.database, session.settings, session.now())
        heading(word("desk.title", agent=counter.agent.number, count=len(rows)))
        print_waiting(rows, session.now(), numbered=True)
        said = asked(word("desk.pick"))
        if said is None or said.lower() in END:
            return
        if not said:
            continue
        handle = rows[int(said) - 1].handle if said.isdecimal() and 0 < int(said) <= len(rows) else said
        try:
            matter(counter, target_in(counter.database, handle), session)
        except Trouble as trouble:
            complain(str(trouble))


def matter(counter: Counter, target: Target, session: Session) -> None:
    """One matter until something is decided on it, or the agent goes back to the list."""
    look, first = None, True
    while True:
        if look is None:
            look = looked_at(counter.database, target, session)
            print_look(look, session, with_message=first)
            first = False
        line()
        kind = "order" if target.serial else "call" if is_call(target) else "message"
        said = asked(word(f"desk.choose.{kind}"))
        if not said or said.lower() in END:
            return
        act = POSSIBLE[kind].get(said.lower())
        if act is None:
            complain(word("desk.no_such", said=said))
            continue
        try:
            turn = act(Sight(Hand(counter, target, seen=seen_in(look)), look))
        except Trouble as trouble:
            complain(str(trouble))
            turn = AGAIN if trouble.code == TEMPORARY else STILL  # somebody else was quicker: see what it is now
        if turn is OVER:
            return
        look = None if turn is AGAIN else look


def is_call(target: Target) -> bool:
    """Whether it is a call."""
    return target.handle.startswith("c")


def seen_in(look: Look) -> Seen | None:
    """State and revision as the agent saw them."""
    if look.story is None:
        return None
    state: OrderState = look.story.order["state"]
    return state, look.story.order["revision"]


# --- what an agent can do ---------------------------------------------------------------------------------------------

OVER, AGAIN, STILL = "over", "again", "still"  # back to the list; look at it anew; nothing was done


@dataclass(frozen=True, slots=True)
class Sight:
    """What the agent looks at, and his hand on it."""

    hand: Hand
    look: Look


Turn = Callable[[Sight], str]


def on_a_word(question: str, act: Callable[[Hand, str], None], turn: str, needed: bool = True) -> Turn:
    """An act that wants one answer first; without it nothing is done, but where it may be empty."""

    def step(sight: Sight) -> str:
        said = asked(word(question))
        if said is None or said == NOTHING or (needed and not said):
            return STILL
        act(sight.hand, said)
        return turn

    return step


def let_go(sight: Sight) -> str:
    """Confirm; where a field or the area is open, only on a second word."""
    anyway, area, look = False, None, sight.look
    if look.story and look.story.revisions[-1][2]:
        anyway = agreed(word("desk.confirm_open"))
        if not anyway:
            return STILL
    if look.story and not look.story.order["area"]:
        area = asked(word("desk.which_area", areas=", ".join(sight.hand.counter.house.areas)))
        if not area:
            return STILL
    desk_acts.confirm(sight.hand, area, anyway)
    return OVER


def shipper_asked(sight: Sight) -> str:
    """Ask: the draft, the agent's own words in its place, or nothing."""
    draft = ""
    try:
        draft = desk_acts.draft(sight.hand, "")
        line(visible(draft))
    except Trouble as trouble:
        line(str(trouble))
    text = asked(word("desk.own_words"))
    if text == EDIT:
        text = desk_acts.own_part(sight.hand, edited(draft) or "") or NOTHING
    if text is None or text == NOTHING:
        line(word("desk.not_sent"))
        return STILL
    desk_acts.ask(sight.hand, text, yes=True)
    return OVER


def put_together(sight: Sight) -> str:
    """Join another order to this one."""
    other = asked(word("desk.which_other"))
    if not other or not agreed(word("desk.join_it", other=order_in(sight.hand.counter.database, other).serial)):
        return STILL
    desk_acts.join(sight.hand, other)
    return AGAIN


def taken_apart(sight: Sight) -> str:
    """Make some of the goods an order of their own."""
    said = asked(word("desk.which_goods"))
    lines = [int(figure) for figure in re.findall(r"\d{1,3}", said or "")]
    if not lines:
        return STILL
    desk_acts.split(sight.hand, lines)
    return AGAIN


HAND_OVER = on_a_word("desk.to_whom", desk_tasks.assign, OVER)
CLOSE = on_a_word("desk.done_note", desk_tasks.close, OVER, needed=False)
POSSIBLE: dict[str, dict[str, Turn]] = {
    "order": {
        "c": let_go,
        "a": shipper_asked,
        "s": on_a_word("desk.field_value", lambda hand, given: desk_acts.put(hand, [given]), AGAIN),
        "r": on_a_word("desk.reason", desk_acts.refuse, OVER),
        "j": put_together,
        "p": taken_apart,
        "n": on_a_word("desk.note", desk_tasks.note, STILL),
        "t": on_a_word("desk.call_why", desk_tasks.call, STILL),
        "g": HAND_OVER,
        "d": CLOSE,
    },
    "message": {"g": HAND_OVER, "d": CLOSE},
    "call": {"d": on_a_word("desk.outcome", desk_tasks.called, OVER, needed=False), "g": HAND_OVER},
}
