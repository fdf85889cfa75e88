"""Bar 1: `ingest.store.store` against a raw binary COPY of the same rows into the same tables, nothing checked."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from bench import orders
from bench.harness import NOW, Bench, Figure, pairs, per_second, stopwatch
from ingest import rows
from ingest.copying import copy_rows
from ingest.store import Batch, Item, store
from models.vault import Vault, fingerprint

TABLES: Final = {"orders": rows.ORDER, "order_lines": rows.LINE, "raw_payloads": rows.RAW, "trail": rows.TRAIL}
Rows = dict[str, list[Sequence[Any]]]


class Numbers:
    """Order numbers that no run used before: each call starts where the last one ended."""

    def __init__(self, first: int = 0) -> None:
        self._next = first

    def take(self, many: int) -> int:
        self._next += many
        return self._next - many


def measure(bench: Bench) -> list[Figure]:
    many, numbers = 5_000 if bench.quick else 10_000, Numbers()
    return [
        _measure(_Sides(bench, database, numbers, size), f"store, batches of {size:,}, {place}", many)
        for place, database in (("empty table", "empty"), (f"{bench.million:,} orders", orders.filled(bench)))
        for size in (500, 5_000)
    ]


def _measure(sides: _Sides, what: str, many: int) -> Figure:
    seconds = pairs(lambda: sides.ours(many), lambda: sides.copy(many))
    ours, copied = per_second(many, seconds.ours), per_second(many, seconds.theirs)
    return Figure(1, what, ours, f"COPY {copied}", seconds.faster, 0.40, at_least=True)


class _Sides:
    """Both ways into one database, with rows of the same shape."""

    def __init__(self, bench: Bench, database: str, numbers: Numbers, size: int) -> None:
        self._vault, self._numbers, self._size = bench.vault, numbers, size
        self._sessions, self._empty = bench.sessions(database), database == "empty"

    def ours(self, many: int) -> float:
        batches = list(orders.chunks(orders.items(self._numbers.take(many), many), self._size))
        self._clear()
        with stopwatch() as taken:
            for batch in batches:
                with self._sessions() as session:
                    store(session, Batch(1, "taobao", "TB", batch), NOW)
                    session.commit()
        return taken[0]

    def copy(self, many: int) -> float:
        found = orders.items(self._numbers.take(many), many)
        self._clear()
        ids = take_ids(self._sessions, many)
        batches = [prepared(self._vault, batch, ids) for batch in orders.chunks(found, self._size)]
        with stopwatch() as taken:
            for batch in batches:
                with self._sessions() as session:
                    raw_copy(session, batch)
                    session.commit()
        return taken[0]

    def _clear(self) -> None:
        if self._empty:
            with self._sessions() as session:
                session.execute(text(f"TRUNCATE {', '.join(TABLES)}, waiting_lines, sku_needs"))
                session.commit()


def take_ids(sessions: sessionmaker[Session], many: int) -> itertools.count[int]:
    """As many order ids, taken from the sequence at once."""
    with sessions() as session:
        first = session.execute(text("SELECT nextval(pg_get_serial_sequence('orders', 'id'))")).scalar_one()
        session.execute(text("SELECT setval(pg_get_serial_sequence('orders', 'id'), :last)"), {"last": first + many})
        session.commit()
    return itertools.count(first)


def prepared(vault: Vault, batch: Sequence[Item], ids: itertools.count[int]) -> Rows:
    """The very rows that `store` writes, made beforehand."""
    marks = {item.external_id: fingerprint(item.raw) for item in batch}
    maker = rows.RowMaker(vault, 1, "taobao", now=NOW, marks=marks)
    made: Rows = {table: [] for table in TABLES}
    for item in batch:
        assert item.snapshot is not None
        order_id = next(ids)
        tag = f"YS-20251222-{order_id:07d}"
        entry = maker.trail(item.snapshot, "收单", {"编号": tag, "平台状态": item.snapshot.platform_status})
        made["trail"].append(entry)
        made["orders"].append(maker.order(order_id, tag, item.snapshot, trail_hash=entry[-1]))
        made["order_lines"].extend(maker.lines(order_id, item.snapshot))
        made["raw_payloads"].append(maker.raw(item.external_id, item.raw, ""))
    return made


def raw_copy(session: Session, batch: Rows) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))  # the copy alone, without its triggers
    for table, columns in TABLES.items():
        copy_rows(session, table, columns, batch[table])
