"""Orders as decisions know them: by serial, token, customer, content and mails."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, func, select

from ingestd.domain.assessment import Assessment
from ingestd.domain.decision import EarlierMail, KnownOrder
from ingestd.domain.message import MessageState
from ingestd.domain.order import UNDER_WAY, UNSETTLED, OrderState, OrderTime
from ingestd.domain.reading import Channel, Driver, OrderReading, Problem
from ingestd.store.schema import message, order_reference, orders, revision, sending

CONTENT: TypeAdapter[OrderReading] = TypeAdapter(OrderReading)
ASSESSMENT: TypeAdapter[Assessment] = TypeAdapter(Assessment)
DRIVER: TypeAdapter[Driver] = TypeAdapter(Driver)
PROBLEMS: TypeAdapter[tuple[Problem, ...]] = TypeAdapter(tuple[Problem, ...])
NEWEST = (revision.c.order_id == orders.c.id) & (revision.c.number == orders.c.revision)
REPORTED_ON = (*UNDER_WAY, OrderState.DELIVERED)  # whose receipt may still come back


def known_orders(connection: Connection, which: ColumnElement[bool]) -> list[KnownOrder]:
    """Orders with their newest revision, oldest first."""
    found = (
        select(
            orders,
            revision.c.json,
            revision.c.problems,
            revision.c.assessment,
            message.c.arrived_at.label("last_arrived_at"),
            message.c.position,
        )
        .join(revision, NEWEST)
        .outerjoin(message, message.c.id == revision.c.message_id)
        .where(which)
        .order_by(orders.c.id)
    )
    return [known_order(row) for row in connection.execute(found).mappings()]


def known_order(row: RowMapping) -> KnownOrder:
    """A joined row as a value."""
    return KnownOrder(
        order_id=row["id"],
        serial=row["serial"],
        state=OrderState(row["state"]),
        customer=row["customer"],
        contact_channel=Channel(row["contact_channel"]),
        contact=row["contact"],
        language="en" if row["language"] == "en" else "zh",
        area=row["area"],
        dispatcher=row["dispatcher"],
        token=row["token"],
        order_time=OrderTime(row["order_time"], row["order_time_source"], "", row["claimed_at"], row["arrived_at"]),
        confirmed_at=row["confirmed_at"],
        pickup_by=row["pickup_by"],
        revision=row["revision"],
        questions=row["questions"],
        content=CONTENT.validate_json(row["json"]),
        problems=PROBLEMS.validate_json(row["problems"]),
        last_message_arrived_at=row["last_arrived_at"] or row["arrived_at"],
        last_message_position=row["position"] or 0,
        assessment=ASSESSMENT.validate_json(row["assessment"]),
        given=row["given"],
        deliver_by=row["deliver_by"],
        depot=row["depot"],
        released_at=row["released_at"],
        driver=DRIVER.validate_json(row["driver"]) if row["driver"] else None,
    )


def orders_by_serial(connection: Connection, serials: Iterable[str]) -> list[KnownOrder]:
    """The orders with these serials."""
    wanted = list(serials)
    return known_orders(connection, orders.c.serial.in_(wanted)) if wanted else []


def orders_by_token(connection: Connection, tokens: Iterable[str]) -> list[KnownOrder]:
    """The orders with these subject tokens."""
    wanted = list(tokens)
    return known_orders(connection, orders.c.token.in_(wanted)) if wanted else []


def open_of(connection: Connection, customers: Iterable[str], since: datetime) -> list[KnownOrder]:
    """These customers' orders that came in since then, and are neither delivered nor ended."""
    wanted = list(customers)
    theirs = orders.c.customer.in_(wanted) & orders.c.state.in_((*UNSETTLED, *UNDER_WAY))
    return known_orders(connection, theirs & (orders.c.arrived_at >= since)) if wanted else []


def entrusted_to(
    connection: Connection, dispatchers: Iterable[str], depots: Iterable[str] = (), since: datetime | None = None
) -> list[KnownOrder]:
    """The orders under way that these dispatchers (by staff number) got or these depots deliver.

    With `since` those called off since then, too: a driver may not have heard of it.
    """
    numbers, named = list(dispatchers), list(depots)
    if not (numbers or named):
        return []
    theirs = orders.c.dispatcher.in_(numbers) | (orders.c.depot.in_(named) & (orders.c.depot != ""))
    states: ColumnElement[bool] = orders.c.state.in_(REPORTED_ON)
    if since is not None:
        states = states | (orders.c.state == OrderState.CANCELLED) & (orders.c.confirmed_at >= since)
    return known_orders(connection, theirs & states)


def lately_of(connection: Connection, customers: Iterable[str], since: datetime) -> list[KnownOrder]:
    """These customers' orders that came in since then and were neither refused nor called off."""
    wanted = list(customers)
    ended = (OrderState.CANCELLED, OrderState.REFUSED)
    lately = orders.c.customer.in_(wanted) & (orders.c.arrived_at >= since) & orders.c.state.not_in(ended)
    return known_orders(connection, lately) if wanted else []


def confirmed_counts(connection: Connection, customers: Iterable[str]) -> dict[str, int]:
    """How many orders of these customers were confirmed so far."""
    wanted = list(customers)
    if not wanted:
        return {}
    counted = select(orders.c.customer, func.count()).where(
        orders.c.customer.in_(wanted), orders.c.confirmed_at.is_not(None)
    )
    return {row[0]: row[1] for row in connection.execute(counted.group_by(orders.c.customer))}


TWINS = select(orders.c.id).where(
    orders.c.customer.in_(bindparam("customers", expanding=True)),
    orders.c.fingerprint.in_(bindparam("prints", expanding=True)),
    orders.c.arrived_at >= bindparam("since"),
    orders.c.state != OrderState.CANCELLED,
)


def twins_of(connection: Connection, fingerprints: Iterable[tuple[str, str]], since: datetime) -> list[KnownOrder]:
    """Orders of the same (customer, fingerprint) that came in since then."""
    wanted = list(fingerprints)
    if not wanted:
        return []
    like = {"customers": [c for c, _ in wanted], "prints": [f for _, f in wanted], "since": since}
    ids = list(connection.execute(TWINS, like).scalars())
    return known_orders(connection, orders.c.id.in_(ids)) if ids else []


NAMESAKES = (
    select(orders.c.id)
    .join(order_reference)
    .where(
        orders.c.customer.in_(bindparam("customers", expanding=True)),
        order_reference.c.value.in_(bindparam("names", expanding=True)),
        orders.c.arrived_at >= bindparam("since"),
        orders.c.state.not_in((OrderState.CANCELLED, OrderState.REFUSED)),
    )
)


def namesakes_of(connection: Connection, names: Iterable[tuple[str, str]], since: datetime) -> list[KnownOrder]:
    """Orders of the same (customer, what he calls it) that came in since then and were neither refused nor called off;
    perhaps of another of these customers, too."""
    wanted = list(names)
    if not wanted:
        return []
    like = {"customers": [c for c, _ in wanted], "names": [n for _, n in wanted], "since": since}
    ids = set(connection.execute(NAMESAKES, like).scalars())
    return known_orders(connection, orders.c.id.in_(ids)) if ids else []


OTHER = sending.alias()
FIRST_OF_NEWEST = (  # the first sending that an order's newest revision gave cause to; null for one of no message
    select(func.min(OTHER.c.id)).where(OTHER.c.message_id == revision.c.message_id).scalar_subquery()
)
OURS = (
    select(sending.c.key, orders.c.serial, sending.c.id >= FIRST_OF_NEWEST)
    .join(orders, orders.c.id == sending.c.order_id)
    .join(revision, NEWEST)
    .where(sending.c.key.in_(bindparam("keys", expanding=True)))
)
THEIRS = (
    select(message.c.mail_id, orders.c.serial, revision.c.number == orders.c.revision)
    .select_from(message.join(revision, revision.c.message_id == message.c.id))
    .join(orders)
    .where(message.c.mail_id.in_(bindparam("mail_ids", expanding=True)))
)


def orders_of_mails(connection: Connection, keys: Iterable[str], mail_ids: Iterable[str]) -> dict[str, dict[str, bool]]:
    """Serials by the left part of a Message-ID of ours, or by the Message-ID of a mail that made or changed them.

    Each with whether that mail tells of the order's newest revision: who answers it knew what he changes.
    """
    rows = [*connection.execute(OURS, {"keys": ours})] if (ours := list(keys)) else []
    rows += connection.execute(THEIRS, {"mail_ids": theirs}) if (theirs := list(mail_ids)) else []
    out: dict[str, dict[str, bool]] = {}
    for mail, serial, newest in rows:
        told = out.setdefault(mail, {})
        told[serial] = told.get(serial, False) or bool(newest)
    return out


def bounced_keys(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those keys that are sendings of ours."""
    wanted = list(keys)
    return (
        set(connection.execute(select(sending.c.key).where(sending.c.key.in_(wanted))).scalars()) if wanted else set()
    )


EARLIER = (
    select(message)
    .where(
        message.c.core_hash.in_(bindparam("cores", expanding=True))
        | message.c.mail_id.in_(bindparam("mail_ids", expanding=True)),
        message.c.state.in_((MessageState.APPLIED, MessageState.REVIEW)),
        message.c.channel == Channel.EMAIL,
    )
    .order_by(message.c.id)
)


def earlier_mails(connection: Connection, mail_ids: Iterable[str], core_hashes: Iterable[str]) -> list[EarlierMail]:
    """Decided messages with one of these Message-IDs or cores, oldest first, with the serials of what they made."""
    same = {"cores": list(core_hashes), "mail_ids": list(mail_ids)}
    rows = connection.execute(EARLIER, same).mappings().all()
    if not rows:
        return []
    made = (
        select(revision.c.message_id, orders.c.serial)
        .join(orders)
        .where(revision.c.message_id.in_([r["id"] for r in rows]))
    )
    serials: dict[int, list[str]] = {}
    for message_id, serial in connection.execute(made):
        serials.setdefault(message_id, []).append(serial)
    return [
        EarlierMail(
            r["id"],
            r["mail_id"],
            r["core_hash"],
            r["sender"],
            r["arrived_at"],
            MessageState(r["state"]),
            tuple(serials.get(r["id"], ())),
            r["reason"] or "",
        )
        for r in rows
    ]
