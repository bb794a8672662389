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


def field_set(sight: Sight) -> str:
    """Correct a field; the matter is shown again."""
    given = asked(word("desk.field_value"))
    if not given:
        return STILL
    desk_acts.put(sight.hand, [given])
    return AGAIN


def turned_down(sight: Sight) -> str:
    """Refuse with a reason."""
    reason = asked(word("desk.reason"))
    if not reason:
        return STILL
    desk_acts.refuse(sight.hand, reason)
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


def remarked(sight: Sight) -> str:
    """Write a remark."""
    text = asked(word("desk.note"))
    if not text:
        return STILL
    desk_tasks.note(sight.hand, text)
    return STILL


def call_wanted(sight: Sight) -> str:
    """Somebody is to be phoned."""
    reason = asked(word("desk.call_why"))
    if not reason:
        return STILL
    desk_tasks.call(sight.hand, reason)
    return STILL


def handed(sight: Sight) -> str:
    """Put it into somebody's hands."""
    number = asked(word("desk.to_whom"))
    if not number:
        return STILL
    desk_tasks.assign(sight.hand, number)
    return OVER


def closed(sight: Sight) -> str:
    """Nothing more is to be done."""
    text = asked(word("desk.done_note"))
    if text is None or text == NOTHING:
        return STILL
    desk_tasks.close(sight.hand, text)
    return OVER


def call_made(sight: Sight) -> str:
    """The call was made."""
    outcome = asked(word("desk.outcome"))
    if outcome is None or outcome == NOTHING:
        return STILL
    desk_tasks.called(sight.hand, outcome)
    return OVER


POSSIBLE: dict[str, dict[str, Turn]] = {
    "order": {
        "c": let_go, "a": shipper_asked, "s": field_set, "r": turned_down, "j": put_together, "p": taken_apart,
        "n": remarked, "t": call_wanted, "g": handed, "d": closed,
    },
    "message": {"g": handed, "d": closed},
    "call": {"d": call_made, "g": handed},
}  # fmt: skip
