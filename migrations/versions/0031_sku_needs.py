"""How many pieces all open orders need of a SKU, without adding up their lines: whoever asks at every press and every
look, asks for a few rows. Changes are only ever added, so nobody waits for anybody; the clock adds them up.

Revision: 0031, after: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_SUMS = """
    CREATE FUNCTION keep_sku_needs() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO sku_needs (sku, pieces)
        SELECT sku, CASE TG_OP WHEN 'INSERT' THEN sum(pieces) ELSE -sum(pieces) END FROM changed GROUP BY sku;
        RETURN NULL;
    END $$
"""
_ONE = """
    CREATE FUNCTION change_sku_needs() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO sku_needs (sku, pieces) VALUES (OLD.sku, -OLD.pieces), (NEW.sku, NEW.pieces);
        RETURN NULL;
    END $$
"""
_TRIGGERS = (
    *(
        f"CREATE TRIGGER keep_sku_needs_{event.lower()} AFTER {event} ON waiting_lines REFERENCING {side} TABLE AS "
        "changed FOR EACH STATEMENT EXECUTE FUNCTION keep_sku_needs()"
        for event, side in (("INSERT", "NEW"), ("DELETE", "OLD"))
    ),
    # Another place in the queue changes no sum.
    "CREATE TRIGGER change_sku_needs AFTER UPDATE ON waiting_lines FOR EACH ROW "
    "WHEN (OLD.pieces <> NEW.pieces OR OLD.sku <> NEW.sku) EXECUTE FUNCTION change_sku_needs()",
)


def upgrade() -> None:
    op.create_table(
        "sku_needs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sku_needs")),
    )
    op.create_index("ix_sku_needs_sku", "sku_needs", ["sku"], unique=False, postgresql_include=["pieces"])
    for statement in (_SUMS, _ONE, *_TRIGGERS):
        op.execute(statement)
    op.execute("INSERT INTO sku_needs (sku, pieces) SELECT sku, sum(pieces) FROM waiting_lines GROUP BY sku")


def downgrade() -> None:
    for trigger in ("keep_sku_needs_insert", "keep_sku_needs_delete", "change_sku_needs"):
        op.execute(f"DROP TRIGGER {trigger} ON waiting_lines")
    op.execute("DROP FUNCTION keep_sku_needs()")
    op.execute("DROP FUNCTION change_sku_needs()")
    op.drop_index("ix_sku_needs_sku", table_name="sku_needs", postgresql_include=["pieces"])
    op.drop_table("sku_needs")
