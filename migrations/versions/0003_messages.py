"""Owed messages, sent cards, inbound dedupe, write-backs, leases and ticks.

Revision: 0003, after: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "planned_at", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("state", sa.Text(), server_default="owed", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("msgid", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notifications_dedupe_key")),
    )
    op.create_index(
        "ix_notifications_msgid", "notifications", ["msgid"], unique=False, postgresql_where=sa.text("msgid <> ''")
    )
    op.create_index(
        "ix_notifications_owed",
        "notifications",
        ["channel", "next_try_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('owed', 'sending')"),
    )
    op.create_index("ix_notifications_subject", "notifications", ["subject"], unique=False)
    op.create_table(
        "seen_messages",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "message_id", name=op.f("pk_seen_messages")),
    )
    op.create_table(
        "sent_cards",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("response_code", sa.Text(), server_default="", nullable=False),
        sa.Column("response_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("msgid", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_cards")),
    )
    op.create_index("ix_sent_cards_subject", "sent_cards", ["subject"], unique=False)
    op.create_index("uq_sent_cards_channel_task_id", "sent_cards", ["channel", "task_id"], unique=True)
    op.create_table(
        "write_backs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default="owed", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_backs")),
    )
    op.create_index(
        "ix_write_backs_due", "write_backs", ["next_try_at"], unique=False, postgresql_where=sa.text("state = 'owed'")
    )
    op.create_index("uq_write_backs_order_id_kind", "write_backs", ["order_id", "kind"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_write_backs_order_id_kind", table_name="write_backs")
    op.drop_index("ix_write_backs_due", table_name="write_backs", postgresql_where=sa.text("state = 'owed'"))
    op.drop_table("write_backs")
    op.drop_index("uq_sent_cards_channel_task_id", table_name="sent_cards")
    op.drop_index("ix_sent_cards_subject", table_name="sent_cards")
    op.drop_table("sent_cards")
    op.drop_table("seen_messages")
    op.drop_index("ix_notifications_subject", table_name="notifications")
    op.drop_index(
        "ix_notifications_owed", table_name="notifications", postgresql_where=sa.text("state IN ('owed', 'sending')")
    )
    op.drop_index("ix_notifications_msgid", table_name="notifications", postgresql_where=sa.text("msgid <> ''"))
    op.drop_table("notifications")
    op.drop_table("leases")
    op.drop_table("job_runs")
