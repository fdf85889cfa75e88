"""What a marketplace is told besides shipments: lines of memos; and of which couriers it can be told at all. Whose
parcel a waybill's number is. Up to which number mailboxes are read.

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
    # 发货: is this number another order's already?
    op.create_index(
        "ix_write_backs_waybill", "write_backs", [sa.text("(body ->> 'waybill')")],
        postgresql_where=sa.text("kind = 'ship'"),
    )  # fmt: skip
    op.create_table(
        "mailbox_marks",
        sa.Column("slug", sa.Text(), primary_key=True),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=True),
        sa.Column("next_to", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_strangers", sa.Integer(), nullable=False),
        sa.Column("strangers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("strangers_on", sa.Date(), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("mailbox_marks")
    op.drop_index("ix_write_backs_waybill", table_name="write_backs")
    op.execute("DELETE FROM write_backs WHERE kind = 'memo'")
    op.create_index("uq_write_backs_order_id_kind", "write_backs", ["order_id", "kind"], unique=True)
    op.drop_index("uq_write_backs_order_id_kind_line", table_name="write_backs")
    op.drop_column("write_backs", "line")
    op.drop_column("shops", "couriers")
