"""What more an order tells rules: how it was when it was approved. A trigger keeps it, for approvals come from several
rooms and in bulk.

Revision: 0030, after: 0029
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_KEEP = """
    CREATE FUNCTION orders_keep_audited() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.stage = 'pending_review' AND NEW.stage IN ('pending_pick', 'pending_ship') THEN
            INSERT INTO audited_orders (order_id, message, memo, receiver_key, goods, at)
            SELECT NEW.id, NEW.buyer_message, NEW.seller_memo, NEW.receiver_key, coalesce((
                SELECT jsonb_object_agg(g.sku, g.pieces) FROM (
                    SELECT coalesce(nullif(platform_sku, ''), sku) AS sku, sum(quantity) AS pieces
                    FROM order_lines WHERE order_id = NEW.id GROUP BY 1) g), '{}'), NEW.stage_entered_at
            ON CONFLICT (order_id) DO UPDATE SET message = excluded.message, memo = excluded.memo,
                receiver_key = excluded.receiver_key, goods = excluded.goods, at = excluded.at;
        ELSE
            DELETE FROM audited_orders WHERE order_id = NEW.id;
        END IF;
        RETURN NULL;
    END $$
"""
_TRIGGER = """
    CREATE TRIGGER keep_audited AFTER UPDATE OF stage ON orders FOR EACH ROW
    WHEN (OLD.stage <> NEW.stage
        AND (OLD.stage = 'pending_review' OR NEW.stage IN ('pending_review', 'done', 'cancelled')))
    EXECUTE FUNCTION orders_keep_audited()
"""


def upgrade() -> None:
    op.create_table(
        "audited_orders",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("receiver_key", sa.Text(), nullable=False),
        sa.Column("goods", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_audited_orders")),
    )
    op.execute(_KEEP)
    op.execute(_TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_audited ON orders")
    op.execute("DROP FUNCTION orders_keep_audited")
    op.drop_table("audited_orders")
