"""What people hand in, kept whole, and what the columns of their tables mean.

Revision: 0008, after: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "received",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_mark", sa.LargeBinary(), nullable=True),
        sa.Column("look", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
    )
    op.create_index("uq_received_shop_id_content_mark", "received", ["shop_id", "content_mark"], unique=True)
    op.create_index(
        "ix_received_ready_at",
        "received",
        ["shop_id", "ready_at"],
        unique=False,
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    )
    op.create_index(
        "ix_received_open",
        "received",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('fetching', 'unread', 'ready')"),
    )
    op.create_table(
        "headings",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_headings")),
    )


def downgrade() -> None:
    op.drop_table("headings")
    op.drop_index(
        "ix_received_open", table_name="received", postgresql_where=sa.text("state IN ('fetching', 'unread', 'ready')")
    )
    op.drop_index("ix_received_ready_at", table_name="received", postgresql_where=sa.text("ready_at IS NOT NULL"))
    op.drop_index("uq_received_shop_id_content_mark", table_name="received")
    op.drop_table("received")
