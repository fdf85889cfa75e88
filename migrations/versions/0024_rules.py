"""Rules that business people write; who wrote which version; what each said.

Revision: 0024, after: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_LIVE = sa.text("state IN ('asked', 'running')")


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _number(name: str, default: str | None = None, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), server_default=default, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "rules",
        _id(),
        _number("version", "1"),
        _number("revision", "1"),
        sa.Column("by_stage", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _moment("made_at"),
        _moment("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )
    op.create_table(
        "rule_versions",
        sa.Column("rule_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _words("title"),
        _words("condition"),
        _words("state"),
        _words("role"),
        _words("severity"),
        sa.Column("blocks", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _number("claim_minutes"),
        _number("solve_minutes"),
        _words("owner", ""),
        _words("note", ""),
        _moment("valid_from", nullable=True),
        _moment("valid_to", nullable=True),
        sa.Column("actions", postgresql.JSONB(), server_default="[]", nullable=False),
        _words("change", ""),
        _number("rolled_from", nullable=True),
        _moment("made_at"),
        _words("made_by"),
        _number("made_by_id", nullable=True),
        sa.PrimaryKeyConstraint("rule_id", "number", name=op.f("pk_rule_versions")),
    )
    op.create_table(
        "rule_shadow_hits",
        sa.Column("rule_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("rule_id", "number", "order_id", name=op.f("pk_rule_shadow_hits")),
    )
    op.create_index("ix_rule_shadow_hits_at", "rule_shadow_hits", ["rule_id", "at"], unique=False)
    op.create_table(
        "rule_dry_runs",
        _id(),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("wish", postgresql.JSONB(), nullable=False),
        _number("days"),
        _number("asked_by", nullable=True),
        _moment("asked_at"),
        _words("state", "asked"),
        _number("total", "0"),
        _number("looked", "0"),
        sa.Column("after", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("found", postgresql.JSONB(), server_default="{}", nullable=False),
        _moment("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_dry_runs")),
    )
    op.create_index("ix_rule_dry_runs_live", "rule_dry_runs", ["id"], unique=False, postgresql_where=_LIVE)


def downgrade() -> None:
    for table in ("rule_dry_runs", "rule_shadow_hits", "rule_versions", "rules"):
        op.drop_table(table)
