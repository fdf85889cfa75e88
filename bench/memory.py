"""Bar 13: what each process of the demo takes while nothing happens, and that `flask backfill` does not grow.

The command is the real one, in a process of its own; its platform is the bench's, which needs no network: through the
sandbox, which answers one order per call as the real one does, a hundred thousand would take most of an hour.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psutil

from bench import demo
from bench.harness import ROOT, Bench, Figure, count

SETTLED: Final = 10  # seconds after the page answers
DAYS: Final = 20  # of the back-fill
PROCESSES: Final = {"app:create_app": "web", "jobs.py urgent": "worker", "jobs.py pull": "puller", "clock.py": "clock",
                    "stream.py": "stream", "-m sandbox": "sandbox", "run.py": "runner"}  # fmt: skip


def measure(bench: Bench) -> list[Figure]:
    with demo.running(bench.folder, bench.folder / "memory") as started:
        time.sleep(SETTLED)
        sizes = _sizes(psutil.Process(started.process.pid))
    figures = [
        Figure(13, f"{name}, idle ({len(each)} processes)" if len(each) > 1 else f"{name}, idle", "", "–",
               [max(each)], 150, at_least=False, unit="MB")
        for name, each in sizes.items()
    ]  # fmt: skip
    return [*figures, _back_fill(bench)]


def _sizes(runner: psutil.Process) -> dict[str, list[float]]:
    """Megabytes by process name; a process shares pages with its siblings, so its proportional part counts."""
    found: dict[str, list[float]] = {}
    for process in [runner, *runner.children(recursive=True)]:
        command = " ".join(process.cmdline())
        name = next((name for words, name in PROCESSES.items() if words in command), None)
        if name is not None:
            found.setdefault(name, []).append(megabytes(process.pid))
    return found


def megabytes(pid: int) -> float:
    """Proportional set size where the kernel tells it, else resident set size."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except (OSError, StopIteration):
        return psutil.Process(pid).memory_info().rss / 2**20


def _back_fill(bench: Bench) -> Figure:
    """In a process of its own, whose largest size is that of the back-fill alone."""
    many = bench.back_fill
    url, redis_url = bench.url("back_fill"), bench.redis_url
    bench.hub("back_fill")
    done = subprocess.run([sys.executable, "-m", "bench.memory", url, redis_url, str(many)], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE, text=True)  # fmt: skip
    stored = count(bench.engine("back_fill"), "SELECT count(*) FROM orders")
    assert stored == many, f"{stored} of {many} orders are there"
    sizes = dict(json.loads(done.stdout.splitlines()[-1]))
    start, end = sizes[many // DAYS * (DAYS // 10)], sizes[many]
    ours = f"{start:.0f} → {end:.0f} MB"
    return Figure(13, f"flask backfill, {many:,} orders", ours, "after a tenth", [end / start], 1.1, at_least=False)


def _peak() -> float:
    """Megabytes of this process when it was largest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _fill(database_url: str, redis_url: str, many: int) -> None:
    """Prints, after what the command says, pairs of orders read and this process's largest size until then."""
    import ingest
    from app import create_app
    from bench import source
    from bench.harness import NOW, hub_on

    peaks: list[tuple[int, float]] = []

    def note(so_far: int) -> None:
        peaks.append((so_far, _peak()))

    class Still:
        def now(self) -> datetime:
            return NOW

    ingest.MARKETPLACES["taobao"] = source.Days(many // DAYS, note)
    here = dataclasses.replace(hub_on(database_url, redis_url), clock=Still())
    yesterday = NOW.date() - timedelta(days=1)
    days = [str(yesterday - timedelta(days=DAYS - 1)), str(yesterday)]
    create_app(here).cli.main(["backfill", here.settings.shops[0].slug, *days], "flask", standalone_mode=False)
    note(many)
    print(json.dumps(peaks))


if __name__ == "__main__":
    _fill(sys.argv[1], sys.argv[2], int(sys.argv[3]))
