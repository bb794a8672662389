"""What the store knows of the messages at hand: everything a decision may concern, in a handful of queries a batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ingestd.checks.content import fingerprint
from ingestd.checks.house import House
from ingestd.checks.naming import serials_alone
from ingestd.checks.roster import depots_of, reports_for
from ingestd.domain.decision import Case, EarlierMail, KnownOrder, MessageFacts, Told
from ingestd.domain.keys import KEY_CHARACTERS, TOKEN_CHARACTERS
from ingestd.domain.order import TO_BE_PICKED_UP
from ingestd.domain.reading import Channel, Intent, Reading
from ingestd.store.known_orders import (
    bounced_keys,
    confirmed_counts,
    earlier_mails,
    entrusted_to,
    lately_of,
    namesakes_of,
    open_of,
    orders_by_serial,
    orders_by_token,
    orders_of_mails,
    twins_of,
)
from ingestd.store.superseded import with_handed
from ingestd.store.talk import asked_which, told_lately, with_one_more

TOKEN = re.compile(rf"(?<![0-9a-z])[0-9a-f]{{{TOKEN_CHARACTERS}}}(?![0-9a-z])")
SERIAL = re.compile(r"^\d{9,12}$")
TWIN_WINDOW = timedelta(hours=24)
CHANGING = (Intent.ORDER, Intent.AMENDMENT, Intent.CANCELLATION, Intent.CHANGE_LETTER)
ABOUT_OPEN = (*CHANGING[1:], Intent.CONFIRMATION, Intent.RELEASE)  # what is about an order that it need not name
ASKED_ABOUT_FOR = timedelta(days=30)  # what names no order is about one of these days
HEARD_OF_FOR = timedelta(days=3)  # somebody may report on an order that was called off
ANSWERED_WITHIN = timedelta(hours=12)  # bare serials answer our question which order was meant
MOST_REFERENCES = 50  # of one mail; more are somebody's game


@dataclass(frozen=True, slots=True)
class Item:
    """A message that was read and waits for its decision."""

    facts: MessageFacts
    reading: Reading
    strikes: int = 1  # attempts so far, this one included


@dataclass(frozen=True, slots=True)
class Pointers:
    """What a message points at."""

    ours: frozenset[str]  # keys of sendings of ours
    mails: frozenset[str]  # other Message-IDs it answers
    tokens: frozenset[str]
    serials: frozenset[str]
    customer: str | None
    dispatchers: frozenset[str]
    depots: frozenset[str]
    prints: frozenset[tuple[str, str]]  # (customer, fingerprint)
    names: frozenset[tuple[str, str]]  # (customer, what he calls an order)
    bounced: str | None
    own: str | None  # key in its own Message-ID

    @property
    def places_orders(self) -> bool:
        """Whether it says a customer's order, which is answered however often he writes."""
        return bool(self.prints)


def pointers(item: Item, house: House) -> Pointers:
    """Everything in a message that may name an order."""
    reading, envelope = item.reading, item.reading.envelope
    answered = [*envelope.in_reply_to, *envelope.references][-MOST_REFERENCES:]
    staff = house.colleague(reading.channel, reading.sender)
    numbers = reports_for(staff, house, item.facts.arrived_at) if staff else frozenset[str]()
    customer = None if staff else house.customer(reading.channel, reading.sender)
    placed = reading.orders if customer and reading.intent is Intent.ORDER else ()
    whose = customer.name if customer else ""
    returned = key_in(envelope.bounce.message_id, house) if envelope.bounce else None
    return Pointers(
        ours=frozenset(k for k in (key_in(m, house) for m in answered) if k),
        mails=frozenset(m for m in answered if not key_in(m, house)),
        tokens=frozenset(TOKEN.findall(envelope.subject.lower())),
        serials=frozenset(s for s in reading.refers_to if SERIAL.match(s)),
        customer=whose or None,
        dispatchers=numbers,
        depots=depots_of(numbers, house),
        prints=frozenset((whose, fingerprint(order)) for order in placed),
        names=frozenset((whose, name) for order in placed for name in order.called),
        bounced=returned,
        own=key_in(envelope.message_id, house),
    )


def is_about_open(reading: Reading) -> bool:
    """Whether a message may be about an order that it does not name."""
    return reading.intent in ABOUT_OPEN or reading.bare is not None


def key_in(message_id: str | None, house: House) -> str | None:
    """The key in a Message-ID of ours."""
    left, _, domain = (message_id or "").lower().rpartition("@")
    return left if domain == house.settings.site.domain.lower() and len(left) == KEY_CHARACTERS else None


def rounds(items: Sequence[Item], house: House) -> Iterator[list[Item]]:
    """The items in their order, cut so that none in a round could change what another in it is decided by.

    Plain new orders go together as long as no two are alike; whatever answers or names something goes alone.
    """
    group: list[Item] = []
    seen: set[object] = set()
    for item in items:
        points = pointers(item, house)
        marks: set[object] = {item.facts.core_hash, *points.prints, *points.names}
        if item.reading.envelope.message_id:
            marks.add(item.reading.envelope.message_id)
        if not points.places_orders:
            marks.add(("sender", item.reading.sender))  # what the first of them was told bears on the second
        plain = item.reading.intent in (Intent.ORDER, Intent.AUTOMATIC, Intent.OTHER) and not (
            points.ours or points.mails or points.tokens or points.serials or item.reading.bare
        )
        if group and (not plain or marks & seen):
            yield group
            group, seen = [], set()
        group.append(item)
        seen |= marks
        if not plain:
            yield group
            group, seen = [], set()
    if group:
        yield group


def cases_for(connection: Connection, items: Sequence[Item], house: House, now: datetime) -> list[Case]:
    """Each message with what the store knows of what it may concern."""
    points = [pointers(item, house) for item in items]
    counted = {c.name for c in house.tables.customer if c.confirmation == "first_orders"}
    mails = orders_of_mails(connection, union(p.ours for p in points), union(p.mails for p in points))
    named = by(
        orders_by_serial(connection, union(p.serials for p in points) | {s for found in mails.values() for s in found}),
        "serial",
    )
    tokens = by(orders_by_token(connection, union(p.tokens for p in points)), "token")
    writing = {p.customer for p, i in zip(points, items, strict=True) if p.customer and is_about_open(i.reading)}
    theirs = open_of(connection, writing, now - ASKED_ABOUT_FOR)
    asking = {
        p.customer for p, i in zip(points, items, strict=True) if p.customer and i.reading.intent is Intent.INQUIRY
    }
    lately = lately_of(connection, asking, now - ASKED_ABOUT_FOR)
    entrusted = entrusted_to(
        connection, union(p.dispatchers for p in points), union(p.depots for p in points), now - HEARD_OF_FOR
    )
    twins = twins_of(connection, union(p.prints for p in points), now - TWIN_WINDOW)
    namesakes = namesakes_of(connection, union(p.names for p in points), now - TWIN_WINDOW)
    known = confirmed_counts(connection, {p.customer for p in points if p.customer in counted})
    sent = bounced_keys(connection, {key for p in points for key in (p.bounced, p.own) if key})
    letters = [item for item in items if item.reading.channel is Channel.EMAIL]
    ids = {i.reading.envelope.message_id for i in letters if i.reading.envelope.message_id}
    earlier = earlier_mails(connection, ids, {i.facts.core_hash for i in letters}) if letters else []
    alike = [earlier_than(item, earlier) for item in items]
    talkers = {
        i.reading.sender
        for i, p, seen in zip(items, points, alike, strict=True)
        if i.reading.sender and (seen or not p.places_orders)
    }
    told = told_lately(connection, talkers, house.settings.replies, now)
    staff = [i.reading for i, p in zip(items, points, strict=True) if p.dispatchers]
    asked = asked_which(connection, {r.sender for r in staff if r.sender and serials_alone(r)}, now - ANSWERED_WITHIN)
    out = []
    for item, p, seen in zip(items, points, alike, strict=True):
        answered = [found for key in (p.ours | p.mails) for found in mails.get(key, {}).items()]
        thread = {s: named[s] for s in sorted({s for s, _ in answered}) if s in named} | {
            tokens[t].serial: tokens[t] for t in p.tokens if t in tokens
        }
        sender = item.reading.sender or ""
        out.append(
            Case(
                facts=item.facts,
                reading=item.reading,
                thread=tuple(thread.values()),
                newest=frozenset(s for s, newest in answered if newest),
                named=tuple(named[s] for s in sorted(p.serials) if s in named),
                open=tuple(
                    o
                    for o in {o.serial: o for o in (*theirs, *lately, *entrusted)}.values()
                    if o.customer == p.customer or o.dispatcher in p.dispatchers or o.depot in p.depots
                ),
                earlier=seen,
                twins=tuple(t for t in twins if (t.customer, fingerprint(t.content)) in p.prints),
                namesakes=tuple(
                    o for o in namesakes if any((o.customer, name) in p.names for name in o.content.called)
                ),
                bounced_key=p.bounced if p.bounced in sent else None,
                own_key=p.own if p.own in sent else None,
                confirmed_before=known.get(p.customer or "", 0),
                told=told.get(sender, Told()),
                asked_which=asked.get(sender),
            )
        )
        if seen and sender in told:
            told[sender] = with_one_more(told[sender])
    return with_work_orders(connection, out)


def with_work_orders(connection: Connection, cases: Sequence[Case]) -> list[Case]:
    """The cases; of those that may change an order after its dispatch, with who has its work order."""
    concerned = {
        o.serial: o
        for case in cases
        if case.reading.intent in CHANGING or case.reading.bare or case.reading.intent is Intent.REPORT
        for o in (*case.thread, *case.named, *case.open)
        if o.state in TO_BE_PICKED_UP
    }
    if not concerned:
        return list(cases)
    known = {o.serial: o for o in with_handed(connection, concerned.values())}

    def told(orders: tuple[KnownOrder, ...]) -> tuple[KnownOrder, ...]:
        return tuple(known.get(o.serial, o) for o in orders)

    return [replace(c, thread=told(c.thread), named=told(c.named), open=told(c.open)) for c in cases]


def earlier_than(item: Item, earlier: Sequence[EarlierMail]) -> tuple[EarlierMail, ...]:
    """Those mails that have this one's core or Message-ID."""
    mail_id, core = item.reading.envelope.message_id, item.facts.core_hash
    return tuple(
        e
        for e in earlier
        if e.message_id != item.facts.message_id and (e.core_hash == core or (mail_id and e.mail_id == mail_id))
    )


def union(sets: Iterable[frozenset[str]] | Iterable[frozenset[tuple[str, str]]]) -> set:  # type: ignore[type-arg]
    """All members of all sets."""
    return set().union(*sets)


def by(orders: Sequence[KnownOrder], field: str) -> dict[str, KnownOrder]:
    """Orders by one of their fields."""
    return {getattr(order, field): order for order in orders}
