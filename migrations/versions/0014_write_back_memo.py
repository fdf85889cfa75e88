"""What a marketplace is told besides shipments: lines of memos; and of which couriers it can be told at all.

Yesterday's code owes shipments by the old index: processes are restarted together with this one.

Revision: 0014, after: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shops", sa.Column("couriers", sa.ARRAY(sa.Text()), nullable=True))
    op.add_column("write_backs", sa.Column("line", sa.Text(), server_default="", nullable=False))
    # A shipment is owed once per order, a line of a memo once per order and line.
    op.create_index("uq_write_backs_order_id_kind_line", "write_backs", ["order_id", "kind", "line"], unique=True)
    op.drop_index("uq_write_backs_order_id_kind", table_name="write_backs")


def downgrade() -> None:
    op.execute("DELETE FROM write_backs WHERE kind = 'memo'")
    op.create_index("uq_write_backs_order_id_kind", "write_backs", ["order_id", "kind"], unique=True)
    op.drop_index("uq_write_backs_order_id_kind_line", table_name="write_backs")
    op.drop_column("write_backs", "line")
    op.drop_column("shops", "couriers")
