"""The desk as an agent stands at it from the command line: who he is, what he names, and how an act ends."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestd.cli.output import json_line, line
from ingestd.cli.reasons import told
from ingestd.cli.session import Session
from ingestd.cli.trouble import TEMPORARY, WRONG_USE, Trouble
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ingestd.checks.acts import Agent
    from ingestd.checks.correcting import WrongValueError
    from ingestd.checks.house import House
    from ingestd.domain.assessment import Assessment
    from ingestd.domain.decision import Decision
    from ingestd.domain.order import OrderState
    from ingestd.domain.reading import Problem
    from ingestd.pipeline.acting import Counter, Make, Seen
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


@dataclass(frozen=True, slots=True)
class Hand:
    """One act under way: at which counter, on what, as the agent saw it, and for whom it is told."""

    counter: Counter
    target: Target
    as_json: bool = False
    seen: Seen | None = None
    unseen: bool = True  # he may not know what another agent has just done

    @property
    def agent(self) -> Agent:
        """Who acts."""
        return self.counter.agent

    @property
    def serial(self) -> str:
        """The serial of the order that it is about."""
        assert self.target.serial is not None
        return self.target.serial

    def act(self, make: Make, *others: Target) -> Decision:
        """Act on the order, and others beside it; raises Trouble."""
        serials = [self.serial, *(str(other.serial) for other in others)]
        with acting():
            return self.counter.act(serials, make, self.seen, self.unseen)


@contextmanager
def counter_of(session: Session, staff: str | None) -> Iterator[Counter]:
    """The desk for one agent; raises Trouble where nobody of that number works at it."""
    from ingestd.calendar.checking import checking_clock
    from ingestd.checks.acts import Agent
    from ingestd.checks.house import house_of
    from ingestd.composing.composer import Composer
    from ingestd.composing.drafts import Press
    from ingestd.config.settings import Mode
    from ingestd.daemon.secret import site_secret
    from ingestd.domain.keys import Keys
    from ingestd.pipeline.acting import Counter
    from ingestd.store.restored import life_of

    configuration = session.configuration
    house, site = house_of(configuration), configuration.settings.site
    agent = Agent(desk_member((staff or os.environ.get(STAFF) or "").strip(), house))
    composer = Composer(configuration.search("templates"), site, configuration.settings.work_order_sms)
    clock, shadow = checking_clock(configuration.settings), site.mode is Mode.SHADOW
    with session.database() as database:
        with database.read() as connection:
            keys = Keys(site_secret(site), life_of(connection))
        press = Press(composer, keys, site)
        yield Counter(database, session.now, house, press, keys, clock, agent, shadow, configuration.search("parsers"))


def desk_member(number: str, house: House) -> str:
    """A staff number of somebody who works at the desk; raises Trouble that says whose it is otherwise."""
    if not number:
        raise Trouble(word("desk.who"), WRONG_USE)
    staff = house.numbers.get(number)
    if staff is None:
        raise Trouble(word("desk.unknown_staff", number=number), WRONG_USE)
    roles = house.settings.desk.roles
    if staff.role not in roles:
        theirs, needed = term("role", staff.role), ", ".join(term("role", role) for role in roles)
        raise Trouble(word("desk.not_of_desk", number=number, name=staff.name, role=theirs, needed=needed), WRONG_USE)
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
        raise Trouble(wrong_in_words(error), WRONG_USE) from error


def wrong_in_words(error: WrongValueError) -> str:
    """What a field can't take, and what would be right."""
    value = error.value
    if error.what == "choice":
        names = {code: term(error.field, code) for code in error.value.split(", ")}
        value = ", ".join(code if code == name else f"{code} ({name})" for code, name in names.items())
    return word(f"desk.wrong.{error.what}", field=term("field", error.field), value=value)


def about_in_words(why: str, about: str) -> str:
    """What a refusal is about: a state, fields, or reasons."""
    if why == "state":
        return term("order_state", about)
    if why == "incomplete":
        return ", ".join(term("field", field) for field in about.split("; "))
    return told(about) if why == "blocked" else about


def tell(hand: Hand, done: Decision, act: str, **told_more: str) -> None:
    """What an act did: the order, what the checks made of it where it was changed, and what goes out for it."""
    if hand.as_json:
        json_line({"order": hand.serial, "act": act, "sendings": sendings(done), **told_more, **judged(hand, done)})
        return
    line(word(f"desk.done.{act}", serial=hand.serial, **told_more))
    tell_leaving(done)


def tell_leaving(done: Decision) -> None:
    """What goes out."""
    for one in sendings(done):
        purpose, channel = term("purpose", one["purpose"]), term("channel", one["channel"])
        line("  " + word("desk.leaves", purpose=purpose, channel=channel, recipient=one["recipient"]))
    for call in done.calls:
        line("  " + word("desk.to_phone", name=call.name, phone=call.phone, reason=told(call.reason)))


def judged(hand: Hand, done: Decision) -> dict[str, object]:
    """What the checks made of an order's new revision, for programs."""
    mine = [c for c in done.changes if c.order.serial == hand.serial and c.content is not None]
    return verdict(mine[0].state, mine[0].problems, mine[0].assessment) if mine else {}


def verdict(state: OrderState, problems: Sequence[Problem], assessment: Assessment) -> dict[str, object]:
    """An order's state, its open fields and what was found, for programs."""
    found = [{"check": hit.rule, "finding": hit.finding, "saw": hit.saw} for hit in assessment.hits]
    return {"state": state, "open": [problem.field for problem in problems], "findings": found}


def told_over(hand: Hand, target: Target, act: str, **told_more: str) -> None:
    """Say that an act from which nothing goes out is done."""
    if hand.as_json:
        json_line({"handle": target.handle, "order": target.serial, "act": act, **told_more})
    else:
        line(word(f"desk.done.{act}", serial=target.serial or target.handle, handle=target.handle, **told_more))


def sendings(done: Decision) -> list[dict[str, str]]:
    """What goes out, for programs."""
    return [{"purpose": w.purpose, "channel": w.channel, "recipient": w.recipient} for w in done.wanted]
