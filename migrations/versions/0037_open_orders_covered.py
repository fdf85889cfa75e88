"""How many orders of a stage are late, since when and for how much is read from the index alone; what was cancelled
lately, and what a rule found lately, is found without reading all that ever came.

Revision: 0037, after: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_OPEN = sa.text("stage IN ('pending_review', 'pending_pick', 'pending_ship')")
_COVERED = ["hold", "not_before_at", "paid_fen", "ship_by_at"]


def upgrade() -> None:
    op.drop_index("ix_orders_open", table_name="orders", postgresql_where=_OPEN)
    op.create_index(
        "ix_orders_open", "orders", ["stage", "stage_entered_at"], unique=False, postgresql_include=_COVERED,
        postgresql_where=_OPEN,
    )  # fmt: skip
    op.create_index(
        "ix_orders_cancelled", "orders", ["stage_entered_at"], unique=False,
        postgresql_where=sa.text("stage = 'cancelled'"),
    )  # fmt: skip
    op.create_index("ix_cases_kind", "cases", ["kind", "opened_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_cases_kind", table_name="cases")
    op.drop_index("ix_orders_cancelled", table_name="orders", postgresql_where=sa.text("stage = 'cancelled'"))
    op.drop_index("ix_orders_open", table_name="orders", postgresql_include=_COVERED, postgresql_where=_OPEN)
    op.create_index("ix_orders_open", "orders", ["stage", "stage_entered_at"], unique=False, postgresql_where=_OPEN)
