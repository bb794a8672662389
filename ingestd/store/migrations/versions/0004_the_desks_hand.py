"""What agents do: reviews assigned and closed by them, and whom to call"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingestd.store import schema

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one revision up."""

    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "call_task",
        sa.Column("id", identity, nullable=False),
        sa.Column("order_id", identity, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("opened_at", schema.Instant(length=27), nullable=False),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("due_at", schema.Instant(length=27), nullable=False),
        sa.Column("assigned_to", sa.String(length=8), nullable=True),
        sa.Column("done_at", schema.Instant(length=27), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.Column("outcome", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_call_task_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_task")),
    )
    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_task_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_task_done_at"), ["done_at"], unique=False)
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assigned_to", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("closed_at", schema.Instant(length=27), nullable=True))
        batch_op.add_column(sa.Column("closed_by", sa.String(length=80), nullable=True))


def downgrade() -> None:
    """Go one revision down."""

    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_column("closed_by")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("assigned_to")
    op.drop_table("call_task")
