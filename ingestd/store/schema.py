"""The tables. States are text guarded by code: SQLite can't alter native enums."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself there


@lru_cache(maxsize=1024)  # the rows of a transaction share their moments
def written(at: datetime) -> str:
    """A moment as SQLite keeps it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: timestamptz, or on SQLite fixed-width ISO 8601 text, which sorts as time and reads as such."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return written(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC) if value is not None else None


def ref(column: str, **options: Any) -> Column[Any]:
    """A column that refers to another table's row."""
    return Column(options.pop("name"), Id, ForeignKey(column), **options)


STORED = text("state = 'stored'")
message = Table(
    "message",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", String(40), nullable=False),
    Column("source_key", String(400), nullable=False, unique=True),
    Column("channel", String(8), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("core_hash", String(64), nullable=False, index=True),  # of the mail without its trace headers
    Column("size", Integer, nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("claimed_at", Instant),
    Column("stored_at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("strikes", Integer, nullable=False),
    Column("reason", String(400)),  # why it is in its state, for people
    Column("duplicate_of", Id),
    Column("sender", String(320)),
    Column("mail_id", String(998), index=True),  # the Message-ID header
    Column("owner", String(80)),
    Column("lease_until", Instant),
    Index("ix_message_stored", "arrived_at", "position", sqlite_where=STORED, postgresql_where=STORED),
)

message_raw = Table(
    "message_raw",
    metadata,
    ref("message.id", name="message_id", primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

folder = Table(
    "folder",
    metadata,
    Column("account", String(40), primary_key=True),
    Column("folder", String(200), primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True, autoincrement=False),
    Column("watermark", BigInteger, nullable=False),
    Column("baseline_uid", BigInteger, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

reading = Table(
    "reading",
    metadata,
    ref("message.id", name="message_id", primary_key=True),
    Column("parsers_digest", String(64), nullable=False),
    Column("json", Text, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("serial", String(20), nullable=False, unique=True),
    Column("state", String(20), nullable=False),
    Column("customer", String(200), nullable=False),
    Column("contact_channel", String(8), nullable=False),  # how the shipper is answered
    Column("contact", String(320), nullable=False),
    Column("language", String(2), nullable=False),
    Column("area", String(80), nullable=False),
    Column("dispatcher", String(8)),  # staff number of the first recipient
    Column("token", String(32), nullable=False, unique=True),  # unguessable, in the subject of what we send
    Column("order_time", Instant, nullable=False),
    Column("order_time_source", String(8), nullable=False),
    Column("claimed_at", Instant),
    Column("arrived_at", Instant, nullable=False),
    Column("clock_start", Instant),  # of the 3 minutes
    Column("confirmed_at", Instant),
    Column("dispatched_at", Instant),  # the last of its work order's channels accepted it
    Column("pickup_by", Instant),
    Column("given", Integer, nullable=False, server_default="0"),  # how often somebody got it, or its new content, anew
    Column("deliver_by", Instant),
    Column("depot", String(80), nullable=False, server_default=""),  # that delivers it; empty: we do so ourselves
    Column("released_at", Instant),  # the shipper let held goods go
    Column("driver", Text),  # who fetches it: name, phone and plate as JSON
    Column("revision", Integer, nullable=False),
    Column("questions", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("assigned_to", String(8)),  # staff number of the agent who looks after it
    ref("orders.id", name="kin_id", index=True),  # the order that it was parted from, or was put into
    Index("ix_orders_twin", "customer", "fingerprint"),
    Index("ix_orders_open", "dispatcher", "state"),
    Index("ix_orders_unsettled", "customer", "state"),
    Index("ix_orders_state", "state"),
    Index("ix_orders_depot", "depot", "state"),
)

order_move = Table(  # the moves that an order may make; a trigger of the database lets no other pass
    "order_move",
    metadata,
    Column("before", String(20), primary_key=True),
    Column("after", String(20), primary_key=True),
)

revision = Table(
    "revision",
    metadata,
    ref("orders.id", name="order_id", primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    ref("message.id", name="message_id", index=True),
    Column("json", Text, nullable=False),
    Column("problems", Text, nullable=False),
    Column("assessment", Text, nullable=False),  # what the checks made of it
)

order_reference = Table(  # what the customer calls an order, as compared; of its newest revision
    "order_reference",
    metadata,
    ref("orders.id", name="order_id", primary_key=True),
    Column("value", String(80), primary_key=True, index=True),
)

event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    ref("orders.id", name="order_id", index=True),
    ref("message.id", name="message_id", index=True),
    Column("at", Instant, nullable=False),
    Column("who", String(80), nullable=False),
    Column("channel", String(8)),
    Column("kind", String(40), nullable=False),
    Column("json", Text, nullable=False),
)

DUE, LEASED, DOUBTFUL = (
    text(f"state = '{state}'") for state in ("due", "sending", "uncertain")
)  # literal: SQLite must see it
sending = Table(
    "sending",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(40), nullable=False, unique=True),  # unguessable: left part of our Message-ID
    ref("orders.id", name="order_id", index=True),
    ref("message.id", name="message_id", index=True),
    Column("purpose", String(20), nullable=False),
    Column("cause", String(80), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("state", String(12), nullable=False),
    Column("given", Integer, nullable=False, server_default="0"),  # its order's, when this was composed
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("deadline", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("repeated", Boolean, nullable=False),  # sent again after an uncertain attempt
    Column("owner", String(80)),
    Column("lease_until", Instant),
    Column("token", Integer, nullable=False),
    Column("changed_at", Instant),
    Column("accepted_at", Instant),
    Column("detail", String(400)),
    UniqueConstraint("cause", "purpose", "channel", "recipient"),
    Index("ix_sending_due", "channel", "deadline", sqlite_where=DUE, postgresql_where=DUE),
    Index("ix_sending_leased", "lease_until", sqlite_where=LEASED, postgresql_where=LEASED),
    Index("ix_sending_doubtful", "next_at", sqlite_where=DOUBTFUL, postgresql_where=DOUBTFUL),
)

sending_body = Table(
    "sending_body",
    metadata,
    ref("sending.id", name="sending_id", primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

follow_up = Table(
    "follow_up",
    metadata,
    Column("id", Id, primary_key=True),
    ref("orders.id", name="order_id", nullable=False),
    Column("kind", String(40), nullable=False),  # its name in follow_ups.toml
    Column("occurrence", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("order_id", "kind", "occurrence"),
    Index("ix_follow_up_due", "due_at", sqlite_where=DUE, postgresql_where=DUE),
)

serial_block = Table(
    "serial_block",
    metadata,
    Column("day", String(6), primary_key=True),
    Column("next", Integer, nullable=False),
)

review = Table(
    "review",
    metadata,
    Column("id", Id, primary_key=True),
    ref("message.id", name="message_id", index=True),
    ref("orders.id", name="order_id", index=True),
    Column("reason", String(400), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("state", String(8), nullable=False),
    Column("due_at", Instant),  # by the clock of the checking; unknown for what was opened before there was one
    Column("reminded_at", Instant),
    Column("assigned_to", String(8)),  # staff number
    Column("closed_at", Instant),
    Column("closed_by", String(80)),  # who, as the tracking record has it
    Index("ix_review_state", "state"),
)

call_task = Table(
    "call_task",
    metadata,
    Column("id", Id, primary_key=True),
    ref("orders.id", name="order_id", index=True),
    Column("name", String(200), nullable=False),  # whom to call
    Column("phone", String(40), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", String(80), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("reminded_at", Instant),
    Column("assigned_to", String(8)),  # staff number
    Column("done_at", Instant, index=True),
    Column("done_by", String(80)),
    Column("outcome", String(400)),
)

OPEN = text("cleared_at IS NULL")
alarm = Table(
    "alarm",
    metadata,
    Column("id", Id, primary_key=True),
    Column("part", String(80), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("detail", String(400), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("cleared_at", Instant),
    Index("uq_alarm_open", "part", "kind", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
)

switch = Table(
    "switch",
    metadata,
    Column("name", String(40), primary_key=True),  # e.g. hold: nothing leaves
    Column("value", String(200), nullable=False),
)
