"""What customers call their orders"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one revision up."""

    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "order_reference",
        sa.Column("order_id", identity, nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_reference_order_id_orders")),
        sa.PrimaryKeyConstraint("order_id", "value", name=op.f("pk_order_reference")),
    )
    with op.batch_alter_table("order_reference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_reference_value"), ["value"], unique=False)


def downgrade() -> None:
    """Go one revision down."""

    with op.batch_alter_table("order_reference", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_reference_value"))
    op.drop_table("order_reference")
