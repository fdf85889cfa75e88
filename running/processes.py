"""The Procfile's processes: each in a session of its own, with a log of its own; the end of one is the end of all.

honcho reads the Procfile. Its manager is not used: a Ctrl-C while it still forks makes it hang and leaves orphans.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from running.ending import Ending

PID_FILE: Final = "run.pid"
_SHOWN: Final = 8  # lines of a log
_PATIENCE: Final = ((signal.SIGTERM, 3.0), (signal.SIGTERM, 4.0), (signal.SIGKILL, 5.0))
# Twice, because a worker finishes its job after the first, however long that takes, and drops it after the second.


class Held(Exception):
    """Another instance uses the folder. The text, for people, says how to stop it."""


@dataclass(frozen=True)
class Exit:
    """How a process ended."""

    name: str
    code: int
    log: Path

    def told(self) -> str:
        """For people: what ended, and the last that it said."""
        how = f"退出码 {self.code}" if self.code >= 0 else f"被信号 {-self.code} 终止"
        said = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-_SHOWN:]
        lines = [f"{self.name} 已退出（{how}）。日志在 {self.log}" + ("，最后几行：" if said else "，是空的。"), *said]
        return "\n    ".join(lines)


class Processes:
    """What runs, by name. Whoever starts something here calls `stop()` at the end."""

    def __init__(self, logs: Path, environment: dict[str, str], folder: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._environment = environment
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: str) -> None:
        log = self._log(name)
        if log.exists():
            log.replace(log.with_name(f"{log.name}.previous"))
        with log.open("wb") as file:
            self._running[name] = subprocess.Popen(
                command, shell=True, env=self._environment, cwd=self._folder, stdin=subprocess.DEVNULL,
                stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def first_end(self, ending: Ending) -> Exit:
        """Wait for it. Raises Ended."""
        while True:
            ending.check()
            for name, process in self._running.items():
                if (code := process.poll()) is not None:
                    time.sleep(0.2)  # a signal to everybody ends them and us in any order
                    ending.check()
                    return Exit(name, code, self._log(name))
            time.sleep(0.1)

    def stop(self) -> None:
        """End everything, by force in the end."""
        for number, seconds in _PATIENCE:
            left = [process for process in self._running.values() if process.poll() is None]
            for process in left:
                with suppress(ProcessLookupError, PermissionError):  # gone meanwhile; macOS says so of a zombie
                    os.killpg(process.pid, number)
            _wait(left, seconds)
        self._running.clear()

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def _wait(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    until = time.monotonic() + seconds
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))


@contextmanager
def only_one_in(var: Path) -> Iterator[None]:
    """This process holds `var` until the end. Raises Held."""
    with (var / PID_FILE).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            number = _number_in(var / PID_FILE)
            how = f"先停止它：kill {number}" if number else f"它的进程号在 {var / PID_FILE}"
            raise Held(f"另一个实例正在用 {var}，{how}") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)  # not removed: whoever waits for it would hold a file that is gone


def holder_of(var: Path) -> int | None:
    """The id of the process that holds `var`."""
    if not (var / PID_FILE).is_file():
        return None
    with (var / PID_FILE).open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _number_in(var / PID_FILE)
    return None


def _number_in(file: Path) -> int | None:
    text = file.read_text(encoding="utf-8").strip()
    return int(text) if text.isdecimal() else None
