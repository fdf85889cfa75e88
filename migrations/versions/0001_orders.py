"""Orders, their lines and tags, shops and cursors, raw payloads, the trail.

Revision: 0001, after: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cursors",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("api", sa.Text(), nullable=False),
        sa.Column("synced_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "api", name=op.f("pk_cursors")),
    )
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("platform_sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("refund", sa.Text(), server_default="", nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "line_key", name=op.f("pk_order_lines")),
    )
    op.create_index("ix_order_lines_sku", "order_lines", ["sku", "order_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="normal", nullable=False),
        sa.Column("kind_evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("original_id", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("platform_status", sa.Text(), nullable=False),
        sa.Column("hold", sa.Text(), server_default="", nullable=False),
        sa.Column("refund", sa.Text(), server_default="", nullable=False),
        sa.Column("lock_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("goods_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("post_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("discount_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ship_by_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("buyer_key", sa.Text(), server_default="", nullable=False),
        sa.Column("buyer_message", sa.Text(), server_default="", nullable=False),
        sa.Column("seller_memo", sa.Text(), server_default="", nullable=False),
        sa.Column("seller_flag", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("province", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("district", sa.Text(), server_default="", nullable=False),
        sa.Column("town", sa.Text(), server_default="", nullable=False),
        sa.Column("receiver", sa.LargeBinary(), nullable=True),
        sa.Column("receiver_key", sa.Text(), server_default="", nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("phone_tail_hash", sa.LargeBinary(), nullable=True),
        sa.Column("name_hash", sa.LargeBinary(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("waybill", sa.Text(), server_default="", nullable=False),
        sa.Column("courier", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("recheck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("trail_hash", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("tag", name=op.f("uq_orders_tag")),
    )
    op.create_index("ix_orders_external_id", "orders", ["external_id"], unique=False)
    op.create_index(
        "ix_orders_name",
        "orders",
        ["name_hash", sa.literal_column("created_at DESC")],
        unique=False,
        postgresql_where=sa.text("name_hash IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_open",
        "orders",
        ["stage", "stage_entered_at"],
        unique=False,
        postgresql_where=sa.text("stage IN ('pending_review', 'pending_pick', 'pending_ship')"),
    )
    op.create_index(
        "ix_orders_phone",
        "orders",
        ["phone_hash", sa.literal_column("created_at DESC")],
        unique=False,
        postgresql_where=sa.text("phone_hash IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_phone_tail",
        "orders",
        ["phone_tail_hash", sa.literal_column("created_at DESC")],
        unique=False,
        postgresql_where=sa.text("phone_tail_hash IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_recheck_at",
        "orders",
        ["recheck_at"],
        unique=False,
        postgresql_where=sa.text("recheck_at IS NOT NULL"),
    )
    op.create_index("uq_orders_shop_id_external_id", "orders", ["shop_id", "external_id"], unique=True)
    op.create_table(
        "raw_payloads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_payloads")),
    )
    op.create_index(
        "ix_raw_payloads_problem",
        "raw_payloads",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("problem IS NOT NULL"),
    )
    op.create_index("ix_raw_payloads_record", "raw_payloads", ["shop_id", "external_id"], unique=False)
    op.create_table(
        "shops",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ship_hours", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="working", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_offset_seconds", sa.Double(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shops")),
        sa.UniqueConstraint("slug", name=op.f("uq_shops_slug")),
    )
    op.create_table(
        "tag_counters",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "day", name=op.f("pk_tag_counters")),
    )
    op.create_table(
        "trail",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail")),
    )
    op.create_index("ix_trail_subject", "trail", ["subject", "id"], unique=False)
    op.create_table(
        "trail_heads",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_trail_heads")),
    )


def downgrade() -> None:
    op.drop_table("trail_heads")
    op.drop_index("ix_trail_subject", table_name="trail")
    op.drop_table("trail")
    op.drop_table("tag_counters")
    op.drop_table("shops")
    op.drop_index("ix_raw_payloads_record", table_name="raw_payloads")
    op.drop_index("ix_raw_payloads_problem", table_name="raw_payloads", postgresql_where=sa.text("problem IS NOT NULL"))
    op.drop_table("raw_payloads")
    op.drop_index("uq_orders_shop_id_external_id", table_name="orders")
    op.drop_index("ix_orders_recheck_at", table_name="orders", postgresql_where=sa.text("recheck_at IS NOT NULL"))
    op.drop_index("ix_orders_phone_tail", table_name="orders", postgresql_where=sa.text("phone_tail_hash IS NOT NULL"))
    op.drop_index("ix_orders_phone", table_name="orders", postgresql_where=sa.text("phone_hash IS NOT NULL"))
    op.drop_index(
        "ix_orders_open",
        table_name="orders",
        postgresql_where=sa.text("stage IN ('pending_review', 'pending_pick', 'pending_ship')"),
    )
    op.drop_index("ix_orders_name", table_name="orders", postgresql_where=sa.text("name_hash IS NOT NULL"))
    op.drop_index("ix_orders_external_id", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_order_lines_sku", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_table("cursors")
