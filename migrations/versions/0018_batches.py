"""Batches: several orders at once, asked once, and taken back within a minute; receivers that people here corrected.

Revision: 0018, after: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ACTED = sa.text("acted_by IS NOT NULL")
_LIVE = sa.text("state IN ('running', 'undoing')")


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("said", JSONB(), server_default="{}", nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("acted_by", sa.Integer(), nullable=True),
        sa.Column("actor", JSONB(), nullable=False),
        sa.Column("place", sa.Text(), server_default="staff", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_acted_by", "batches", ["acted_by", "id"], unique=False, postgresql_where=_ACTED)
    op.create_index("ix_batches_live", "batches", ["id"], unique=False, postgresql_where=_LIVE)
    op.create_index("ix_batches_asked_at", "batches", ["asked_at"], unique=False)
    op.create_table(
        "batch_orders",
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", JSONB(), server_default="{}", nullable=False),
        sa.Column("before", JSONB(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "order_id", name=op.f("pk_batch_orders")),
    )
    op.create_index("ix_batch_orders_order_id", "batch_orders", ["order_id", "batch_id"], unique=False)
    op.create_table(
        "own_receivers",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("theirs", sa.LargeBinary(), nullable=False),
        sa.Column("ours", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_own_receivers")),
    )


def downgrade() -> None:
    op.drop_table("own_receivers")
    op.drop_index("ix_batch_orders_order_id", table_name="batch_orders")
    op.drop_table("batch_orders")
    op.drop_index("ix_batches_asked_at", table_name="batches")
    op.drop_index("ix_batches_live", table_name="batches", postgresql_where=_LIVE)
    op.drop_index("ix_batches_acted_by", table_name="batches", postgresql_where=_ACTED)
    op.drop_table("batches")
