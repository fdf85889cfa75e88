"""Who gets the last pieces: orders that passed their audit keep theirs, then whose deadline is nearest, then who paid
first. The database keeps that place beside what each open order needs.

Revision: 0028, after: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_OPEN = "('pending_review', 'pending_pick', 'pending_ship')"
# An agreed later day moves the deadline; PostgreSQL's greatest leaves out what is NULL.
_PLACE = "CASE WHEN {o}.stage = 'pending_review' THEN 1 ELSE 0 END"
_DUE = "greatest({o}.ship_by_at, {o}.not_before_at)"
_AT = "coalesce({o}.paid_at, {o}.created_at)"


def _of(expression: str, alias: str) -> str:
    return expression.format(o=alias)


_KEEP = f"""
    CREATE OR REPLACE FUNCTION keep_waiting_lines(ids bigint[]) RETURNS void LANGUAGE plpgsql
        SET plan_cache_mode = force_custom_plan AS $$
    BEGIN
        DELETE FROM waiting_lines WHERE order_id = ANY(ids);
        INSERT INTO waiting_lines (order_id, sku, pieces, place, due_at, at)
        SELECT o.id, l.sku, sum(l.quantity), {_of(_PLACE, "o")}, {_of(_DUE, "o")}, {_of(_AT, "o")}
        FROM orders o JOIN order_lines l ON l.order_id = o.id
        WHERE o.id = ANY(ids) AND o.stage IN {_OPEN} AND NOT l.shipped AND l.refund <> 'refunded'
        GROUP BY o.id, l.sku;
    END $$
"""
_KEEP_BEFORE = f"""
    CREATE OR REPLACE FUNCTION keep_waiting_lines(ids bigint[]) RETURNS void LANGUAGE plpgsql
        SET plan_cache_mode = force_custom_plan AS $$
    BEGIN
        DELETE FROM waiting_lines WHERE order_id = ANY(ids);
        INSERT INTO waiting_lines (order_id, sku, pieces, at)
        SELECT o.id, l.sku, sum(l.quantity), coalesce(o.paid_at, o.created_at)
        FROM orders o JOIN order_lines l ON l.order_id = o.id
        WHERE o.id = ANY(ids) AND o.stage IN {_OPEN} AND NOT l.shipped AND l.refund <> 'refunded'
        GROUP BY o.id, o.paid_at, o.created_at, l.sku;
    END $$
"""
# What an order needs changes only with whether it is open; another place in the queue moves the rows that are there.
_ORDERS = f"""
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
            {_of(_PLACE, "n")} <> {_of(_PLACE, "o")} OR n.paid_at IS DISTINCT FROM o.paid_at
            OR {_of(_DUE, "n")} IS DISTINCT FROM {_of(_DUE, "o")});
        IF ids IS NOT NULL THEN
            UPDATE waiting_lines w SET place = {_of(_PLACE, "n")}, due_at = {_of(_DUE, "n")}, at = {_of(_AT, "n")}
            FROM changed n WHERE w.order_id = ANY(ids) AND n.id = w.order_id;
        END IF;
        RETURN NULL;
    END $$
"""
_ORDERS_BEFORE = f"""
    CREATE OR REPLACE FUNCTION orders_keep_waiting_lines() RETURNS trigger LANGUAGE plpgsql
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


def _added(columns: str, chosen: str, grouped: str, ordered: str) -> str:
    return f"""
        CREATE OR REPLACE FUNCTION lines_added_keep_waiting_lines() RETURNS trigger LANGUAGE plpgsql
            SET plan_cache_mode = force_custom_plan AS $$
        DECLARE ids bigint[];
        BEGIN
            SELECT array_agg(DISTINCT order_id) INTO ids FROM changed;
            IF EXISTS (SELECT FROM waiting_lines WHERE order_id = ANY(ids)) THEN
                PERFORM keep_waiting_lines(ids);
                RETURN NULL;
            END IF;
            INSERT INTO waiting_lines (order_id, sku, pieces, {columns})
            WITH o AS MATERIALIZED (SELECT id, stage, {ordered} FROM orders WHERE id = ANY(ids))
            SELECT o.id, n.sku, sum(n.quantity), {chosen} FROM changed n JOIN o ON o.id = n.order_id
            WHERE o.stage IN {_OPEN} AND NOT n.shipped AND n.refund <> 'refunded' GROUP BY o.id, n.sku, {grouped};
            RETURN NULL;
        END $$
    """


_ADDED = _added(
    "place, due_at, at", "o.place, o.due_at, o.at", "o.place, o.due_at, o.at",
    f"{_of(_PLACE, 'orders')} AS place, {_of(_DUE, 'orders')} AS due_at, {_of(_AT, 'orders')} AS at",
)  # fmt: skip
_ADDED_BEFORE = _added("at", "o.at", "o.at", "coalesce(paid_at, created_at) AS at")


def upgrade() -> None:
    op.add_column("waiting_lines", sa.Column("place", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("waiting_lines", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    for statement in (_KEEP, _ORDERS, _ADDED):
        op.execute(statement)
    op.execute(
        f"UPDATE waiting_lines w SET place = {_of(_PLACE, 'o')}, due_at = {_of(_DUE, 'o')} FROM orders o "
        "WHERE o.id = w.order_id"
    )
    op.drop_index("ix_waiting_lines_sku", table_name="waiting_lines", postgresql_include=["pieces"])
    op.create_index(
        "ix_waiting_lines_sku", "waiting_lines", ["sku", "place", "due_at", "at", "order_id"], unique=False,
        postgresql_include=["pieces"],
    )  # fmt: skip


def downgrade() -> None:
    for statement in (_KEEP_BEFORE, _ORDERS_BEFORE, _ADDED_BEFORE):
        op.execute(statement)
    op.drop_index("ix_waiting_lines_sku", table_name="waiting_lines", postgresql_include=["pieces"])
    op.create_index(
        "ix_waiting_lines_sku", "waiting_lines", ["sku", "at", "order_id"], unique=False, postgresql_include=["pieces"]
    )
    op.drop_column("waiting_lines", "due_at")
    op.drop_column("waiting_lines", "place")
