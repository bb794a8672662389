"""`ingestd desk apply|cancel|report|release`: an agent's hand in the life of a confirmed order. All raise Trouble."""

from __future__ import annotations

from typing import Annotated

import typer

from ingestd.cli.counter import Hand, tell
from ingestd.cli.trouble import WRONG_USE, Trouble
from ingestd.cli.words import word

Letter = Annotated[str, typer.Argument(help=word("help.message_id"), metavar="MESSAGE")]
Reason = Annotated[str, typer.Option(help=word("help.cancel_reason"), metavar="TEXT")]
Kind = Annotated[str, typer.Argument(help=word("help.report_kind"), metavar="WHAT")]
When = Annotated[str, typer.Option("--at", help=word("help.report_at"), metavar="TIME")]
Note = Annotated[str, typer.Option("--note", help=word("help.report_note"), metavar="TEXT")]
Plate = Annotated[str, typer.Option("--plate", help=word("help.report_plate"), metavar="PLATE")]


def apply(hand: Hand, message: Letter) -> None:
    """Put what a message says into an order: a change letter that was checked, a change that named no order."""
    from ingestd.checks.acts import applied_message

    number = message.removeprefix("m")
    said = hand.counter.said_in(int(number)) if number.isdecimal() else None
    if said is None:
        raise Trouble(word("desk.says_no_order", named=message), WRONG_USE)
    done = hand.act(lambda orders, deciding: applied_message(orders[0], said, hand.agent, deciding))
    tell(hand, done, "applied", named=message)


def cancel(hand: Hand, reason: Reason) -> None:
    """Call an order off before its pickup; who has its work order is told at once, and the shipper."""
    from ingestd.checks.acts import called_off

    tell(hand, hand.act(lambda orders, deciding: called_off(orders[0], hand.agent, reason, deciding)), "cancelled")


def report(hand: Hand, kind: Kind, at: When = "", note: Note = "", plate: Plate = "") -> None:
    """Write down what somebody told of an order by phone: that it is picked up, delivered, and so on."""
    from ingestd.checks.acts import reported
    from ingestd.checks.correcting import at as moment_of
    from ingestd.checks.reporting import HAPPENED, MOVES
    from ingestd.cli.counter import acting
    from ingestd.domain.reading import Details, Driver

    known = dict.fromkeys((*MOVES, *HAPPENED, "declined", "waiting"))
    if kind not in known:
        raise Trouble(word("usage.state", given=kind, known=", ".join(known)), WRONG_USE)
    with acting():
        when = moment_of("pickup.from", at, hand.counter.speech()) if at else None
    driver = Driver(plate=plate) if plate else None
    told = Details(report=kind, at=when, reason=note or None, driver=driver)
    tell(hand, hand.act(lambda orders, deciding: reported(orders[0], hand.agent, kind, told, deciding)), "reported")


def release(hand: Hand) -> None:
    """Let held goods go at the shipper's word; who has them is told at once."""
    from ingestd.checks.acts import let_go

    tell(hand, hand.act(lambda orders, deciding: let_go(orders[0], hand.agent, deciding)), "released")
