"""`ingestd desk` as a conversation: the list, a number, the matter, a letter for what to do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from ingestd.cli.counter import Target, target_in
from ingestd.cli.desk import Going, ask, confirm, draft, put, refuse
from ingestd.cli.desk_look import Look, looked_at, print_look, print_waiting, waiting_now
from ingestd.cli.desk_tasks import assign, called, close, note
from ingestd.cli.output import complain, heading, line, visible
from ingestd.cli.trouble import Trouble
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.cli.session import Session
    from ingestd.domain.order import OrderState
    from ingestd.pipeline.acting import Counter, Seen

END = ("q", "quit", "exit")


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
        handle = rows[int(said) - 1].handle if said.isdigit() and 0 < int(said) <= len(rows) else said
        try:
            matter(counter, target_in(counter.database, handle), session)
        except Trouble as trouble:
            complain(str(trouble))


def matter(counter: Counter, target: Target, session: Session) -> None:
    """One matter until something is decided on it, or the agent goes back to the list."""
    while True:
        look = looked_at(counter.database, target, session)
        print_look(look, session)
        acts = possible(target)
        line()
        kind = "order" if target.serial else "call" if is_call(target) else "message"
        said = asked(word(f"desk.choose.{kind}"))
        if not said or said.lower() in END:
            return
        act = acts.get(said[0].lower())
        if act is None:
            continue
        try:
            if act(counter, target, look):
                return
        except Trouble as trouble:
            complain(str(trouble))


Act = Callable[["Counter", Target, Look], bool]  # whether the matter is done with


def possible(target: Target) -> dict[str, Act]:
    """What can be done, by its letter."""
    if is_call(target):
        return {"d": call_made, "g": handed}
    always: dict[str, Act] = {"g": handed, "d": closed}
    if target.serial is None:
        return always
    return always | {"c": let_go, "a": shipper_asked, "s": field_set, "r": turned_down, "n": remarked}


def is_call(target: Target) -> bool:
    """Whether it is a call."""
    return target.handle.startswith("c")


def seen_in(look: Look) -> Seen | None:
    """State and revision as the agent saw them."""
    if look.story is None:
        return None
    state: OrderState = look.story.order["state"]
    return state, look.story.order["revision"]


def let_go(counter: Counter, target: Target, look: Look) -> bool:
    """Confirm; where a field or the area is open, only on a second word."""
    anyway, area = False, None
    if look.story and look.story.revisions[-1][2]:
        anyway = typer.confirm(word("desk.confirm_open"), default=False)
        if not anyway:
            return False
    if look.story and not look.story.order["area"]:
        area = asked(word("desk.which_area", areas=", ".join(counter.house.areas))) or None
    confirm(counter, target, Going(area, anyway), seen=seen_in(look))
    return True


def shipper_asked(counter: Counter, target: Target, look: Look) -> bool:
    """Ask: the draft, the agent's own words in its place, or nothing."""
    try:
        line(visible(draft(counter, target, "")))
    except Trouble as trouble:
        line(str(trouble))
    text = asked(word("desk.own_words"))
    if text is None or text == "-":
        return False
    ask(counter, target, text, seen=seen_in(look))
    return True


def field_set(counter: Counter, target: Target, look: Look) -> bool:
    """Correct a field; the matter is shown again."""
    given = asked(word("desk.field_value"))
    if given:
        put(counter, target, [given], seen=seen_in(look))
    return False


def turned_down(counter: Counter, target: Target, look: Look) -> bool:
    """Refuse with a reason."""
    reason = asked(word("desk.reason"))
    if not reason:
        return False
    refuse(counter, target, reason, seen=seen_in(look))
    return True


def remarked(counter: Counter, target: Target, _: Look) -> bool:
    """Write a remark."""
    text = asked(word("desk.note"))
    if text:
        note(counter, target, text)
    return False


def handed(counter: Counter, target: Target, _: Look) -> bool:
    """Put it into somebody's hands."""
    number = asked(word("desk.to_whom"))
    if not number:
        return False
    assign(counter, target, number)
    return True


def closed(counter: Counter, target: Target, _: Look) -> bool:
    """Nothing more is to be done."""
    close(counter, target, asked(word("desk.note")) or "")
    return True


def call_made(counter: Counter, target: Target, _: Look) -> bool:
    """The call was made."""
    called(counter, target, asked(word("desk.outcome")) or "")
    return True


def asked(question: str) -> str | None:
    """What the agent answers; None where he has gone."""
    try:
        said: str = typer.prompt(question, default="", show_default=False, prompt_suffix=" ")
    except (typer.Abort, EOFError, KeyboardInterrupt):
        return None
    return said.strip()
