"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingestd.store import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one revision up."""

    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.Column("opened_at", schema.Instant(length=27), nullable=False),
        sa.Column("told_at", schema.Instant(length=27), nullable=True),
        sa.Column("cleared_at", schema.Instant(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(
            "uq_alarm_open",
            ["part", "kind"],
            unique=True,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        )

    op.create_table(
        "folder",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("baseline_uid", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", schema.Instant(length=27), nullable=False),
        sa.Column("changed_at", schema.Instant(length=27), nullable=False),
        sa.PrimaryKeyConstraint("account", "folder", "uidvalidity", name=op.f("pk_folder")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("source_key", sa.String(length=400), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("core_hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("arrived_at", schema.Instant(length=27), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", schema.Instant(length=27), nullable=True),
        sa.Column("stored_at", schema.Instant(length=27), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("duplicate_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sender", sa.String(length=320), nullable=True),
        sa.Column("mail_id", sa.String(length=998), nullable=True),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", schema.Instant(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("source_key", name=op.f("uq_message_source_key")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_core_hash"), ["core_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_mail_id"), ["mail_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_sha256"), ["sha256"], unique=False)
        batch_op.create_index(
            "ix_message_stored",
            ["arrived_at", "position"],
            unique=False,
            sqlite_where=sa.text("state = 'stored'"),
            postgresql_where=sa.text("state = 'stored'"),
        )

    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("serial", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("contact_channel", sa.String(length=8), nullable=False),
        sa.Column("contact", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("area", sa.String(length=80), nullable=False),
        sa.Column("dispatcher", sa.String(length=8), nullable=True),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("order_time", schema.Instant(length=27), nullable=False),
        sa.Column("order_time_source", sa.String(length=8), nullable=False),
        sa.Column("claimed_at", schema.Instant(length=27), nullable=True),
        sa.Column("arrived_at", schema.Instant(length=27), nullable=False),
        sa.Column("clock_start", schema.Instant(length=27), nullable=True),
        sa.Column("confirmed_at", schema.Instant(length=27), nullable=True),
        sa.Column("dispatched_at", schema.Instant(length=27), nullable=True),
        sa.Column("pickup_by", schema.Instant(length=27), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("serial", name=op.f("uq_orders_serial")),
        sa.UniqueConstraint("token", name=op.f("uq_orders_token")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("ix_orders_open", ["dispatcher", "state"], unique=False)
        batch_op.create_index("ix_orders_state", ["state"], unique=False)
        batch_op.create_index("ix_orders_twin", ["customer", "fingerprint"], unique=False)
        batch_op.create_index("ix_orders_unsettled", ["customer", "state"], unique=False)

    op.create_table(
        "serial_block",
        sa.Column("day", sa.String(length=6), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_serial_block")),
    )
    op.create_table(
        "switch",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switch")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", schema.Instant(length=27), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_event_message_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_event_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_order_id"), ["order_id"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("due_at", schema.Instant(length=27), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("done_at", schema.Instant(length=27), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_follow_up_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("order_id", "kind", "occurrence", name=op.f("uq_follow_up_order_id_kind_occurrence")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(
            "ix_follow_up_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'due'"),
            postgresql_where=sa.text("state = 'due'"),
        )

    op.create_table(
        "message_raw",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_raw_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_raw")),
    )
    op.create_table(
        "reading",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parsers_digest", sa.String(length=64), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_reading_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_reading")),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("opened_at", schema.Instant(length=27), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_review_message_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_review_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_order_id"), ["order_id"], unique=False)
        batch_op.create_index("ix_review_state", ["state"], unique=False)

    op.create_table(
        "revision",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("json", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_revision_message_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_revision_order_id")),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_revision")),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revision_message_id"), ["message_id"], unique=False)

    op.create_table(
        "sending",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", schema.Instant(length=27), nullable=False),
        sa.Column("next_at", schema.Instant(length=27), nullable=False),
        sa.Column("deadline", schema.Instant(length=27), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", schema.Instant(length=27), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("changed_at", schema.Instant(length=27), nullable=True),
        sa.Column("accepted_at", schema.Instant(length=27), nullable=True),
        sa.Column("detail", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_sending_message_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_sending_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
        sa.UniqueConstraint(
            "cause", "purpose", "channel", "recipient", name=op.f("uq_sending_cause_purpose_channel_recipient")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_sending_key")),
    )
    with op.batch_alter_table("sending", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sending_doubtful",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("state = 'uncertain'"),
            postgresql_where=sa.text("state = 'uncertain'"),
        )
        batch_op.create_index(
            "ix_sending_due",
            ["channel", "deadline"],
            unique=False,
            sqlite_where=sa.text("state = 'due'"),
            postgresql_where=sa.text("state = 'due'"),
        )
        batch_op.create_index(
            "ix_sending_leased",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.create_index(batch_op.f("ix_sending_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sending_order_id"), ["order_id"], unique=False)

    op.create_table(
        "sending_body",
        sa.Column("sending_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sending_id"], ["sending.id"], name=op.f("fk_sending_body_sending_id")),
        sa.PrimaryKeyConstraint("sending_id", name=op.f("pk_sending_body")),
    )


def downgrade() -> None:
    """Go one revision back."""

    op.drop_table("sending_body")
    with op.batch_alter_table("sending", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sending_order_id"))
        batch_op.drop_index(batch_op.f("ix_sending_message_id"))
        batch_op.drop_index(
            "ix_sending_leased",
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.drop_index(
            "ix_sending_due", sqlite_where=sa.text("state = 'due'"), postgresql_where=sa.text("state = 'due'")
        )
        batch_op.drop_index(
            "ix_sending_doubtful",
            sqlite_where=sa.text("state = 'uncertain'"),
            postgresql_where=sa.text("state = 'uncertain'"),
        )

    op.drop_table("sending")
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revision_message_id"))

    op.drop_table("revision")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index("ix_review_state")
        batch_op.drop_index(batch_op.f("ix_review_order_id"))
        batch_op.drop_index(batch_op.f("ix_review_message_id"))

    op.drop_table("review")
    op.drop_table("reading")
    op.drop_table("message_raw")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_follow_up_due", sqlite_where=sa.text("state = 'due'"), postgresql_where=sa.text("state = 'due'")
        )

    op.drop_table("follow_up")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_order_id"))
        batch_op.drop_index(batch_op.f("ix_event_message_id"))

    op.drop_table("event")
    op.drop_table("switch")
    op.drop_table("serial_block")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_unsettled")
        batch_op.drop_index("ix_orders_twin")
        batch_op.drop_index("ix_orders_state")
        batch_op.drop_index("ix_orders_open")

    op.drop_table("orders")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_stored", sqlite_where=sa.text("state = 'stored'"), postgresql_where=sa.text("state = 'stored'")
        )
        batch_op.drop_index(batch_op.f("ix_message_sha256"))
        batch_op.drop_index(batch_op.f("ix_message_mail_id"))
        batch_op.drop_index(batch_op.f("ix_message_core_hash"))

    op.drop_table("message")
    op.drop_table("folder")
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_alarm_open", sqlite_where=sa.text("cleared_at IS NULL"), postgresql_where=sa.text("cleared_at IS NULL")
        )

    op.drop_table("alarm")
