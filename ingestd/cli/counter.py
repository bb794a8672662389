"""The desk as an agent stands at it from the command line: who he is, what he names, and how an act ends."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingestd.cli.output import json_line, line
from ingestd.cli.reasons import told
from ingestd.cli.session import Session
from ingestd.cli.trouble import TEMPORARY, WRONG_USE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ingestd.domain.decision import Decision
    from ingestd.pipeline.acting import Counter
    from ingestd.store.database import Database

STAFF = "INGESTD_STAFF"
HANDLE = re.compile(r"[mcr][0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Target:
    """What an act is about: an order by its serial, else a message, review or call by its number."""

    handle: str
    serial: str | None = None
    order_id: int | None = None

    @property
    def number(self) -> int:
        """The number behind the letter."""
        return int(self.handle[1:])


@contextmanager
def counter_of(session: Session, staff: str | None) -> Iterator[Counter]:
    """The desk for one agent; raises Trouble where nobody of that number works here."""
    from ingestd.calendar.checking import checking_clock
    from ingestd.checks.acts import Agent
    from ingestd.checks.house import house_of
    from ingestd.composing.composer import Composer
    from ingestd.composing.drafts import Press
    from ingestd.config.settings import Mode
    from ingestd.daemon.secret import site_secret
    from ingestd.domain.keys import Keys
    from ingestd.pipeline.acting import Counter

    configuration = session.configuration
    house, site = house_of(configuration), configuration.settings.site
    agent = Agent(known_staff(staff, house.numbers))
    keys = Keys(site_secret(site))
    press = Press(Composer(configuration.search("templates"), site, configuration.settings.work_order_sms), keys, site)
    clock, shadow = checking_clock(configuration.settings), site.mode is Mode.SHADOW
    with session.database() as database:
        yield Counter(database, session.now, house, press, keys, clock, agent, shadow)


def known_staff(staff: str | None, known: Any) -> str:
    """A staff number that is in the roster; raises Trouble."""
    number = (staff or os.environ.get(STAFF) or "").strip()
    if not number:
        raise Trouble(word("desk.who"), WRONG_USE)
    if number not in known:
        raise Trouble(word("desk.unknown_staff", number=number), WRONG_USE)
    return number


def target_of(connection: Connection, named: str) -> Target:
    """What was named: `m12`, `c3`, or an order by its serial or last digits; raises Trouble."""
    from ingestd.store.views import orders_ending

    if HANDLE.fullmatch(named):
        return Target(named)
    found = orders_ending(connection, named)
    if len(found) != 1:
        several = ", ".join(row["serial"] for row in found)
        unclear = word("orders.several", digits=named, serials=several)
        raise Trouble(unclear if found else word("desk.unknown", named=named))
    return Target(found[0]["serial"], found[0]["serial"], found[0]["id"])


def target_in(database: Database, named: str) -> Target:
    """The same, with a look of its own at the database."""
    with database.read() as connection:
        return target_of(connection, named)


def order_in(database: Database, named: str) -> Target:
    """An order that was named; raises Trouble where it is something else."""
    target = target_in(database, named)
    if target.serial is None:
        raise Trouble(word("desk.no_order", named=named), WRONG_USE)
    return target


@contextmanager
def acting() -> Iterator[None]:
    """What goes wrong with an act, as trouble that a person understands."""
    from ingestd.checks.acts import NotPossibleError
    from ingestd.checks.correcting import WrongValueError
    from ingestd.store.orders import OrderMovedOnError

    try:
        yield
    except OrderMovedOnError as error:
        raise Trouble(word("desk.moved_on"), TEMPORARY) from error
    except NotPossibleError as error:
        raise Trouble(word(f"desk.cannot.{error.why}", about=about_in_words(error.why, error.about))) from error
    except WrongValueError as error:
        field = term("field", error.field)
        raise Trouble(word(f"desk.wrong.{error.what}", field=field, value=error.value), WRONG_USE) from error


def about_in_words(why: str, about: str) -> str:
    """What a refusal is about: a state, fields, or reasons."""
    if why == "state":
        return term("order_state", about)
    if why == "incomplete":
        return ", ".join(term("field", field) for field in about.split("; "))
    return told(about) if why == "blocked" else about


def tell(done: Decision, serial: str, act: str, as_json: bool, **told_more: str) -> None:
    """What an act did: the order, and what goes out for it."""
    sent = sendings(done)
    if as_json:
        json_line({"order": serial, "act": act, "sendings": sent, **told_more})
        return
    line(word(f"desk.done.{act}", serial=serial, **told_more))
    for one in sent:
        purpose, channel = term("purpose", one["purpose"]), term("channel", one["channel"])
        line("  " + word("desk.leaves", purpose=purpose, channel=channel, recipient=one["recipient"]))


def sendings(done: Decision) -> list[dict[str, str]]:
    """What goes out, for programs."""
    return [{"purpose": w.purpose, "channel": w.channel, "recipient": w.recipient} for w in done.wanted]
