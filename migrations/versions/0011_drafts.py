"""Drafts of orders made in chat, which order mends which, and which orders leave in one parcel.

Revision: 0011, after: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")
_CONFIRMED = sa.text("confirmed_at IS NOT NULL")
_WITHDRAWN = sa.text("withdrawn_at IS NOT NULL")
_WAITING = sa.text("state IN ('open', 'confirmed')")
_ASKED = sa.text("state = 'asked'")
_OF_CASE = sa.text("case_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("name_hash", sa.LargeBinary(), nullable=True),
        sa.Column("original_order_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index("uq_drafts_open", "drafts", ["staff_id"], unique=True, postgresql_where=_OPEN)
    op.create_index(
        "ix_drafts_confirmed", "drafts", ["shop_id", "confirmed_at"], unique=False, postgresql_where=_CONFIRMED
    )
    op.create_index(
        "ix_drafts_withdrawn", "drafts", ["shop_id", "withdrawn_at"], unique=False, postgresql_where=_WITHDRAWN
    )
    op.create_index("ix_drafts_waiting", "drafts", ["expires_at"], unique=False, postgresql_where=_WAITING)
    op.create_table(
        "order_links",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("original_order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_links")),
    )
    op.create_index("ix_order_links_original", "order_links", ["original_order_id"], unique=False)
    op.create_table(
        "merges",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="asked", nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sa.UniqueConstraint("key", name=op.f("uq_merges_key")),
    )
    op.create_index("ix_merges_asked", "merges", ["id"], unique=False, postgresql_where=_ASKED)
    op.create_index("ix_merges_case_id", "merges", ["case_id"], unique=False, postgresql_where=_OF_CASE)
    op.create_table(
        "merge_orders",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("merge_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_merge_orders")),
    )
    op.create_index("ix_merge_orders_merge_id", "merge_orders", ["merge_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_merge_orders_merge_id", table_name="merge_orders")
    op.drop_table("merge_orders")
    op.drop_index("ix_merges_case_id", table_name="merges", postgresql_where=_OF_CASE)
    op.drop_index("ix_merges_asked", table_name="merges", postgresql_where=_ASKED)
    op.drop_table("merges")
    op.drop_index("ix_order_links_original", table_name="order_links")
    op.drop_table("order_links")
    op.drop_index("ix_drafts_waiting", table_name="drafts", postgresql_where=_WAITING)
    op.drop_index("ix_drafts_withdrawn", table_name="drafts", postgresql_where=_WITHDRAWN)
    op.drop_index("ix_drafts_confirmed", table_name="drafts", postgresql_where=_CONFIRMED)
    op.drop_index("uq_drafts_open", table_name="drafts", postgresql_where=_OPEN)
    op.drop_table("drafts")
