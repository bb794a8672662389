"""What the checks made of each revision"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go one revision up."""

    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assessment", sa.Text(), nullable=True))
    op.execute("UPDATE revision SET assessment = '{}'")
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.alter_column("assessment", existing_type=sa.Text(), nullable=False)


def downgrade() -> None:
    """Go one revision down."""

    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_column("assessment")
