"""Work orders that their first recipient can't be given: the same bytes, readdressed to the area's fallback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sqlalchemy import Connection, RowMapping, select

from ingestd.checks.house import House
from ingestd.composing.mail import readdressed
from ingestd.config.tables import Staff
from ingestd.domain.keys import Keys
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose, SendingDraft
from ingestd.store.schema import orders
from ingestd.store.sendings import body_of, same_causes

PURPOSES = (Purpose.WORK_ORDER, Purpose.WORK_ORDER_REST)
A_ROUND = 50  # orders that one sweep looks at; the next sweep takes the next


class Names(Protocol):
    """What knows the house and makes the keys of its sendings."""

    @property
    def house(self) -> House: ...

    @property
    def keys(self) -> Keys: ...


def fallbacks(
    connection: Connection, urgent: Sequence[RowMapping], names: Names
) -> list[tuple[int | None, int | None, SendingDraft]]:
    """A sending to the fallback of the order's area for each channel that the first recipient had, if not made yet."""
    order_ids = {row["cause"]: row["order_id"] for row in urgent}
    sent: dict[str, list[RowMapping]] = {cause: [] for cause in order_ids}
    for row in same_causes(connection, PURPOSES, list(order_ids)):
        sent[row["cause"]].append(row)
    people = fallback_people(connection, set(order_ids.values()), names.house)
    out: list[tuple[int | None, int | None, SendingDraft]] = []
    waiting = [cause for cause, order_id in order_ids.items() if needs(sent[cause], people.get(order_id))]
    for cause in waiting[:A_ROUND]:
        who = people[order_ids[cause]]
        out += [(order_ids[cause], None, draft) for draft in readdress(connection, sent[cause], who, names)]
    return out


def fallback_people(connection: Connection, order_ids: set[int], house: House) -> dict[int, Staff]:
    """Who stands in for the first recipient of each order, where somebody does."""
    areas = connection.execute(select(orders.c.id, orders.c.area).where(orders.c.id.in_(order_ids)))
    found = {row.id: house.areas.get(row.area) for row in areas}
    return {i: house.numbers[area.fallback] for i, area in found.items() if area and area.fallback}


def needs(sent: Sequence[RowMapping], who: Staff | None) -> bool:
    """Whether there is somebody to fall back on who was not written to yet."""
    return who is not None and not {row["recipient"] for row in sent} & {who.email, who.phone}


def readdress(connection: Connection, sent: Sequence[RowMapping], who: Staff, names: Names) -> Iterator[SendingDraft]:
    """The first recipient's sendings for another person, one a purpose and channel."""
    done: set[tuple[str, str]] = set()
    for row in sent:
        channel = Channel(row["channel"])
        recipient = who.email if channel is Channel.EMAIL else who.phone
        body = body_of(connection, row["id"])
        if not recipient or body is None or (row["purpose"], channel) in done:
            continue
        done.add((row["purpose"], channel))
        key = names.keys.sending(row["purpose"], row["cause"], channel, recipient)
        if channel is Channel.EMAIL:
            body = readdressed(body, recipient, f"{key}@{names.house.settings.site.domain}")
        purpose, cause, deadline = Purpose(row["purpose"]), row["cause"], row["deadline"]
        yield SendingDraft(key, purpose, cause, channel, recipient, body, deadline, given=row["given"])
