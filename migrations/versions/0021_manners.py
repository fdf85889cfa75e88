"""Limits that people set, campaigns, what somebody does not want to hear of, and when a case was first claimed.

Revision: 0021, after: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_VALID = sa.text("undone_at IS NULL")
_LIVE = sa.text("ended_at IS NULL")


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    op.add_column("cases", _moment("claimed_at", nullable=True))
    op.create_table(
        "tunings",
        _id(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        _moment("set_at"),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        _words("reason"),
        _moment("undone_at", nullable=True),
        _words("undone_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tunings")),
    )
    op.create_index("ix_tunings_name", "tunings", ["name", "id"], unique=False, postgresql_where=_VALID)
    op.create_table(
        "promos",
        _id(),
        _moment("starts_at"),
        _moment("ends_at"),
        sa.Column("factor", sa.SmallInteger(), nullable=False),
        _moment("made_at"),
        sa.Column("made_by", sa.Text(), nullable=False),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promos")),
    )
    op.create_index("ix_promos_live", "promos", ["starts_at"], unique=False, postgresql_where=_LIVE)
    op.create_table(
        "mutes",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _moment("muted_at"),
        _moment("until_at"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("mutes_staff_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "kind", name=op.f("pk_mutes")),
    )


def downgrade() -> None:
    for table in ("mutes", "promos", "tunings"):
        op.drop_table(table)
    op.drop_column("cases", "claimed_at")
