"""What rules of the company's own did to orders, once each, and what of it was taken back; rules that open no case.

Revision: 0032, after: 0031
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rule_versions", sa.Column("quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "rule_acts",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=True),
        sa.Column("kept", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("order_id", "rule_id", "deed", name=op.f("pk_rule_acts")),
    )
    op.create_index("ix_rule_acts_at", "rule_acts", ["rule_id", "at"])
    op.create_index(
        "ix_rule_acts_tag", "rule_acts", ["tag", "order_id"],
        postgresql_where=sa.text("tag IS NOT NULL AND undone_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("rule_acts")
    op.drop_column("rule_versions", "quiet")
