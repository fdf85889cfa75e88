from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from running.ending import SIGNALS, Ended, Ending
from running.processes import PID_FILE, Exit, Held, Processes, holder_of, only_one_in


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path / "log", dict(os.environ), tmp_path)
    yield made
    made.stop()


def test_the_first_that_ends_is_told_with_code_and_last_words(processes: Processes, tmp_path: Path) -> None:
    processes.start("clock", "exec sleep 60")
    processes.start("web", "for n in 1 2 3 4 5 6 7 8 9; do echo line $n; done; exit 3")
    end = processes.first_end(Ending())
    assert (end.name, end.code) == ("web", 3)
    assert end.told().startswith(
        f"web 已退出（退出码 3）。日志在 {tmp_path / 'log' / 'web.log'}，最后几行：\n    line 2\n"
    )
    assert end.told().endswith("line 9")


def test_a_process_that_was_killed_and_said_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "web.log").touch()
    assert Exit("web", -9, tmp_path / "web.log").told().startswith("web 已退出（被信号 9 终止）。")


def test_the_log_of_the_run_before_is_kept(processes: Processes, tmp_path: Path) -> None:
    for word in ("one", "two", "three"):
        processes.start("web", f"echo {word}")
        processes.first_end(Ending())
    assert (tmp_path / "log" / "web.log").read_text(encoding="utf-8") == "three\n"
    assert (tmp_path / "log" / "web.log.previous").read_text(encoding="utf-8") == "two\n"


def test_what_does_not_want_to_end_is_asked_twice(processes: Processes, tmp_path: Path) -> None:
    trap = "trap 'echo one; trap \"echo two; exit\" TERM' TERM"
    processes.start("worker", f"{trap}; echo ready; while true; do sleep 0.05; done")
    log, until = tmp_path / "log" / "worker.log", time.monotonic() + 20
    while "ready" not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < until, "it does not start"
        time.sleep(0.01)
    processes.stop()
    words = log.read_text(encoding="utf-8").split()
    words.remove("ready")
    assert [word for word in words if word != "Terminated"] == ["one", "two"], "the shell says that of its sleep"


def test_a_wish_for_the_end_comes_before_everything(processes: Processes) -> None:
    processes.start("web", "exit 3")
    ending = Ending()
    ending.asked = True
    with pytest.raises(Ended):
        processes.first_end(ending)


def test_all_three_signals_are_noted_and_nohup_is_respected() -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number in SIGNALS:
            ending = Ending()
            ending.listen()
            signal.raise_signal(number)
            assert ending.asked
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        Ending().listen()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_folder_is_held_by_one_who_is_named_and_forgotten_at_the_end(tmp_path: Path) -> None:
    assert holder_of(tmp_path) is None
    with only_one_in(tmp_path):
        assert holder_of(tmp_path) == os.getpid()
        with pytest.raises(Held, match=f"kill {os.getpid()}"), only_one_in(tmp_path):
            pass
    assert holder_of(tmp_path) is None
    assert (tmp_path / PID_FILE).read_text(encoding="utf-8") == ""
    with only_one_in(tmp_path):
        pass
