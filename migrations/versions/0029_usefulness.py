"""What people said of alerts: useful, or a false alarm; and what is proposed to be changed about them.

Revision: 0029, after: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "alert_words",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        _moment("at"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("alert_words_case_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("alert_words_staff_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("pk_alert_words")),
    )
    op.create_index("ix_alert_words_kind", "alert_words", ["kind", "at"], unique=False)
    op.create_table(
        "advices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("counted", postgresql.JSONB(), nullable=False),
        _moment("made_at"),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("way", sa.Text(), server_default="", nullable=False),
        sa.Column("tuning_id", sa.BigInteger(), nullable=True),
        _moment("decided_at", nullable=True),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["tuning_id"], ["tunings.id"], name=op.f("advices_tuning_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advices")),
        sa.UniqueConstraint("week", "about", name=op.f("uq_advices_week_about")),
    )


def downgrade() -> None:
    for table in ("advices", "alert_words"):
        op.drop_table(table)
