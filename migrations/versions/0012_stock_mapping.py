"""What ERPs tell of stock and of orders, what others hold of the shelf, and which platform SKU is which of ours.

Revision: 0012, after: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _at(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("stock", sa.Column("locked", sa.Integer(), server_default="0", nullable=False))
    op.add_column("stock", sa.Column("incoming", sa.Integer(), server_default="0", nullable=False))
    op.add_column("stock", _at("incoming_at", nullable=True))
    op.create_table(
        "erps",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="working", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        _at("wait_until", nullable=True),
        _at("read_at"),
        _at("stock_at", nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_erps")),
    )
    op.create_table(
        "erp_cursors",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("api", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        _at("moved_at"),
        sa.PrimaryKeyConstraint("slug", "api", name=op.f("pk_erp_cursors")),
    )
    op.create_table(
        "stock_levels",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("incoming", sa.Integer(), nullable=False),
        sa.Column("net", sa.Boolean(), nullable=False),
        _at("updated_at"),
        sa.PrimaryKeyConstraint("sku", "source", "warehouse", name=op.f("pk_stock_levels")),
    )
    op.create_table(
        "erp_orders",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("courier", sa.Text(), server_default="", nullable=False),
        sa.Column("waybill", sa.Text(), server_default="", nullable=False),
        _at("shipped_at", nullable=True),
        _at("modified_at"),
        _at("owe_at", nullable=True),
        sa.PrimaryKeyConstraint("order_id", "source", "number", name=op.f("pk_erp_orders")),
    )
    op.create_index(
        "ix_erp_orders_owe_at", "erp_orders", ["owe_at"], unique=False,
        postgresql_where=sa.text("owe_at IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "sku_map",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("platform_sku", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("mapped_by", sa.Text(), nullable=False),
        _at("mapped_at"),
        sa.PrimaryKeyConstraint("platform", "shop_id", "platform_sku", name=op.f("pk_sku_map")),
    )


def downgrade() -> None:
    op.drop_table("sku_map")
    op.drop_index("ix_erp_orders_owe_at", table_name="erp_orders", postgresql_where=sa.text("owe_at IS NOT NULL"))
    for table in ("erp_orders", "stock_levels", "erp_cursors", "erps"):
        op.drop_table(table)
    for column in ("incoming_at", "incoming", "locked"):
        op.drop_column("stock", column)
