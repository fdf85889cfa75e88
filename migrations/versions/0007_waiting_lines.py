"""What open orders still need, kept narrow by the database itself: whether a SKU is short must not be asked of all
orders. Statement triggers, because stages and lines change in bulk and from several rooms.

Revision: 0007, after: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = "('pending_review', 'pending_pick', 'pending_ship')"

_KEEP = f"""
    CREATE FUNCTION keep_waiting_lines(ids bigint[]) RETURNS void LANGUAGE sql
        SET plan_cache_mode = force_custom_plan AS $$
        DELETE FROM waiting_lines WHERE order_id = ANY(ids);
        INSERT INTO waiting_lines (order_id, sku, pieces, at)
        SELECT o.id, l.sku, sum(l.quantity), coalesce(o.paid_at, o.created_at)
        FROM orders o JOIN order_lines l ON l.order_id = o.id
        WHERE o.id = ANY(ids) AND o.stage IN {_OPEN} AND NOT l.shipped AND l.refund <> 'refunded'
        GROUP BY o.id, o.paid_at, o.created_at, l.sku;
    $$
"""
_ORDERS = f"""
    CREATE FUNCTION orders_keep_waiting_lines() RETURNS trigger LANGUAGE plpgsql
        SET plan_cache_mode = force_custom_plan AS $$
    DECLARE ids bigint[];
    BEGIN
        SELECT array_agg(n.id) INTO ids FROM changed n JOIN before o ON o.id = n.id
        WHERE (n.stage IN {_OPEN}) <> (o.stage IN {_OPEN})
            OR (n.stage IN {_OPEN} AND n.paid_at IS DISTINCT FROM o.paid_at);
        IF ids IS NOT NULL THEN
            PERFORM keep_waiting_lines(ids);
        END IF;
        RETURN NULL;
    END $$
"""
_LINES = f"""
    CREATE FUNCTION lines_keep_waiting_lines() RETURNS trigger LANGUAGE plpgsql
        SET plan_cache_mode = force_custom_plan AS $$
    DECLARE ids bigint[];
    BEGIN
        SELECT array_agg(DISTINCT order_id) INTO ids FROM changed;  -- known first, so that their key is used
        SELECT array_agg(id) INTO ids FROM orders WHERE id = ANY(ids) AND stage IN {_OPEN};
        IF ids IS NOT NULL THEN
            PERFORM keep_waiting_lines(ids);
        END IF;
        RETURN NULL;
    END $$
"""
_TRIGGERS = (
    "CREATE TRIGGER keep_waiting_lines AFTER UPDATE ON orders REFERENCING NEW TABLE AS changed OLD TABLE AS before "
    "FOR EACH STATEMENT EXECUTE FUNCTION orders_keep_waiting_lines()",
    *(
        f"CREATE TRIGGER keep_waiting_lines_{event.lower()} AFTER {event} ON order_lines REFERENCING {side} TABLE AS "
        "changed FOR EACH STATEMENT EXECUTE FUNCTION lines_keep_waiting_lines()"
        for event, side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
)


def upgrade() -> None:
    op.create_table(
        "waiting_lines",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "sku", name=op.f("pk_waiting_lines")),
    )
    op.create_index(
        "ix_waiting_lines_sku", "waiting_lines", ["sku", "at", "order_id"], unique=False, postgresql_include=["pieces"]
    )
    for statement in (_KEEP, _ORDERS, _LINES, *_TRIGGERS):
        op.execute(statement)
    op.execute(f"SELECT keep_waiting_lines(array_agg(id)) FROM orders WHERE stage IN {_OPEN}")


def downgrade() -> None:
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER keep_waiting_lines_{event} ON order_lines")
    op.execute("DROP TRIGGER keep_waiting_lines ON orders")
    for name in ("lines_keep_waiting_lines()", "orders_keep_waiting_lines()", "keep_waiting_lines(bigint[])"):
        op.execute(f"DROP FUNCTION {name}")
    op.drop_index("ix_waiting_lines_sku", table_name="waiting_lines", postgresql_include=["pieces"])
    op.drop_table("waiting_lines")
