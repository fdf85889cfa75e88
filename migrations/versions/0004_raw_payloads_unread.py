"""An index for "of these records, which are kept unread?", which every batch asks.

Revision: 0004, after: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_raw_payloads_unread",
        "raw_payloads",
        ["shop_id", "external_id"],
        unique=False,
        postgresql_where=sa.text("problem IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_raw_payloads_unread", table_name="raw_payloads", postgresql_where=sa.text("problem IS NOT NULL"))
