"""`ingestd desk confirm|ask|set|refuse|join|split`: what an agent decides on an order. All raise Trouble."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ingestd.cli.counter import Hand, acting, order_in, tell
from ingestd.cli.output import line, visible
from ingestd.cli.trouble import TROUBLE, Trouble
from ingestd.cli.words import word

Area = Annotated[str | None, typer.Option(help=word("help.area"), metavar="NAME")]
Anyway = Annotated[bool, typer.Option("--anyway", metavar="", help=word("help.anyway"))]
Text = Annotated[str, typer.Option(help=word("help.ask_text"), metavar="TEXT")]
Yes = Annotated[bool, typer.Option("--yes", metavar="", help=word("help.yes"))]
Fields = Annotated[list[str], typer.Argument(help=word("help.set_fields"), metavar="FIELD=VALUE")]
Reason = Annotated[str, typer.Option(help=word("help.refusal"), metavar="TEXT")]
Other = Annotated[str, typer.Argument(help=word("help.join_other"), metavar="OTHER")]
Lines = Annotated[list[int], typer.Option("--goods", help=word("help.split_goods"), metavar="N")]


def confirm(hand: Hand, area: Area = None, anyway: Anyway = False) -> None:
    """Let an order go out as it stands: to its area, or the one that is named; with open fields only anyway."""
    from ingestd.checks.acts import confirmed

    tell(hand, hand.act(lambda orders, deciding: confirmed(orders[0], hand.agent, area, anyway, deciding)), "confirmed")


def ask(hand: Hand, text: Text = "", yes: Yes = False) -> None:
    """Ask the shipper, by the draft or in other words; a person sees it first."""
    from ingestd.checks.acts import asked

    if not (yes or hand.as_json):
        line(visible(draft(hand, text)))
        if not sys.stdin.isatty():
            raise Trouble(word("desk.say_yes"), TROUBLE)
        if not typer.confirm(word("desk.send_it")):
            raise Trouble(word("desk.not_sent"), TROUBLE)
    tell(hand, hand.act(lambda orders, deciding: asked(orders[0], hand.agent, text, deciding)), "asked")


def draft(hand: Hand, text: str) -> str:
    """The question as it would leave."""
    from ingestd.checks.acts import question
    from ingestd.cli.letter import letter_in
    from ingestd.store.known_orders import orders_by_serial

    counter = hand.counter
    with counter.database.read() as connection:
        order = orders_by_serial(connection, [hand.serial])[0]
    with acting():
        frozen = counter.shown(question(order, text, counter.deciding(counter.now())))
    return "\n".join(letter_in(one.channel, one.body).text.strip() for one in frozen)


def own_part(hand: Hand, text: str) -> str:
    """An edited draft without what every letter ends, or every text message begins with: that is put to it anew."""
    site = hand.counter.house.settings.site
    own = "\n".join(part.strip().removeprefix(f"【{site.signature}】") for part in text.splitlines())
    return own.strip().removeprefix(hand.serial).removesuffix(site.name).strip()


def put(hand: Hand, fields: Fields) -> None:
    """Correct fields of an order; what the checks find then is told."""
    from ingestd.checks.acts import corrected
    from ingestd.cli.desk_fields import split as named
    from ingestd.cli.desk_look import print_hits

    given = [named(text) for text in fields]
    speech = hand.counter.speech()
    done = hand.act(lambda orders, deciding: corrected(orders[0], hand.agent, given, speech, deciding))
    tell(hand, done, "corrected")
    if not hand.as_json:
        print_hits(done.changes[0].assessment.hits)


def refuse(hand: Hand, reason: Reason) -> None:
    """Do not carry an order, and tell the shipper why."""
    from ingestd.checks.acts import refused

    tell(hand, hand.act(lambda orders, deciding: refused(orders[0], hand.agent, reason, deciding)), "refused")


def join(hand: Hand, other: Other) -> None:
    """Put what another order says into this one, and call the other off."""
    from ingestd.checks.acts import joined_to

    second = order_in(hand.counter.database, other)
    done = hand.act(lambda orders, deciding: joined_to(orders[0], orders[1], hand.agent, deciding), second)
    tell(hand, done, "joined", other=str(second.serial))


def split(hand: Hand, lines: Lines) -> None:
    """Make some of an order's goods an order of their own."""
    from ingestd.checks.acts import parted

    done = hand.act(lambda orders, deciding: parted(orders[0], lines, hand.agent, deciding))
    tell(hand, done, "split", new=done.new_orders[0].serial)
