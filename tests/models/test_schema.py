from __future__ import annotations

import uuid

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from models import Base
from models.schema import downgrade, upgrade
from models.session import make_engine

OLD_CUSTOMERS = text("""
    INSERT INTO customers (shop_id, buyer_key, openid, state, bound_at) VALUES
        (1, 'a', 'oOut', 'unfollowed', now()), (1, 'b', 'oOut', 'unfollowed', now()),
        (1, 'c', 'oIn', 'following', now())
""")


def test_the_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_they_go_up_and_down_and_up_again(engine: Engine) -> None:
    name = f"scratch_{uuid.uuid4().hex[:8]}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    scratch = make_engine(engine.url.set(database=name).render_as_string(hide_password=False))
    try:
        upgrade(scratch)
        downgrade(scratch, "base")
        assert inspect(scratch).get_table_names() == ["alembic_version"]
        upgrade(scratch, "0025")
        with scratch.begin() as connection:
            connection.execute(OLD_CUSTOMERS)
        upgrade(scratch)
        with scratch.connect() as connection:
            assert connection.execute(text("SELECT channel, address FROM opt_outs")).all() == [("wechat_oa", "oOut")]
        assert set(Base.metadata.tables) < set(inspect(scratch).get_table_names())
    finally:
        scratch.dispose()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
