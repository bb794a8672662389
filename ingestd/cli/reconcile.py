"""`ingestd reconcile`: proves that nothing is lost by comparing mailbox, store and outbox; it only looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.output import Column, heading, json_line, line, moment, pairs, table
from ingestd.cli.session import session_of
from ingestd.cli.trouble import FINE, TROUBLE
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from ingestd.cli.session import Session
    from ingestd.pipeline.reconciling import FolderCount, Look
    from ingestd.store.database import Database
    from ingestd.store.ledger import Books, Discrepancy


EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """All that was compared; field names are the JSON keys."""

    folders: tuple[FolderCount, ...]
    books: Books
    discrepancies: tuple[Discrepancy, ...]


def reconcile(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help=word("help.since"), metavar="WHEN")] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Compare mailbox, store and outbox; 1 where something does not add up."""
    from ingestd.cli.replay import moment_of
    from ingestd.pipeline.reconciling import Look

    session = session_of(context)
    now = session.now()
    look = Look(now, moment_of(since, session) if since else EVER)
    with session.database() as database:
        found = compared(session, database, look)
    if as_json:
        json_line(found)
    else:
        print_found(found, session)
    return TROUBLE if found.discrepancies else FINE


def compared(session: Session, database: Database, look: Look) -> Reconciled:
    """The mailboxes first, then the books: what came in meanwhile is in both."""
    from ingestd.pipeline.reconciling import Compared, compare_account
    from ingestd.store.ledger import books

    found = [one for imap in session.settings.imap for one in compare_account(imap, database, look)]
    with database.read() as connection:
        kept = books(connection, session.now(), look.since)
    seen = [one for one in found if isinstance(one, Compared)]
    amiss = [d for one in found for d in (one.missing if isinstance(one, Compared) else (one,))]
    return Reconciled(tuple(one.count for one in seen), kept, (*amiss, *kept.discrepancies))


def print_found(found: Reconciled, session: Session) -> None:
    """The counts, and a line for each thing that is amiss with what will become of it."""
    if found.folders:
        print_folders(found.folders)
        line()
    pairs(count_lines(found.books))
    if not found.discrepancies:
        line()
        line(word("reconcile.fine"))
        return
    heading(word("reconcile.amiss", count=len(found.discrepancies)))
    table(
        [Column(word("column.since")), Column(word("column.what")), Column(word("column.detail"), wraps=True)],
        [(moment(d.since, session.zone), d.what, told(d)) for d in found.discrepancies],
    )


def told(found: Discrepancy) -> str:
    """What is amiss and what will become of it, in words."""
    said = term("discrepancy", found.kind)
    return f"{said}: {found.detail}" if found.detail else said


def print_folders(folders: Sequence[FolderCount]) -> None:
    """What each folder holds, by what is known of it."""
    titles = ("mails", "stored", "by_content", "baseline", "on_the_way")
    table(
        [Column(word("column.account")), *(Column(word(f"reconcile.{title}"), figures=True) for title in titles)],
        [(f"{f.account}/{f.folder}", *(getattr(f, title) for title in titles)) for f in folders],
    )


def count_lines(books: Books) -> Iterator[tuple[str, str]]:
    """How many messages, orders and sendings are in each state."""
    for noun, by_state, states in (
        ("messages", books.messages, "message_state"),
        ("orders", books.orders, "order_state"),
        ("sendings", books.sendings, "sending_state"),
    ):
        told_states = ", ".join(f"{term(states, state)} {count}" for state, count in sorted(by_state.items()))
        yield word(f"status.{noun}"), told_states or word("value.none")
