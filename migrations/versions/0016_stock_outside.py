"""What left by orders that the ERP does not know is taken off the shelf until the ERP counts anew.

Revision: 0016, after: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stock", sa.Column("outside", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("stock", "outside")
