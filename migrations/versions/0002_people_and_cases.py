"""Staff and roles, customers, cases, stock.

Revision: 0002, after: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("shop_id", sa.Integer(), nullable=True),
        sa.Column("group_key", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("blocks", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("solved_by", sa.Integer(), nullable=True),
        sa.Column("solution", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(
        "ix_cases_due_at", "cases", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("ix_cases_order_id", "cases", ["order_id"], unique=False)
    op.create_index(
        "ix_cases_owner_id",
        "cases",
        ["owner_id", "opened_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'claimed')"),
    )
    op.create_index(
        "ix_cases_role",
        "cases",
        ["role", "opened_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'claimed')"),
    )
    op.create_index(
        "uq_cases_kind_group_key",
        "cases",
        ["kind", "group_key"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'claimed') AND order_id IS NULL"),
    )
    op.create_index(
        "uq_cases_kind_order_id",
        "cases",
        ["kind", "order_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'claimed') AND order_id IS NOT NULL"),
    )
    op.create_table(
        "customers",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("buyer_key", sa.Text(), nullable=False),
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="following", nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "buyer_key", name=op.f("pk_customers")),
    )
    op.create_index("ix_customers_openid", "customers", ["openid"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wecom_userid", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("wecom_userid", name=op.f("uq_staff_wecom_userid")),
    )
    op.create_table(
        "stock",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_stock")),
    )
    op.create_table(
        "staff_roles",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "role", name=op.f("pk_staff_roles")),
    )


def downgrade() -> None:
    op.drop_table("staff_roles")
    op.drop_table("stock")
    op.drop_table("staff")
    op.drop_index("ix_customers_openid", table_name="customers")
    op.drop_table("customers")
    op.drop_index(
        "uq_cases_kind_order_id",
        table_name="cases",
        postgresql_where=sa.text("state IN ('open', 'claimed') AND order_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_cases_kind_group_key",
        table_name="cases",
        postgresql_where=sa.text("state IN ('open', 'claimed') AND order_id IS NULL"),
    )
    op.drop_index("ix_cases_role", table_name="cases", postgresql_where=sa.text("state IN ('open', 'claimed')"))
    op.drop_index("ix_cases_owner_id", table_name="cases", postgresql_where=sa.text("state IN ('open', 'claimed')"))
    op.drop_index("ix_cases_order_id", table_name="cases")
    op.drop_index("ix_cases_due_at", table_name="cases", postgresql_where=sa.text("due_at IS NOT NULL"))
    op.drop_table("cases")
