from __future__ import annotations

import socket
from pathlib import Path

import pytest

import run


@pytest.fixture(autouse=True)
def _stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.HERE)


def test_an_unknown_mode_gets_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["dance"]) == 2
    assert "run.py demo" in capsys.readouterr().out


def test_a_wrong_hub_toml_stops_the_start_and_names_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (run.HERE / "hub.demo.toml").read_text(encoding="utf-8").replace("every_seconds = 15", "every_seconds = 1")
    (tmp_path / "hub.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "hub.toml"))
    assert run.main(["serve"]) == 2
    said = capsys.readouterr().err
    assert "配置有误" in said
    assert "pull.every_seconds = 1" in said


def test_a_taken_port_is_said_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_CONFIG", str(run.HERE / "hub.demo.toml"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("HUB_PORT", str(taken.getsockname()[1]))
        assert run.main(["serve"]) == 2
    assert "已被占用" in capsys.readouterr().err


def test_what_processes_say_goes_into_a_file_each(tmp_path: Path) -> None:
    class Message:
        def __init__(self, name: str | None, data: bytes | str) -> None:
            self.name, self.data = name, data

    logs = run.LogFiles(tmp_path / "log")
    logs.write(Message("web", b"one\n"))
    logs.write(Message("web", "two"))
    logs.write(Message(None, "started"))
    assert (tmp_path / "log" / "web.log").read_text(encoding="utf-8") == "one\ntwo\n"
    assert (tmp_path / "log" / "system.log").exists()
