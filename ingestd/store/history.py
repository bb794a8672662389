"""What was decided, gone through again in its order: the records as they stood before each message."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, create_engine, insert, select, update
from sqlalchemy.pool import StaticPool

from ingestd.checks.content import fingerprint
from ingestd.checks.outcome import OrderOutcome, Outcome, reasons_in
from ingestd.domain.assessment import NOTHING_FOUND
from ingestd.domain.decision import MessageFacts
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, Reading
from ingestd.store.decisions import READING
from ingestd.store.known_orders import ASSESSMENT, CONTENT
from ingestd.store.orders import MOVED
from ingestd.store.schema import event, message, message_raw, metadata, orders, reading, review, revision, sending

DECIDED = (MessageState.APPLIED, MessageState.REVIEW, MessageState.DUPLICATE, MessageState.IGNORED)
STATES = frozenset(map(str, OrderState))
OF_COMPOSING = frozenset({"work_order_sms_too_long"})  # reasons that come of the letters, after the decision


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A message that was decided on, with what was written about it then."""

    facts: MessageFacts
    decided_at: datetime
    row: RowMapping
    revisions: tuple[RowMapping, ...]  # that it made
    events: tuple[RowMapping, ...]
    reviews: tuple[RowMapping, ...]

    @property
    def message_id(self) -> int:
        return self.facts.message_id

    @property
    def place(self) -> tuple[datetime, datetime, int, int]:
        """Its place in the order of deciding."""
        return self.decided_at, self.facts.arrived_at, self.facts.position, self.message_id


@dataclass(frozen=True, slots=True)
class Kept:
    """The bytes of a message, and what it was read as when it was decided on."""

    raw: bytes
    reading: Reading


def kept(connection: Connection, message_ids: Sequence[int]) -> dict[int, Kept]:
    """Bytes and readings by message; one whose bytes are gone is left out."""
    rows = connection.execute(
        select(message_raw.c.message_id, message_raw.c.bytes, reading.c.json)
        .join(reading, reading.c.message_id == message_raw.c.message_id)
        .where(message_raw.c.message_id.in_(list(message_ids)))
    )
    return {row.message_id: Kept(row.bytes, READING.validate_json(row.json)) for row in rows}


def newest(connection: Connection, since: datetime | None, limit: int | None) -> list[int]:
    """The messages that were read and decided on, of those that arrived since then the newest so many."""
    decided = select(message.c.id).join(reading, reading.c.message_id == message.c.id)
    decided = decided.where(message.c.state.in_(DECIDED)).order_by(message.c.arrived_at.desc(), message.c.id.desc())
    if since is not None:
        decided = decided.where(message.c.arrived_at >= since)
    return list(connection.execute(decided.limit(limit)).scalars())


def past_messages(site: Connection) -> list[PastMessage]:
    """All messages that were read and decided on, in the order in which they were."""
    of = {table: by_message(everything(site, table)) for table in (event, review, revision)}
    was_read = set(site.execute(select(reading.c.message_id)).scalars())
    rows = [r for r in everything(site, message) if r["state"] in DECIDED and r["id"] in was_read]
    return sorted((past(r, *(of[t].get(r["id"], ()) for t in of)) for r in rows), key=lambda m: m.place)


def past(
    row: RowMapping, events: Sequence[RowMapping], reviews: Sequence[RowMapping], revisions: Sequence[RowMapping]
) -> PastMessage:
    """A message with what was written in the transaction that decided on it; what came later is none of its own."""
    at = min([e["at"] for e in events] + [r["opened_at"] for r in reviews], default=row["stored_at"])
    facts = MessageFacts(
        row["id"],
        row["account"],
        Channel(row["channel"]),
        row["arrived_at"],
        row["position"],
        row["stored_at"],
        row["core_hash"],
    )
    own_events = tuple(e for e in events if e["at"] == at)
    return PastMessage(facts, at, row, tuple(revisions), own_events, tuple(r for r in reviews if r["opened_at"] == at))


class Past:
    """The site's records in a database in memory, brought forward message by message; the site's own are only read.

    Before a message is decided on, `connection` shows what was known then. What a person or a sender did between two
    messages is put in at its time.
    """

    def __init__(self, site: Connection, messages: Sequence[PastMessage]) -> None:
        self.orders = {row["id"]: row for row in everything(site, orders)}
        self.ids = {str(row["serial"]): i for i, row in self.orders.items()}
        self.states: dict[int, OrderState] = {}
        self.fresh: set[int] = set()  # of which no event has said yet what they are
        own = {e["id"] for m in messages for e in m.events}
        acts = (e for e in everything(site, event) if e["order_id"] and e["id"] not in own)
        self.acts = sorted(acts, key=lambda e: e["at"])
        self.done = 0  # of these
        self.connection = create_engine("sqlite://", poolclass=StaticPool).connect()
        metadata.create_all(self.connection)
        copy(self.connection, sending, everything(site, sending))  # a letter is answered only after it was sent
        made = {(r["order_id"], r["number"]) for m in messages for r in m.revisions}
        others = [r for r in everything(site, revision) if (r["order_id"], r["number"]) not in made]
        for row in others:  # what came of no message that is gone through
            self.revise(row)

    def come_to(self, one: PastMessage) -> None:
        """Put in what was done between the message before and this one."""
        while self.done < len(self.acts) and self.acts[self.done]["at"] <= one.decided_at:
            self.happen(self.acts[self.done])
            self.done += 1

    def pass_by(self, one: PastMessage) -> None:
        """Put in the message and what it made, as it was recorded."""
        copy(self.connection, message, [one.row])
        for row in one.revisions:
            self.revise(row)
        for row in one.events:
            self.happen(row)

    def revise(self, row: RowMapping) -> None:
        """A revision of an order, which begins with its first."""
        order = self.orders[row["order_id"]]
        values: dict[str, Any] = {
            "revision": row["number"],
            "fingerprint": fingerprint(CONTENT.validate_json(row["json"])),
        }
        if row["order_id"] not in self.states:
            self.states[row["order_id"]] = OrderState.REVIEW
            self.fresh.add(row["order_id"])
            fresh = {"state": OrderState.REVIEW, "questions": 0, "confirmed_at": None, "dispatched_at": None}
            copy(self.connection, orders, [{**order, **fresh, **values}])
        else:
            self.connection.execute(update(orders).where(orders.c.id == row["order_id"]).values(values))
        copy(self.connection, revision, [row])

    def happen(self, row: RowMapping) -> None:
        """What the tracking record says of an order: where it was put at first, and each of its moves."""
        order_id, kind = row["order_id"], row["kind"]
        if order_id not in self.states:
            return
        values: dict[str, Any] = {}
        if kind == MOVED:
            values["state"] = OrderState(json.loads(row["json"])["to"])
        elif order_id in self.fresh and kind in STATES:
            self.fresh.remove(order_id)
            values["state"] = OrderState(kind)
        if kind == OrderState.ASKED:
            values["questions"] = orders.c.questions + 1
        if state := values.get("state"):
            self.states[order_id] = state
        if state is OrderState.CONFIRMED:
            values["confirmed_at"] = self.orders[order_id]["confirmed_at"]
        if values:
            self.connection.execute(update(orders).where(orders.c.id == order_id).values(values))

    def serial(self, order_id: int) -> str:
        return str(self.orders[order_id]["serial"])

    def state_of(self, serial: str) -> OrderState | None:
        """Where an order stands now; None where there is none yet."""
        return self.states.get(self.ids.get(serial, 0))

    def states_by_serial(self, one: PastMessage) -> dict[str, OrderState]:
        """Where the orders that a message touched stand now."""
        ids = {row["order_id"] for row in (*one.events, *one.revisions) if row["order_id"] in self.states}
        return {self.serial(i): self.states[i] for i in ids}

    def made_by(self, one: PastMessage) -> list[str]:
        """The serials of the orders that a message made, in their order."""
        return sorted(self.serial(row["order_id"]) for row in one.revisions if row["number"] == 1)

    def outcome(self, one: PastMessage, read: Reading) -> Outcome:
        """What became of a message, as it was recorded; to be asked once it is passed by."""
        revised = {self.serial(r["order_id"]): r for r in one.revisions}
        found = {s: self.order_outcome(s, state, revised.get(s)) for s, state in self.states_by_serial(one).items()}
        told = (json.loads(e["json"]) for e in one.events)
        reasons = reasons_in((r["reason"] for r in one.reviews), told) - OF_COMPOSING
        if not one.events:
            reasons |= {one.row["reason"] or ""}
        return Outcome(read, one.row["state"], reasons, found)

    def order_outcome(self, serial: str, state: OrderState, revised: RowMapping | None) -> OrderOutcome:
        """Where an order stood after a message that revised it, or only touched it."""
        if revised is None:
            return OrderOutcome(state)
        order, assessment = self.orders[revised["order_id"]], ASSESSMENT.validate_json(revised["assessment"])
        area = str(order["area"]) if order["revision"] == revised["number"] else None  # a later one may have moved it
        return OrderOutcome(state, area, assessment if assessment != NOTHING_FOUND else None)

    def close(self) -> None:
        """Let the memory go."""
        self.connection.close()
        self.connection.engine.dispose()


def everything(connection: Connection, table: Table) -> list[RowMapping]:
    """All rows of a table in the order of their making."""
    return list(connection.execute(select(table).order_by(*table.primary_key.columns)).mappings())


def by_message(rows: Iterable[RowMapping]) -> dict[int, list[RowMapping]]:
    """Rows by the message they came of; those of none are left out."""
    out: dict[int, list[RowMapping]] = {}
    for row in rows:
        if row["message_id"] is not None:
            out.setdefault(row["message_id"], []).append(row)
    return out


def copy(connection: Connection, table: Table, rows: Sequence[Mapping[Any, Any]]) -> None:
    """Put rows into a table as they are."""
    if rows:
        connection.execute(insert(table), [dict(row) for row in rows])
