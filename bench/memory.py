"""Bar 13: what each process of the demo takes while nothing happens, and that a back-fill does not grow."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import psutil

from bench import demo, orders, source
from bench.harness import ROOT, Bench, Figure

SETTLED: Final = 10  # seconds after the page answers
STEP: Final = 5_000
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
    """In a process of its own, whose size is that of the back-fill alone."""
    many = bench.back_fill
    url, redis_url = bench.url("back_fill"), bench.redis_url
    bench.hub("back_fill")
    done = subprocess.run([sys.executable, "-m", "bench.memory", url, redis_url, str(many)], cwd=ROOT, check=True,
                          capture_output=True, text=True)  # fmt: skip
    sizes = [float(size) for size in done.stdout.split()]
    start, end = sizes[len(sizes) // 10], sizes[-1]
    ours = f"{start:.0f} → {end:.0f} MB"
    return Figure(13, f"back-fill of {many:,} orders", ours, "after a tenth", [end / start], 1.1, at_least=False)


def _fill(database_url: str, redis_url: str, many: int) -> None:
    """Prints this process's megabytes after each step."""
    from bench.harness import hub_on

    hub = hub_on(database_url, redis_url)
    for first in range(0, many, STEP):
        bodies = [orders.canonical(orders.varied(number)) for number in range(first, min(first + STEP, many))]
        source.read(hub, bodies, source.watcher(hub))
        print(megabytes(psutil.Process().pid), flush=True)


if __name__ == "__main__":
    _fill(sys.argv[1], sys.argv[2], int(sys.argv[3]))
