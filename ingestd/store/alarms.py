"""Alarms: trouble of the system itself, one open row for each part and kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from ingestd.domain.alarm import Alarm
from ingestd.store.schema import alarm, message, orders, sending, switch

WRITTEN = "written"  # a row of `switch`
TALK = "replies"  # the part of the alarm that somebody writes more than is answered


def open_alarm(connection: Connection, part: str, kind: str, detail: str, now: datetime) -> int | None:
    """Open an alarm; its id where it is new, None where it was open already."""
    same = (alarm.c.part == part) & (alarm.c.kind == kind) & alarm.c.cleared_at.is_(None)
    if connection.execute(select(alarm.c.id).where(same)).first() is not None:
        return None
    row = insert(alarm).values(part=part, kind=kind, detail=detail[:400], opened_at=now).returning(alarm.c.id)
    new_id: int = connection.execute(row).scalar_one()
    return new_id


def clear_alarms(connection: Connection, part: str, kind: str | None, now: datetime) -> int:
    """The trouble is over; how many alarms that ends."""
    which = update(alarm).where(alarm.c.part == part, alarm.c.cleared_at.is_(None))
    which = which.where(alarm.c.kind == kind) if kind else which
    return connection.execute(which.values(cleared_at=now)).rowcount


def open_alarms(connection: Connection) -> list[RowMapping]:
    """All that are open, oldest first."""
    return list(connection.execute(select(alarm).where(alarm.c.cleared_at.is_(None)).order_by(alarm.c.id)).mappings())


def untold_alarms(connection: Connection) -> list[Alarm]:
    """Open alarms that nobody was told of yet."""
    untold = select(alarm).where(alarm.c.cleared_at.is_(None), alarm.c.told_at.is_(None)).order_by(alarm.c.id)
    return [
        Alarm(r["id"], r["part"], r["kind"], r["detail"], r["opened_at"]) for r in connection.execute(untold).mappings()
    ]


def mark_told(connection: Connection, alarm_ids: Sequence[int], now: datetime) -> bool:
    """A person is being told of all of these; False, and nothing is marked, where one is told or over."""
    untold = select(alarm.c.id).where(
        alarm.c.id.in_(alarm_ids), alarm.c.cleared_at.is_(None), alarm.c.told_at.is_(None)
    )
    if len(connection.execute(untold.with_for_update()).all()) < len(alarm_ids):
        return False
    connection.execute(update(alarm).where(alarm.c.id.in_(alarm_ids)).values(told_at=now))
    return True


def settled_alarms(connection: Connection, talk_over: datetime) -> list[int]:
    """Open alarms about single messages and sendings that are settled meanwhile, and about senders who wrote too much
    before `talk_over`; who goes on raises it anew.
    """
    rows = open_alarms(connection)
    over = [r["id"] for r in rows if r["part"] == TALK and r["opened_at"] < talk_over]
    messages = {int(r["part"].split()[1]): r["id"] for r in rows if r["part"].startswith("message ")}
    sendings = {int(r["part"].split()[1]): r["id"] for r in rows if r["part"].startswith("sending ")}
    if messages:
        kept = select(message.c.id).where(message.c.id.in_(messages), message.c.state == "quarantined")
        over += [messages[i] for i in messages.keys() - set(connection.execute(kept).scalars())]
    if sendings:
        waiting = orders.c.state.is_(None) | (orders.c.state == "confirmed") | (sending.c.purpose != "work_order")
        stuck = select(sending.c.id).outerjoin(orders, orders.c.id == sending.c.order_id)
        open_still = stuck.where(
            sending.c.id.in_(sendings), sending.c.state.in_(("refused", "failed", "bounced")), waiting
        )
        over += [sendings[i] for i in sendings.keys() - set(connection.execute(open_still).scalars())]
    return over


def try_to_write(connection: Connection, now: datetime) -> None:
    """A change for its own sake: where the disk is full, its transaction fails."""
    at = {"value": now.isoformat()}
    if connection.execute(update(switch).where(switch.c.name == WRITTEN).values(at)).rowcount == 0:
        connection.execute(insert(switch).values(name=WRITTEN, **at))


def clear_these(connection: Connection, alarm_ids: Sequence[int], now: datetime) -> None:
    """End alarms by their ids."""
    connection.execute(update(alarm).where(alarm.c.id.in_(list(alarm_ids))).values(cleared_at=now))
