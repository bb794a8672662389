"""Orders in somebody's hands, and of one kin; calls that nobody made in time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingestd.store import schema

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one revision up."""

    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assigned_to", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("kin_id", identity, nullable=True))
        batch_op.create_index(batch_op.f("ix_orders_kin_id"), ["kin_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_orders_kin_id_orders"), "orders", ["kin_id"], ["id"])
    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reminded_at", schema.Instant(length=27), nullable=True))


def downgrade() -> None:
    """Go one revision down."""

    with op.batch_alter_table("call_task", schema=None) as batch_op:
        batch_op.drop_column("reminded_at")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_orders_kin_id_orders"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_orders_kin_id"))
        batch_op.drop_column("kin_id")
        batch_op.drop_column("assigned_to")
