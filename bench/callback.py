"""Bar 5: a callback `查 <tag>` through gunicorn as deployed against a hello-world under the same load."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import text

from bench import callback_cpu, envelopes, load, orders
from bench.harness import ROOT, Bench, Figure, milliseconds

RATE: Final = 200


def measure(bench: Bench) -> list[Figure]:
    seconds, times = (2, 5) if bench.quick else (3, 7)
    hub = bench.hub(orders.filled(bench))
    tags = some_tags(bench)
    names = {
        "HUB_CONFIG": str(_config(bench.folder)),
        "DATABASE_URL": bench.url("filled"),
        "REDIS_URL": bench.redis_url,
    }
    with ExitStack() as stack:
        ours = stack.enter_context(load.served("app:create_app()", bench.folder / "hub.log", **names))
        hello = stack.enter_context(load.served("bench.hello:app", bench.folder / "hello.log", **names))

        def ask(port: int, rate: int, count: int) -> load.Answers:
            asked = envelopes.asking(envelopes.to_bot, hub.settings, tags, count)
            return load.run(port, [envelope.http() for envelope in asked], rate)

        for port in (ours, hello):
            ask(port, RATE // 2, RATE)  # threads, pools and caches come to life
        pairs = [(ask(ours, RATE, RATE * seconds), ask(hello, RATE, RATE * seconds)) for _ in range(times)]
        twice = [ask(ours, 2 * RATE, 2 * RATE * seconds) for _ in range(3)]
    slowest = [max(answers.since_planned) for answers in twice]
    return [
        *(_at(percent, pairs, limit) for percent, limit in ((50, 4), (99, 8))),
        Figure(5, f"callback, slowest at {2 * RATE}/s", f"p50 {_middle(twice, 50)}", _refused(twice), slowest, 2,
               at_least=False, unit="s"),
        *callback_cpu.measure(bench, tags[0]),
    ]  # fmt: skip


def _at(percent: int, pairs: list[tuple[load.Answers, load.Answers]], limit: float) -> Figure:
    ours = [mine.percentile(percent) for mine, _ in pairs]
    hello = [other.percentile(percent) for _, other in pairs]
    ratios = [mine / other for mine, other in zip(ours, hello, strict=True)]
    what = f"callback at {RATE}/s, p{percent}"
    return Figure(5, what, milliseconds(ours), f"hello {milliseconds(hello)}", ratios, limit, at_least=False)


def _middle(runs: list[load.Answers], percent: int) -> str:
    return milliseconds([statistics.median(answers.percentile(percent) for answers in runs)])


def _refused(runs: list[load.Answers]) -> str:
    many, all_of_them = sum(run.refused for run in runs), sum(len(run.seconds) for run in runs)
    return f"503 to {many} of {all_of_them}"


def some_tags(bench: Bench) -> list[str]:
    """A thousand orders from all over the filled table."""
    with bench.engine(orders.filled(bench)).connect() as connection:
        step = max(1, bench.million // 1000)
        found = connection.execute(text("SELECT tag FROM orders WHERE id % :step = 0 ORDER BY id"), {"step": step})
        return [row.tag for row in found]


def _config(folder: Path) -> Path:
    """The demo's hub.toml with this machine's clock and the bot by callback."""
    document = (ROOT / "hub.demo.toml").read_text(encoding="utf-8")
    for old, new in (
        ('"http://127.0.0.1:8790/control/time"', '""'),
        ('[bot]\nmode = "stream"', '[bot]\nmode = "callback"'),
    ):
        assert old in document, old
        document = document.replace(old, new)
    made = folder / "callback.toml"
    made.write_text(document.replace("[hub]\n", '[hub]\nlog_level = "WARNING"\n'), encoding="utf-8")
    return made
