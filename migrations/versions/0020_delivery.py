"""Owed messages: how urgent, which way they went, into which they were merged, and who must hear what was dropped.

Revision: 0020, after: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('owed', 'sending')")
_LOST = sa.text("state IN ('failed', 'unsure')")


def upgrade() -> None:
    op.add_column("notifications", sa.Column("urgency", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
    op.add_column("notifications", sa.Column("again_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notifications", sa.Column("carried_by", sa.Text(), server_default="", nullable=False))
    op.add_column("notifications", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.add_column("notifications", sa.Column("unsaid", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("sent_cards", sa.Column("tier", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.execute(
        "UPDATE notifications SET urgency = CASE purpose WHEN 'card' THEN 2 ELSE 3 END "
        "WHERE state IN ('owed', 'sending') AND (purpose = 'card' OR purpose = 'edit' AND NOT body ? 'task_id')"
    )
    op.create_index("ix_notifications_due", "notifications", ["urgency", "next_try_at"], postgresql_where=_OPEN)
    op.create_index("ix_notifications_lost", "notifications", ["created_at"], postgresql_where=_LOST)
    op.create_index(
        "ix_notifications_unsaid", "notifications", ["channel", "recipient"], postgresql_where=sa.text("unsaid")
    )
    op.create_index("ix_notifications_created_at", "notifications", ["created_at"], postgresql_using="brin")
    op.drop_index("ix_notifications_owed", table_name="notifications")


def downgrade() -> None:
    # Yesterday's code knows neither state: what was carried by another row is sent, what is unsure stays failed.
    op.execute("UPDATE notifications SET state = 'sent' WHERE state = 'merged'")
    op.execute("UPDATE notifications SET state = 'failed' WHERE state = 'unsure'")
    op.create_index("ix_notifications_owed", "notifications", ["channel", "next_try_at"], postgresql_where=_OPEN)
    for name in ("created_at", "unsaid", "lost", "due"):
        op.drop_index(f"ix_notifications_{name}", table_name="notifications")
    op.drop_column("sent_cards", "tier")
    for name in ("unsaid", "merged_into", "carried_by", "again_at", "urgency"):
        op.drop_column("notifications", name)
