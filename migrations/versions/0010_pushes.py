"""What marketplaces push, how far a window that was cut short had been read, and when a shop's clock was measured.

Revision: 0010, after: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WAITING = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "pushes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
    )
    op.create_index("uq_pushes_shop_id_mark", "pushes", ["shop_id", "mark"], unique=True)
    op.create_index("ix_pushes_waiting", "pushes", ["shop_id", "received_at"], unique=False, postgresql_where=_WAITING)
    op.create_index("ix_pushes_received_at", "pushes", ["received_at"], unique=False)
    op.add_column("cursors", sa.Column("page_mark", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("shops", sa.Column("clock_measured_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("shops", "clock_measured_at")
    op.drop_column("cursors", "page_mark")
    op.drop_index("ix_pushes_received_at", table_name="pushes")
    op.drop_index("ix_pushes_waiting", table_name="pushes", postgresql_where=_WAITING)
    op.drop_index("uq_pushes_shop_id_mark", table_name="pushes")
    op.drop_table("pushes")
