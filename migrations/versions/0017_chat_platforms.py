"""Staff may be on DingTalk, on WeCom, or on both; a card in a chat knows when it last changed.

Revision: 0017, after: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("staff", "wecom_userid", existing_type=sa.Text(), nullable=True)
    op.add_column("staff", sa.Column("dingtalk_userid", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_staff_dingtalk_userid"), "staff", ["dingtalk_userid"])
    op.add_column("staff", sa.Column("heard_on", sa.Text(), nullable=False, server_default=""))
    op.add_column("sent_cards", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("sent_cards", "changed_at")
    op.drop_column("staff", "heard_on")
    op.drop_constraint(op.f("uq_staff_dingtalk_userid"), "staff")
    op.drop_column("staff", "dingtalk_userid")
    # Who is on DingTalk alone has no place in the old table.
    op.execute("UPDATE staff SET wecom_userid = 'gone-' || id, active = false WHERE wecom_userid IS NULL")
    op.alter_column("staff", "wecom_userid", existing_type=sa.Text(), nullable=False)
