"""What people decide about goods that are short becomes the order's own: a line can leave later than the others, have
left before them, or wait for its refund; its goods can be exchanged for others. Reading the order anew changes none of
it. What leaves later keeps its place in the queue for goods and comes before nobody by an audit that was not about it.

Revision: 0034, after: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_OPEN = "('pending_review', 'pending_pick', 'pending_ship')"
_AT = "coalesce({o}.paid_at, {o}.created_at)"
_DUE = "greatest({o}.ship_by_at, {o}.not_before_at)"
_PLACE = "CASE WHEN {o}.stage = 'pending_review' {later} THEN 1 ELSE 0 END"


def _keep(columns: str, later: str, wanted: str) -> str:
    place = _PLACE.format(o="o", later=later and f"OR {later}")
    chosen = f", {later}" if later else ""
    return f"""
        CREATE OR REPLACE FUNCTION keep_waiting_lines(ids bigint[]) RETURNS void LANGUAGE plpgsql
            SET plan_cache_mode = force_custom_plan AS $$
        BEGIN
            DELETE FROM waiting_lines WHERE order_id = ANY(ids);
            INSERT INTO waiting_lines (order_id, sku, pieces, place, due_at, at{columns})
            SELECT o.id, l.sku, sum(l.quantity), {place}, {_DUE.format(o="o")}, {_AT.format(o="o")}{chosen}
            FROM orders o JOIN order_lines l ON l.order_id = o.id
            WHERE o.id = ANY(ids) AND o.stage IN {_OPEN} AND NOT l.shipped AND l.refund <> 'refunded' {wanted}
            GROUP BY o.id, l.sku;
        END $$
    """


def _orders(later: str) -> str:
    def place(alias: str, more: str = "") -> str:
        return _PLACE.format(o=alias, later=more)

    due, at = _DUE.format, _AT.format
    return f"""
        CREATE OR REPLACE FUNCTION orders_keep_waiting_lines() RETURNS trigger LANGUAGE plpgsql
            SET plan_cache_mode = force_custom_plan AS $$
        DECLARE ids bigint[];
        BEGIN
            SELECT array_agg(n.id) INTO ids FROM changed n JOIN before o ON o.id = n.id
            WHERE (n.stage IN {_OPEN}) <> (o.stage IN {_OPEN});
            IF ids IS NOT NULL THEN
                PERFORM keep_waiting_lines(ids);
            END IF;
            SELECT array_agg(n.id) INTO ids FROM changed n JOIN before o ON o.id = n.id
            WHERE n.stage IN {_OPEN} AND o.stage IN {_OPEN} AND (
                {place("n")} <> {place("o")} OR n.paid_at IS DISTINCT FROM o.paid_at
                OR {due(o="n")} IS DISTINCT FROM {due(o="o")});
            IF ids IS NOT NULL THEN
                UPDATE waiting_lines w SET place = {place("n", later)}, due_at = {due(o="n")}, at = {at(o="n")}
                FROM changed n WHERE w.order_id = ANY(ids) AND n.id = w.order_id;
            END IF;
            RETURN NULL;
        END $$
    """


def _audited(sold: str) -> str:
    return f"""
        CREATE OR REPLACE FUNCTION orders_keep_audited() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.stage = 'pending_review' AND NEW.stage IN ('pending_pick', 'pending_ship') THEN
                INSERT INTO audited_orders (order_id, message, memo, receiver_key, goods, at)
                SELECT NEW.id, NEW.buyer_message, NEW.seller_memo, NEW.receiver_key, coalesce((
                    SELECT jsonb_object_agg(g.sku, g.pieces) FROM (
                        SELECT coalesce(nullif(platform_sku, ''), {sold}) AS sku, sum(quantity) AS pieces
                        FROM order_lines WHERE order_id = NEW.id GROUP BY 1) g), '{{}}'), NEW.stage_entered_at
                ON CONFLICT (order_id) DO UPDATE SET message = excluded.message, memo = excluded.memo,
                    receiver_key = excluded.receiver_key, goods = excluded.goods, at = excluded.at;
            ELSE
                DELETE FROM audited_orders WHERE order_id = NEW.id;
            END IF;
            RETURN NULL;
        END $$
    """


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("parting", sa.Text(), server_default="", nullable=False))
    op.add_column("order_lines", sa.Column("swapped_from", sa.Text(), server_default="", nullable=False))
    op.add_column("waiting_lines", sa.Column("later", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute(_keep(", later", "bool_or(l.parting = 'later')", "AND l.parting NOT IN ('gone', 'refund')"))
    op.execute(_orders("OR w.later"))
    op.execute(_audited("nullif(swapped_from, ''), sku"))


def downgrade() -> None:
    op.execute(_audited("sku"))
    op.execute(_keep("", "", ""))
    op.execute(_orders(""))
    op.drop_column("waiting_lines", "later")
    op.drop_column("order_lines", "swapped_from")
    op.drop_column("order_lines", "parting")
