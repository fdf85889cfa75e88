"""Who refuses one template of the service account still hears by the others. Who was taken for refusing everything is
tried again: which template it was is not known.

Revision: 0036, after: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refused_templates",
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("openid", "template_id", name=op.f("pk_refused_templates")),
    )
    op.execute("UPDATE customers SET state = 'following' WHERE state = 'refused'")


def downgrade() -> None:
    op.drop_table("refused_templates")
