"""Parcels on their way, and the lines of each one's way.

Revision: 0013, after: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENTS = ("subscribe_at", "next_query_at", "due_at")


def _at(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "parcels",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("courier", sa.Text(), nullable=False),
        sa.Column("waybill", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        _at("shipped_at", nullable=False),
        _at("first_scan_at"),
        _at("last_event_at"),
        sa.Column("last_text", sa.Text(), server_default="", nullable=False),
        _at("heard_at"),
        _at("subscribed_at"),
        _at("subscribe_at"),
        _at("next_query_at"),
        _at("due_at"),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("warned_hours", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcels")),
    )
    op.create_index("uq_parcels_order_id_waybill", "parcels", ["order_id", "waybill"], unique=True)
    op.create_index("ix_parcels_waybill", "parcels", ["waybill"], unique=False)
    for column in _MOMENTS:
        op.create_index(
            f"ix_parcels_{column}", "parcels", [column], unique=False,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )  # fmt: skip
    op.create_table(
        "parcel_events",
        sa.Column("parcel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        _at("at", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("parcel_id", "mark", name=op.f("pk_parcel_events")),
    )


def downgrade() -> None:
    op.drop_table("parcel_events")
    for column in _MOMENTS:
        op.drop_index(f"ix_parcels_{column}", table_name="parcels", postgresql_where=sa.text(f"{column} IS NOT NULL"))
    op.drop_index("ix_parcels_waybill", table_name="parcels")
    op.drop_index("uq_parcels_order_id_waybill", table_name="parcels")
    op.drop_table("parcels")
