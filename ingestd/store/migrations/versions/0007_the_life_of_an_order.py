"""The life of an order: its further states and moves, its delivery, and a record that nobody rewrites"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingestd.store import schema
from ingestd.store.guards import drop_guards, make_guards

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UNSETTLED = ("asked", "review", "offered")
TO_BE_PICKED_UP = ("confirmed", "dispatched", "taken")
CARRIED = ("picked_up_partly", "picked_up", "in_transit", "arrived", "held", "out_for_delivery")
BEFORE = (*UNSETTLED, "confirmed", "refused", "cancelled")
PICKED = (*CARRIED, "problem", "delivered")
MOVES = {
    **dict.fromkeys(UNSETTLED, BEFORE),
    "refused": ("review",),
    "confirmed": (*TO_BE_PICKED_UP, "review", "cancelled", *PICKED),
    "dispatched": (*TO_BE_PICKED_UP, "cancelled", *PICKED),
    "taken": (*TO_BE_PICKED_UP, "cancelled", *PICKED),
    "picked_up_partly": PICKED,
    "picked_up": PICKED[1:],
    "in_transit": PICKED[2:],
    "arrived": PICKED[3:],
    "held": PICKED[3:],
    "out_for_delivery": PICKED[3:],
    "problem": (*PICKED, "closed"),
    "delivered": ("receipt_returned", "closed", "problem"),
    "receipt_returned": ("closed",),
}


def upgrade() -> None:
    """Go one revision up."""

    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.alter_column("state", existing_type=sa.String(length=12), type_=sa.String(length=20))
        batch_op.add_column(sa.Column("given", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("deliver_by", schema.Instant(length=27), nullable=True))
        batch_op.add_column(sa.Column("depot", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("released_at", schema.Instant(length=27), nullable=True))
        batch_op.add_column(sa.Column("driver", sa.Text(), nullable=True))
        batch_op.create_index("ix_orders_depot", ["depot", "state"], unique=False)
    with op.batch_alter_table("sending", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=20), type_=sa.String(length=40))
    moves = op.create_table(
        "order_move",
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("before", "after", name=op.f("pk_order_move")),
    )
    rows = [{"before": b, "after": a} for b, following in MOVES.items() for a in sorted({*following} - {b})]
    op.bulk_insert(moves, rows)
    make_guards(op.get_bind())


def downgrade() -> None:
    """Go one revision down."""

    drop_guards(op.get_bind())
    op.drop_table("order_move")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=40), type_=sa.String(length=20))
    with op.batch_alter_table("sending", schema=None) as batch_op:
        batch_op.drop_column("given")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_depot")
        for name in ("driver", "released_at", "depot", "deliver_by", "given"):
            batch_op.drop_column(name)
        batch_op.alter_column("state", existing_type=sa.String(length=20), type_=sa.String(length=12))
