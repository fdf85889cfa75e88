"""An open-loop load generator: requests leave by the clock, whatever became of those before."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench.harness import ROOT

LONGEST = 10.0


@dataclass(frozen=True)
class Answers:
    """Seconds from the sending of each request to its whole answer, and from the moment it was planned for; how many
    were told to come again (503), which a platform does."""

    seconds: list[float]
    since_planned: list[float]
    refused: int = 0

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def run(port: int, requests: Sequence[bytes], rate: float) -> Answers:
    """Send `requests` at `rate` a second. Raises RuntimeError for an answer that is neither 200 nor 503."""
    return asyncio.run(_run(port, requests, rate))


async def _run(port: int, requests: Sequence[bytes], rate: float) -> Answers:
    started = time.perf_counter() + 0.05
    tasks = []
    for number, request in enumerate(requests):
        planned = started + number / rate
        if (early := planned - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        tasks.append(asyncio.create_task(_one(port, request, planned)))
    pairs = await asyncio.wait_for(asyncio.gather(*tasks), LONGEST)
    return Answers([one[0] for one in pairs], [one[1] for one in pairs], sum(one[2] for one in pairs))


async def _one(port: int, request: bytes, planned: float) -> tuple[float, float, bool]:
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setblocking(False)
        sent = time.perf_counter()
        await loop.sock_connect(connection, ("127.0.0.1", port))
        await loop.sock_sendall(connection, request)
        answer = b""
        while part := await loop.sock_recv(connection, 65_536):
            answer += part
        done = time.perf_counter()
    if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503")):
        raise RuntimeError(f"not answered well: {answer[:200]!r}")
    return done - sent, done - planned, not answer.startswith(b"HTTP/1.1 200")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(application: str, log: Path, **environment: str) -> Iterator[int]:
    """The port on which gunicorn, configured as deployed, serves `application`."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", application]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=said, stderr=said,
            env={**os.environ, "HUB_BIND": f"127.0.0.1:{port}", "PYTHONPATH": str(ROOT), **environment},
        )  # fmt: skip
    try:
        _wait(port, process, log)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"gunicorn ended: {log.read_text(errors='replace')[-2000:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("gunicorn did not listen within 30 s")


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
