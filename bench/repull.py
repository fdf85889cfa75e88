"""Bar 3: a pull in which nothing changed against the same pages, all changed; and that it writes no row."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine, text

from bench import orders, source
from bench.harness import Bench, Figure, pairs, per_second

TABLES: Final = ("orders", "order_lines", "raw_payloads", "trail", "cases", "notifications", "tag_counters")


def measure(bench: Bench) -> list[Figure]:
    many = 2_000 if bench.quick else 5_000
    hub, engine = bench.hub("repull"), bench.engine("repull")
    versions, watch = _Versions(many), source.watcher(hub)
    source.read(hub, versions.next(), watch)
    written: list[int] = []

    def unchanged() -> float:
        before = _state(engine)
        seconds = source.read(hub, versions.same(), watch)
        written.append(sum(old != new for old, new in zip(before, _state(engine), strict=True)))
        return seconds

    seconds = pairs(unchanged, lambda: source.read(hub, versions.next(), watch))
    ours, changed = per_second(many, seconds.ours), per_second(many, seconds.theirs)
    return [
        Figure(3, "re-pull, nothing changed", ours, f"all changed {changed}", seconds.faster, 4, at_least=True),
        Figure(3, "tables written by it", "", "–", written, 0, at_least=False, unit="tables"),
    ]


class _Versions:
    """The pages of the same orders, each time a minute younger."""

    def __init__(self, many: int) -> None:
        self._many, self._edited = many, 0

    def next(self) -> list[bytes]:
        self._edited += 1
        return self.same()

    def same(self) -> list[bytes]:
        words = f"第{self._edited}次"
        return [
            orders.canonical(orders.record(number, memo=words, edited=self._edited)) for number in range(self._many)
        ]


def _state(engine: Engine) -> list[tuple[int, int]]:
    """Per table how many rows there are and the sum of the transactions that wrote them: any write changes it."""
    with engine.connect() as connection:
        return [
            tuple(connection.execute(text(f"SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM {table}")).one())
            for table in TABLES
        ]
