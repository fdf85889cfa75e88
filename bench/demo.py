"""Bar 14: from `make demo` to the page that answers, on an empty `var/` and on the second run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.harness import ROOT, Bench, Figure
from bench.load import answers, free_port

LONGEST = 120


@dataclass(frozen=True)
class Demo:
    process: subprocess.Popen[bytes]
    page: str
    seconds: float


def measure(bench: Bench) -> list[Figure]:
    firsts, seconds = [], []
    for number in range(1 if bench.quick else 3):
        var = bench.folder / f"demo{number}"
        for taken in (firsts, seconds):
            with running(bench.folder, var) as demo:
                taken.append(demo.seconds)
    return [
        Figure(14, "make demo, first run", "", "–", firsts, 90, at_least=False, unit="s"),
        Figure(14, "make demo, next run", "", "–", seconds, 15, at_least=False, unit="s"),
    ]


@contextmanager
def running(folder: Path, var: Path) -> Iterator[Demo]:
    """The demo on free ports with its data in `var`, from the moment its page and the hub answer."""
    hub, sandbox = free_port(), free_port()
    ports = {"HUB_PORT": str(hub), "SANDBOX_PORT": str(sandbox)}
    environment = os.environ | ports | {"PYTHONUNBUFFERED": "1"}
    environment.pop("DATABASE_URL", None)
    environment.pop("REDIS_URL", None)
    page, started = f"http://127.0.0.1:{sandbox}/", time.monotonic()
    with (folder / "demo.log").open("ab") as said:
        process = subprocess.Popen([sys.executable, "run.py", "demo", "--var", str(var)], cwd=ROOT, stdout=said,
                                   stderr=said, env=environment, start_new_session=True)  # fmt: skip
    try:
        _wait(process, [page, f"http://127.0.0.1:{hub}/healthz"], folder)
        yield Demo(process, page, time.monotonic() - started)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _wait(process: subprocess.Popen[bytes], urls: list[str], folder: Path) -> None:
    until = time.monotonic() + LONGEST
    while not all(answers(url) for url in urls):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError((folder / "demo.log").read_text(errors="replace")[-2000:])
        time.sleep(0.1)
