"""Shifts, leads, absences, hand-overs and quiet hours.

Revision: 0019, after: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_LIVE = sa.text("state IN ('planned', 'begun')")
_OFFERED = sa.text("state = 'offered'")
_DUE = sa.text("due_at IS NOT NULL")


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _of_staff(table: str, column: str = "staff_id") -> sa.ForeignKeyConstraint:
    name = op.f(f"{table}_{column}_fkey")
    return sa.ForeignKeyConstraint([column], ["staff.id"], name=name, ondelete="CASCADE")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _list(name: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(), server_default="[]", nullable=False)


def upgrade() -> None:
    op.create_table(
        "shifts",
        _id(),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("weekdays", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("workdays", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("from_minute", sa.SmallInteger(), nullable=False),
        sa.Column("to_minute", sa.SmallInteger(), nullable=False),
        _of_staff("shifts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index("ix_shifts_staff_id", "shifts", ["staff_id", "day"], unique=False)
    op.create_table(
        "leads",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        _of_staff("leads"),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_leads")),
    )
    op.create_table(
        "absences",
        _id(),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        _moment("starts_at"),
        _moment("ends_at"),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        _moment("asked_at"),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        _list("moved"),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        _moment("due_at", nullable=True),
        _of_staff("absences"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    # Who is away? Which absence of this person counts?
    op.create_index("ix_absences_live", "absences", ["staff_id", "starts_at"], unique=False, postgresql_where=_LIVE)
    # The clock's question: which begins, which ends?
    op.create_index("ix_absences_due_at", "absences", ["due_at"], unique=False, postgresql_where=_DUE)
    _handovers()
    op.create_table(
        "quiet_hours",
        sa.Column("name", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.SmallInteger(), nullable=False)
            for name in ("from_minute", "to_minute", "release_minute")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_quiet_hours")),
    )


def _handovers() -> None:
    op.create_table(
        "handovers",
        _id(),
        sa.Column("giver_id", sa.BigInteger(), nullable=False),
        sa.Column("taker_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        _list("kept"),
        sa.Column("left", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="offered", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        _moment("offered_at"),
        _moment("expires_at"),
        _moment("decided_at", nullable=True),
        _moment("reminded_at", nullable=True),
        _moment("due_at", nullable=True),
        _of_staff("handovers", "giver_id"),
        _of_staff("handovers", "taker_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    # One at a time: what is offered to one person must not be offered to another.
    op.create_index("uq_handovers_giver_id", "handovers", ["giver_id"], unique=True, postgresql_where=_OFFERED)
    op.create_index("ix_handovers_taker_id", "handovers", ["taker_id"], unique=False, postgresql_where=_OFFERED)
    op.create_index("ix_handovers_due_at", "handovers", ["due_at"], unique=False, postgresql_where=_DUE)


def downgrade() -> None:
    for table in ("quiet_hours", "handovers", "absences", "leads", "shifts"):
        op.drop_table(table)
