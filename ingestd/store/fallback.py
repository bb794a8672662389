"""Work orders that their first recipient can't be given: the same bytes, readdressed to the area's fallback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping

from ingestd.checks.house import House
from ingestd.composing.mail import readdressed
from ingestd.config.tables import Staff
from ingestd.domain.keys import Keys
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose, SendingDraft, SendingState
from ingestd.store.orders import known_orders
from ingestd.store.schema import orders
from ingestd.store.sendings import siblings

GIVEN_UP = (SendingState.REFUSED, SendingState.FAILED, SendingState.BOUNCED)


class Names(Protocol):
    """What gives the house and its keys."""

    @property
    def house(self) -> House: ...

    @property
    def keys(self) -> Keys: ...


def fallbacks(
    connection: Connection, urgent: Sequence[RowMapping], names: Names
) -> list[tuple[int | None, int | None, SendingDraft]]:
    """A sending to the fallback of the order's area for each channel that the first recipient had.

    Asked again they come out the same, so that the unique key of a sending keeps them single.
    """
    out: list[tuple[int | None, int | None, SendingDraft]] = []
    causes = {row["cause"]: row["order_id"] for row in urgent if row["order_id"]}
    known = {o.order_id: o for o in known_orders(connection, orders.c.id.in_(set(causes.values())))} if causes else {}
    for cause, order_id in causes.items():
        area = names.house.areas.get(known[order_id].area)
        who = names.house.numbers.get(area.fallback) if area and area.fallback else None
        if who:
            for purpose in (Purpose.WORK_ORDER, Purpose.WORK_ORDER_REST):
                out += [
                    (order_id, None, draft) for draft in readdress(siblings(connection, purpose, cause), who, names)
                ]
    return out


def readdress(sent: Sequence[tuple[RowMapping, bytes]], who: Staff, names: Names) -> Iterator[SendingDraft]:
    """The first recipient's sendings for another person, one a channel."""
    done: set[str] = set()
    for row, body in sent:
        channel = Channel(row["channel"])
        recipient = who.email if channel is Channel.EMAIL else who.phone
        if not recipient or recipient == row["recipient"] or channel in done:
            continue
        done.add(channel)
        key = names.keys.sending(row["purpose"], row["cause"], channel, recipient)
        fresh = (
            readdressed(body, recipient, f"{key}@{names.house.settings.site.domain}")
            if channel is Channel.EMAIL
            else body
        )
        yield draft_like(row, channel, recipient, key, fresh)


def draft_like(row: Any, channel: Channel, recipient: str, key: str, body: bytes) -> SendingDraft:
    """A sending of the same purpose and cause to somebody else."""
    return replace(
        SendingDraft(key, Purpose(row["purpose"]), row["cause"], channel, recipient, body, row["deadline"]),
        state=SendingState.SHADOW if row["state"] == SendingState.SHADOW else SendingState.DUE,
    )
