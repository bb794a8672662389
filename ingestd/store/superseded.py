"""Work orders that no longer say what is so: who may have them, and those that are withdrawn before they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, false, select, update

from ingestd.domain.decision import Handed, KnownOrder
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, OrderReading
from ingestd.domain.sending import Purpose, SendingState
from ingestd.store.known_orders import CONTENT
from ingestd.store.orders import OrderMovedOnError
from ingestd.store.schema import DUE, orders, revision, sending

HANDED = (Purpose.WORK_ORDER, Purpose.WORK_ORDER_REST, Purpose.WORK_ORDER_COPY)
GONE = (SendingState.WITHDRAWN, SendingState.SHADOW)  # nobody has these


def with_handed(connection: Connection, known: Iterable[KnownOrder]) -> list[KnownOrder]:
    """The orders with who has their work orders, or is to get them, and what these tell."""
    found = list(known)
    ids = [order.order_id for order in found]
    if not ids:
        return []
    rows = connection.execute(
        select(sending).where(sending.c.order_id.in_(ids), sending.c.purpose.in_(HANDED), sending.c.state.not_in(GONE))
    ).mappings()
    told = connection.execute(select(revision).where(revision.c.order_id.in_(ids))).mappings()
    contents = {(row["order_id"], row["number"]): CONTENT.validate_json(row["json"]) for row in told}
    by_order: dict[int, list[Handed]] = {}
    for row in rows:
        number = revision_in(row["cause"])
        tells = contents.get((row["order_id"], number))
        by_order.setdefault(row["order_id"], []).append(handed(row, number, tells))
    return [replace(order, handed=tuple(by_order.get(order.order_id, ()))) for order in found]


def handed(row: RowMapping, number: int, tells: OrderReading | None) -> Handed:
    """A sending as one of a work order."""
    unsent = row["state"] == SendingState.DUE and not row["repeated"]
    return Handed(
        row["id"], Purpose(row["purpose"]), Channel(row["channel"]), row["recipient"], unsent, number, tells,
        refused=row["state"] == SendingState.REFUSED,
    )  # fmt: skip


def revision_in(cause: str) -> int:
    """The revision that a work order's cause names: `order:260310221/2`."""
    number = cause.partition("/")[2].partition("/")[0].partition("#")[0]
    return int(number) if number.isdecimal() else 1


def withdraw(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """These are not to leave; raises OrderMovedOnError where one of them may have left meanwhile."""
    if not ids:
        return
    unsent = update(sending).where(sending.c.id.in_(list(ids)), DUE, sending.c.repeated == false())
    gone = unsent.values(state=SendingState.WITHDRAWN, changed_at=now, detail="withdrawn before it left")
    if connection.execute(gone).rowcount != len(ids):
        raise OrderMovedOnError(f"one of sendings {list(ids)} is on its way by now")


OUTDATED = (
    select(sending.c.id)
    .join(orders)
    .where(
        sending.c.id.in_(bindparam("ids", expanding=True)),
        sending.c.state == SendingState.DUE,
        sending.c.purpose.in_(HANDED),
        (sending.c.given < orders.c.given) | (orders.c.state == OrderState.CANCELLED),
    )
)


def withdraw_outdated(connection: Connection, ids: Sequence[int], now: datetime) -> set[int]:
    """Withdraw those of these that tell of a former content, of a former recipient or of a cancelled order; which.

    Whatever made them due again while their order was changed: a retry, a lease that ran out, a restart.
    """
    outdated = set(connection.execute(OUTDATED, {"ids": list(ids)}).scalars()) if ids else set()
    if outdated:
        gone = update(sending).where(sending.c.id.in_(outdated), DUE)
        connection.execute(gone.values(state=SendingState.WITHDRAWN, changed_at=now, detail="its order was changed"))
    return outdated


EARLIER = sending.alias()
BEHIND = select(sending.c.id).where(
    sending.c.id.in_(bindparam("ids", expanding=True)),
    select(EARLIER.c.id)
    .where(
        EARLIER.c.order_id == sending.c.order_id,
        EARLIER.c.channel == sending.c.channel,
        EARLIER.c.recipient == sending.c.recipient,
        EARLIER.c.id < sending.c.id,
        EARLIER.c.purpose.in_(HANDED),
        EARLIER.c.state == SendingState.SENDING,
    )
    .exists(),
)


def behind(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these that wait for an earlier work order of their order to the same recipient, which is just leaving.

    Nobody is to read a change, or that it is called off, before what it changes.
    """
    return set(connection.execute(BEHIND, {"ids": list(ids)}).scalars()) if ids else set()
