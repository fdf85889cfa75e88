"""What a case waits for, who may pass it, and to whom it went.

Revision: 0027, after: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_ASKED = sa.text("state = 'asked'")


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def upgrade() -> None:
    op.add_column("cases", _words("waiting_on", ""))
    op.add_column("cases", _moment("wake_at", nullable=True))
    op.create_table(
        "force_asks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        _words("asker"),
        _words("reason"),
        _words("state", "asked"),
        _moment("asked_at"),
        _moment("expires_at"),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        _moment("decided_at", nullable=True),
        _words("words", ""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_force_asks")),
    )
    op.create_index("uq_force_asks_case_id", "force_asks", ["case_id"], unique=True, postgresql_where=_ASKED)
    op.create_index("ix_force_asks_expires_at", "force_asks", ["expires_at"], unique=False, postgresql_where=_ASKED)
    op.create_table(
        "skills",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        _words("what"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("skills_staff_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "what", name=op.f("pk_skills")),
    )


def downgrade() -> None:
    op.drop_table("skills")
    op.drop_table("force_asks")
    op.drop_column("cases", "wake_at")
    op.drop_column("cases", "waiting_on")
