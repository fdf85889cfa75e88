"""An index for the board's "how many were done today", which read all orders.

Revision: 0006, after: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_orders_done",
        "orders",
        ["stage_entered_at"],
        unique=False,
        postgresql_where=sa.text("stage = 'done'"),
    )


def downgrade() -> None:
    op.drop_index("ix_orders_done", table_name="orders", postgresql_where=sa.text("stage = 'done'"))
