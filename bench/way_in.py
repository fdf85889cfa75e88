"""Bar 2: the whole way in, from the platform's JSON to cases and owed messages, in one process."""

from __future__ import annotations

from bench import orders, plain, source, store
from bench.harness import Bench, Figure, count, pairs, per_second, stopwatch
from ingest.engine import BATCH
from ingest.source import Record
from ingest.store import Item
from ingest.taobao.parse import parse
from wire import Hub


def measure(bench: Bench) -> list[Figure]:
    many, few, numbers = 2_000 if bench.quick else 5_000, 300, store.Numbers(1_000_000)
    figures = []
    for place, database in (("empty table", "way_in"), (f"{bench.million:,} orders", orders.filled(bench))):
        hub = bench.hub(database, stock=orders.stock())
        sides = _Sides(hub, numbers)
        copied = pairs(lambda: sides.ours(many), lambda: sides.copy(many))  # noqa: B023
        plainly = pairs(lambda: sides.ours(few * 8) / 8, lambda: sides.plain(few), 3)  # noqa: B023
        figures += [
            Figure(2, f"way in, {place}", per_second(many, copied.ours), f"COPY {per_second(many, copied.theirs)}",
                   copied.faster, 0.08, at_least=True),
            Figure(2, f"way in, {place}", per_second(few, plainly.ours), f"ORM {per_second(few, plainly.theirs)}",
                   plainly.faster, 8, at_least=True),
        ]  # fmt: skip
        assert count(bench.engine(database), "SELECT count(*) FROM cases") > many // 20, "nothing was judged"
    return figures


class _Sides:
    def __init__(self, hub: Hub, numbers: store.Numbers) -> None:
        self._hub, self._numbers = hub, numbers

    def ours(self, many: int) -> float:
        return source.read(self._hub, self._bodies(many), source.watcher(self._hub))

    def plain(self, many: int) -> float:
        return plain.read(self._hub, self._bodies(many))

    def copy(self, many: int) -> float:
        """Raw COPY of what the way in stores, without cases and messages."""
        made = [_item(number) for number in self._range(many)]
        ids = store.take_ids(self._hub.sessions, many)
        with self._hub.sessions() as session:
            vault = session.info["vault"]
        batches = [store.prepared(vault, batch, ids) for batch in orders.chunks(made, BATCH)]
        with stopwatch() as taken:
            for batch in batches:
                with self._hub.sessions() as session:
                    store.raw_copy(session, batch)
                    session.commit()
        return taken[0]

    def _bodies(self, many: int) -> list[bytes]:
        return [orders.canonical(orders.varied(number)) for number in self._range(many)]

    def _range(self, many: int) -> range:
        first = self._numbers.take(many)
        return range(first, first + many)


def _item(number: int) -> Item:
    body = orders.varied(number)
    return Item(str(body["tid"]), orders.canonical(body), parse(Record(str(body["tid"]), body)))
