"""What new lines need is taken from the lines themselves: orders that come in pay for no look at what stands already.

The keeper plans with its orders' ids in hand: as an SQL function it planned without them, and went through the whole of
`waiting_lines` once for every batch while the table had no statistics.

Revision: 0015, after: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = "('pending_review', 'pending_pick', 'pending_ship')"
_STATEMENTS = f"""
        DELETE FROM waiting_lines WHERE order_id = ANY(ids);
        INSERT INTO waiting_lines (order_id, sku, pieces, at)
        SELECT o.id, l.sku, sum(l.quantity), coalesce(o.paid_at, o.created_at)
        FROM orders o JOIN order_lines l ON l.order_id = o.id
        WHERE o.id = ANY(ids) AND o.stage IN {_OPEN} AND NOT l.shipped AND l.refund <> 'refunded'
        GROUP BY o.id, o.paid_at, o.created_at, l.sku;
"""
_KEEP = f"""
    CREATE OR REPLACE FUNCTION keep_waiting_lines(ids bigint[]) RETURNS void LANGUAGE plpgsql
        SET plan_cache_mode = force_custom_plan AS $$
    BEGIN {_STATEMENTS} END $$
"""
_KEEP_BEFORE = f"""
    CREATE OR REPLACE FUNCTION keep_waiting_lines(ids bigint[]) RETURNS void LANGUAGE sql
        SET plan_cache_mode = force_custom_plan AS $$ {_STATEMENTS} $$
"""
# Orders of which nothing waits yet need no more than these lines say; of any other one all its lines are counted, as an
# upsert's inserted and updated lines come here apart. Stages are compared after the ids have found their rows: by
# the index of open orders the planner would go through all of these.
_ADDED = f"""
    CREATE FUNCTION lines_added_keep_waiting_lines() RETURNS trigger LANGUAGE plpgsql
        SET plan_cache_mode = force_custom_plan AS $$
    DECLARE ids bigint[];
    BEGIN
        SELECT array_agg(DISTINCT order_id) INTO ids FROM changed;
        IF EXISTS (SELECT FROM waiting_lines WHERE order_id = ANY(ids)) THEN
            PERFORM keep_waiting_lines(ids);
            RETURN NULL;
        END IF;
        INSERT INTO waiting_lines (order_id, sku, pieces, at)
        WITH o AS MATERIALIZED (
            SELECT id, stage, coalesce(paid_at, created_at) AS at FROM orders WHERE id = ANY(ids)
        )
        SELECT o.id, n.sku, sum(n.quantity), o.at FROM changed n JOIN o ON o.id = n.order_id
        WHERE o.stage IN {_OPEN} AND NOT n.shipped AND n.refund <> 'refunded' GROUP BY o.id, n.sku, o.at;
        RETURN NULL;
    END $$
"""
_ON_INSERT = (
    "CREATE TRIGGER keep_waiting_lines_insert AFTER INSERT ON order_lines REFERENCING NEW TABLE AS changed "
    "FOR EACH STATEMENT EXECUTE FUNCTION {}()"
)


def upgrade() -> None:
    op.execute("DROP TRIGGER keep_waiting_lines_insert ON order_lines")
    for statement in (_KEEP, _ADDED, _ON_INSERT.format("lines_added_keep_waiting_lines")):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_waiting_lines_insert ON order_lines")
    op.execute("DROP FUNCTION lines_added_keep_waiting_lines()")
    op.execute(_KEEP_BEFORE)
    op.execute(_ON_INSERT.format("lines_keep_waiting_lines"))
