"""What proves that no order is missing, and what a renewed authorisation became.

Revision: 0009, after: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authorisations",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("renewed_from", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_authorisations")),
    )
    for name in ("silent_since", "tried_at", "checked_to"):
        op.add_column("shops", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # Of a shop that is read already every day from now on must be proved.
    op.add_column("cursors", sa.Column("began_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE cursors SET began_at = synced_to")
    op.create_table(
        "backfills",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("windows", "new", "changed", "unchanged", "unreadable")
        ),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
    )
    op.create_table(
        "proofs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("platform_orders", sa.Integer(), nullable=True),
        sa.Column("hub_orders", sa.Integer(), nullable=True),
        *(
            sa.Column(name, postgresql.JSONB(), server_default="[]", nullable=False)
            for name in ("missing", "still", "strangers")
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
    )
    # The day's card, and the last two weeks: the newest proof of each shop.
    op.create_index("ix_proofs_day", "proofs", ["day", "shop_id", sa.text("id DESC")], unique=False)
    op.create_table(
        "arrivals",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "hour", name=op.f("pk_arrivals")),
    )
    op.create_table(
        "order_reads",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_reads")),
    )
    # What usually came, from the orders that are here already: a hub that is updated need not learn for four weeks.
    op.execute(
        "INSERT INTO arrivals (shop_id, hour, orders, last_at) "
        "SELECT shop_id, date_trunc('hour', created_at), count(*), max(created_at) FROM orders "
        "WHERE created_at > now() - interval '60 days' GROUP BY 1, 2"
    )


def downgrade() -> None:
    for table in ("order_reads", "arrivals"):
        op.drop_table(table)
    op.drop_index("ix_proofs_day", table_name="proofs")
    for table in ("proofs", "backfills"):
        op.drop_table(table)
    op.drop_column("cursors", "began_at")
    for name in ("silent_since", "tried_at", "checked_to"):
        op.drop_column("shops", name)
    op.drop_table("authorisations")
