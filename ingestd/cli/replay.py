"""`ingestd replay`: what today's or other rules would make of what came in; nothing is written, nothing is sent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ingestd.cli.content import field_of
from ingestd.cli.output import Column, heading, json_line, line, moment, table
from ingestd.cli.reasons import told
from ingestd.cli.session import Session, session_of
from ingestd.cli.trouble import CONFIGURATION, FINE, TROUBLE, WRONG_USE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from ingestd.checks.outcome import Difference
    from ingestd.config.load import Configuration
    from ingestd.pipeline.replaying import Replayed, Rules

SPAN = re.compile(r"(\d{1,5})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
WORTH_A_WORKER = 50  # messages: to come up takes one about a second
WITHIN_ORDER = re.compile(r"orders\[(\d+)\]\.(.+)")


def replay(  # noqa: PLR0913  an option each
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help=word("help.since"), metavar="WHEN")] = None,
    parsers: Annotated[Path | None, typer.Option(help=word("help.replay_parsers"), metavar="DIR")] = None,
    config: Annotated[Path | None, typer.Option("--config", help=word("help.replay_config"), metavar="DIR")] = None,
    limit: Annotated[int | None, typer.Option(help=word("help.replay_limit"), metavar="N", min=1)] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Print what would differ; 1 where something does, or can't be read or decided on any more."""
    from ingestd.pipeline.replaying import replay as gone_through
    from ingestd.store.history import newest

    session = session_of(context)
    start = moment_of(since, session) if since else None
    with session.database() as database:
        with database.read() as connection:
            wanted = newest(connection, start, limit)
        with rules_of(session, (parsers, config), len(wanted)) as rules:
            found = list(gone_through(database, wanted, rules)) if wanted else []
    if as_json:
        json_line(as_object(found))
    else:
        print_all(found, session.zone)
    return TROUBLE if any(differs(one) for one in found) else FINE


def moment_of(said: str, session: Session) -> datetime:
    """A date or time in the site's zone, or a span back from now; raises Trouble."""
    if span := SPAN.fullmatch(said):
        return session.now() - timedelta(**{UNITS[span[2]]: int(span[1])})
    try:
        at = datetime.fromisoformat(said)
    except ValueError as error:
        raise Trouble(word("replay.bad_since", given=said), WRONG_USE) from error
    return at if at.tzinfo else at.replace(tzinfo=session.zone)


@contextmanager
def rules_of(session: Session, folders: tuple[Path | None, Path | None], messages: int) -> Iterator[Rules]:
    """The rules in these folders of parsers and configuration, with workers that read by them; raises Trouble."""
    from ingestd.checks.house import house_of
    from ingestd.config.shipped import shipped
    from ingestd.parsing.definitions import load_definitions
    from ingestd.pipeline.replaying import Rules
    from ingestd.reading_pool import reading_pool

    parsers, config = folders
    for folder in folders:
        if folder is not None and not folder.is_dir():
            raise Trouble(word("replay.no_folder", folder=folder), CONFIGURATION)
    configuration = configuration_in(config) if config else session.configuration
    search = (parsers, shipped("parsers")) if parsers else configuration.search("parsers")
    definitions, reader = load_definitions(search), configuration.settings.reader
    workers = min(reader.workers, 1 + messages // WORTH_A_WORKER)
    pool = reading_pool(definitions, workers, reader.memory_mb)
    try:
        yield Rules(house_of(configuration), pool)
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble types half of itself
        pool.join()


def configuration_in(folder: Path) -> Configuration:
    """The configuration in a folder, by its files alone: the environment is the site's."""
    from ingestd.config.load import load

    return load(folder / "ingestd.toml", {})


def differs(one: Replayed) -> bool:
    """Whether there is something to look at."""
    return bool(one.differences or one.failure)


# --- for programs -----------------------------------------------------------------------------------------------------


def as_object(found: Sequence[Replayed]) -> dict[str, Any]:
    """How many are the same, and each that is not."""
    return {
        "messages": len(found),
        "same": sum(not differs(one) for one in found),
        "differ": sum(bool(one.differences) for one in found),
        "failed": sum(bool(one.failure) for one in found),
        "kinds": counted(found),
        "differences": [replayed_object(one) for one in found if differs(one)],
    }


def replayed_object(one: Replayed) -> dict[str, Any]:
    """One message that would come out otherwise."""
    facts = one.message.facts
    return {
        "message": facts.message_id,
        "arrived_at": facts.arrived_at,
        "sender": one.message.row["sender"],
        "serials": one.serials,
        "failure": one.failure,
        "changes": one.differences,
    }


def counted(found: Sequence[Replayed]) -> dict[str, int]:
    """In how many messages there is a difference of each kind, zeros too, so that programs find every key."""
    from ingestd.checks.outcome import KINDS

    counts = Counter(kind for one in found for kind in {d.kind for d in one.differences})
    return {kind: counts[kind] for kind in KINDS}


# --- for people -------------------------------------------------------------------------------------------------------


def print_all(found: Sequence[Replayed], zone: ZoneInfo) -> None:
    """Each message that would come out otherwise, then how many there are."""
    for one in found:
        if differs(one):
            print_one(one, zone)
    if not found:
        line(word("replay.no_messages"))
        return
    whole = as_object(found)
    if whole["same"] == whole["messages"]:
        line(word("replay.same", messages=whole["messages"]))
        return
    failed = word("replay.failed", failed=whole["failed"]) if whole["failed"] else ""
    line()
    line(word("replay.differ", messages=whole["messages"], same=whole["same"], differ=whole["differ"]) + failed)
    counts = ", ".join(f"{term('difference', kind)} {n}" for kind, n in whole["kinds"].items() if n)
    if counts:
        line(word("replay.kinds", counts=counts))


def print_one(one: Replayed, zone: ZoneInfo) -> None:
    """What would differ of one message."""
    at, sender = moment(one.message.facts.arrived_at, zone), one.message.row["sender"] or word("value.unknown")
    heading(word("replay.message", id=one.message.message_id, at=at, sender=sender))
    if one.serials:
        line("  " + word("replay.orders", serials=", ".join(one.serials)))
    if one.failure:
        line("  " + one.failure)
    if one.differences:
        titles = ("", word("replay.before"), word("replay.after"))
        columns = [Column(title, wraps=True) for title in titles]
        table(columns, [(label(d), shown(d, d.before), shown(d, d.after)) for d in one.differences], 2)


def label(difference: Difference) -> str:
    """What differs, in words."""
    kind, path = difference.kind, difference.path
    if kind == "value" and (found := WITHIN_ORDER.fullmatch(path)):
        number = f" {int(found[1]) + 1}" if found[1] != "0" else ""
        return term("field", field_of(found[2])) + number
    if path not in ("intent", "orders", "reasons"):
        return f"{term('difference', kind)} ({word('replay.of_message') if path == 'message' else path})"
    return term("difference", kind)


def shown(difference: Difference, value: Any) -> str:
    """One side of a difference, in words where there are any."""
    if value in (None, []):
        return word("value.none")
    if isinstance(value, list):
        return "; ".join(listed(difference, part) for part in value)
    return term(group_of(difference), value) if isinstance(value, str) else str(value)


def listed(difference: Difference, part: Any) -> str:
    """One of the values of a list."""
    if difference.kind == "reasons":
        return told(part)
    if difference.kind == "charges":
        return str(part).replace("freight", term("field", "freight"))
    return str(part)


def group_of(difference: Difference) -> str:
    """The group of words that a value's code belongs to; of what is no code, one that does not know it."""
    if difference.kind == "state":
        return "message_state" if difference.path == "message" else "order_state"
    return "intent" if difference.kind == "intent" else field_of(difference.path.partition("].")[2])
