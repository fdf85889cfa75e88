"""What travelled with a message to a customer is found without reading all messages.

Revision: 0035, after: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_notifications_merged", "notifications", ["merged_into"], unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_notifications_merged", table_name="notifications")
