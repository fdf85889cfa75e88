"""Fields of orders that a company defines itself.

Revision: 0025, after: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_LIVING = sa.text("ended_at IS NULL")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "fields",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.JSONB(), server_default="[]", nullable=False),
        _moment("made_at"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fields")),
    )
    op.create_index("uq_fields_name", "fields", ["name"], unique=True, postgresql_where=_LIVING)
    op.create_table(
        "field_values",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        _moment("set_at"),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("order_id", "field_id", name=op.f("pk_field_values")),
    )
    op.create_index("ix_field_values_value", "field_values", ["field_id", "value", "order_id"], unique=False)


def downgrade() -> None:
    op.drop_table("field_values")
    op.drop_table("fields")
