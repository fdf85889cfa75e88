"""Customers: words of notices, the account's templates, further ways, credits, opt-outs, and finding a buyer's orders.

Revision: 0026, after: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_VALID = sa.text("undone_at IS NULL")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "notice_texts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *_words("event"),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        *_words("change"),
        _moment("set_at"),
        *_words("set_by"),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        _moment("undone_at", nullable=True),
        sa.Column("undone_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_texts")),
    )
    op.create_index("ix_notice_texts_event", "notice_texts", ["event", "id"], unique=False, postgresql_where=_VALID)
    op.create_table(
        "account_templates",
        *_words("template_id", "title"),
        sa.Column("keys", postgresql.JSONB(), nullable=False),
        _moment("read_at"),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("template_id", name=op.f("pk_account_templates")),
    )
    op.create_table(
        "customer_ways",
        sa.Column("shop_id", sa.Integer(), autoincrement=False, nullable=False),
        *_words("buyer_key", "channel", "address"),
        _moment("bound_at"),
        sa.Column("remaining", sa.SmallInteger(), nullable=True),
        _moment("until_at", nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "buyer_key", "channel", name=op.f("pk_customer_ways")),
    )
    op.create_index("ix_customer_ways_address", "customer_ways", ["channel", "address"], unique=False)
    op.create_table(
        "customer_credits",
        *_words("channel", "openid", "template_id"),
        sa.Column("remaining", sa.SmallInteger(), nullable=False),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("channel", "openid", "template_id", name=op.f("pk_customer_credits")),
    )
    op.create_table(
        "opt_outs",
        *_words("channel", "address"),
        _moment("at"),
        sa.PrimaryKeyConstraint("channel", "address", name=op.f("pk_opt_outs")),
    )
    # Who had said 退订 stood as one who left: they stay in peace.
    op.execute("""
        INSERT INTO opt_outs (channel, address, at)
        SELECT DISTINCT 'wechat_oa', openid, now() FROM customers WHERE state = 'unfollowed'
    """)
    op.create_table(
        "kf_cursors", *_words("open_kfid", "cursor"), sa.PrimaryKeyConstraint("open_kfid", name=op.f("pk_kf_cursors"))
    )
    op.create_table(
        "notice_ends", *_words("msgid", "status"), _moment("at"),
        sa.PrimaryKeyConstraint("msgid", name=op.f("pk_notice_ends")),
    )  # fmt: skip
    op.create_table(
        "binding_misses", *_words("channel", "address"), sa.Column("day", sa.Date(), nullable=False),
        sa.Column("misses", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", "day", name=op.f("pk_binding_misses")),
    )  # fmt: skip
    buyer = ["shop_id", "buyer_key", sa.text("created_at DESC")]
    op.create_index("ix_orders_buyer", "orders", buyer, unique=False, postgresql_where=sa.text("buyer_key <> ''"))
    op.create_index(
        "ix_notifications_customer", "notifications", ["recipient", sa.text("created_at DESC")], unique=False,
        postgresql_where=sa.text("channel = 'customer'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_notifications_customer", table_name="notifications")
    op.drop_index("ix_orders_buyer", table_name="orders")
    for table in (
        "binding_misses", "notice_ends",
        "kf_cursors", "opt_outs", "customer_credits", "customer_ways", "account_templates",
        "notice_texts",
    ):  # fmt: skip
        op.drop_table(table)
