"""The rest of the catalogue: the list of buyers who are not trusted, what a platform's after-sale is about, when
the buyer pressed it to ship and which courier it promised, and an index by which the same bought twice is found where a
platform tells the address alone.

Revision: 0033, after: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blacklist",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("removed_why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blacklist")),
    )
    op.create_table(
        "blacklist_marks",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["blacklist.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry_id", "kind", name=op.f("pk_blacklist_marks")),
    )
    op.create_index("ix_blacklist_marks_mark", "blacklist_marks", ["kind", "mark"])
    op.add_column("orders", sa.Column("after_sale", sa.Text(), server_default="", nullable=False))
    op.add_column("orders", sa.Column("promised", sa.Text(), server_default="", nullable=False))
    op.add_column("orders", sa.Column("urged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_orders_receiver", "orders", ["shop_id", "receiver_key", sa.text("created_at DESC")],
        postgresql_where=sa.text("receiver_key <> '' AND buyer_key = ''"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_orders_receiver", table_name="orders")
    for column in ("urged_at", "promised", "after_sale"):
        op.drop_column("orders", column)
    op.drop_table("blacklist_marks")
    op.drop_table("blacklist")
