"""Reviews that are due"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ingestd.store import schema

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one revision up."""

    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", schema.Instant(length=27), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", schema.Instant(length=27), nullable=True))


def downgrade() -> None:
    """Go one revision down."""

    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("due_at")
