from __future__ import annotations

import os
import signal
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import run
from config import load
from embedded import CannotStart, Server


@pytest.fixture(autouse=True)
def _stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.HERE)


DEMO = run.HERE / "hub.demo.toml"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_an_unknown_mode_gets_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run.main(["dance"])
    assert ended.value.code == 2
    assert "demo" in capsys.readouterr().err


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
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_CONFIG", str(DEMO))
    monkeypatch.setenv("HUB_PORT", str(taken))
    assert run.main(["serve"]) == 2
    assert f"端口 {taken} 已被占用" in capsys.readouterr().err


def test_the_demo_never_takes_the_configuration_of_production(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "production.toml"))
    monkeypatch.setenv("HUB_PORT", str(taken))
    assert run.main(["demo", "--var", str(tmp_path)]) == 2
    assert "已被占用" in capsys.readouterr().err, "hub.demo.toml was read, production.toml is not even there"


@pytest.mark.parametrize("wrong", ["many", "0", "70000"])
def test_a_port_that_is_none_is_named(
    wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANDBOX_PORT", wrong)
    assert run.main(["demo"]) == 2
    assert f"SANDBOX_PORT = '{wrong}': expected a port, 1 to 65535" in capsys.readouterr().err


def test_the_demos_settings_fit_its_ports(tmp_path: Path) -> None:
    made = run.fit_demo(DEMO, tmp_path / "var", run.Ports(hub=8790, sandbox=8780))
    fitted, demo = load(made), load(DEMO)
    assert fitted.hub.base_url == "http://127.0.0.1:8790"
    assert fitted.hub.var == str(tmp_path / "var")
    assert fitted.bot is not None
    assert fitted.bot.gateway == "ws://127.0.0.1:8780/aibot/ws"
    assert ":8790" not in made.read_text(encoding="utf-8").replace(fitted.hub.base_url, "")
    assert fitted.shops[2].gateway == "http://127.0.0.1:8780/pdd/api/router"
    assert (fitted.security, fitted.stock, fitted.staff) == (demo.security, demo.stock, demo.staff)


def test_the_demos_settings_keep_what_another_file_says(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(DEMO.read_text(encoding="utf-8") + "\n[stale]\ngroup_from = 500\n", encoding="utf-8")
    made = run.fit_demo(other, tmp_path / "var", run.Ports(hub=1, sandbox=2))
    assert load(made).stale.group_from == 500
    assert tomllib.loads(made.read_text(encoding="utf-8"))["hub"]["name"] == "青禾订单中枢"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "var").touch()
    assert run.main(["demo", "--var", str(tmp_path / "var")]) == 2
    assert f"{tmp_path / 'var' / 'hub.toml'}: cannot be written" in capsys.readouterr().err


def test_a_server_that_does_not_start_stops_the_others(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonlydir").touch()
    settings = load(run.fit_demo(DEMO, tmp_path, run.Ports(hub=1, sandbox=2)))
    servers: list[Server] = []
    with pytest.raises(CannotStart, match=rf"Valkey.*{tmp_path / 'redis' / 'log'}"):
        run.start_servers(settings, servers)
    assert len(servers) == 1, "PostgreSQL is known, so that it can be stopped"
    servers[0].stop()


def test_a_start_that_fails_is_one_plain_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonlydir").touch()
    monkeypatch.setenv("HUB_PORT", str(free_port()))
    monkeypatch.setenv("SANDBOX_PORT", str(free_port()))
    assert run.main(["demo", "--var", str(tmp_path)]) == 1
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0
    assert str(tmp_path / "redis" / "log") in said
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_outside_servers_are_named_without_their_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hub:pass-word@127.0.0.1:1/orders")
    monkeypatch.setenv("REDIS_URL", "redis://:pass-word@127.0.0.1:1/0")
    monkeypatch.setenv("HUB_PORT", str(free_port()))
    monkeypatch.setenv("SANDBOX_PORT", str(free_port()))
    assert run.main(["demo", "--var", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "数据库：外部服务器 127.0.0.1:1/orders（DATABASE_URL）" in said.out
    assert "Redis：外部服务器 127.0.0.1:1/0（REDIS_URL）" in said.out
    assert "pass-word" not in said.out + said.err
    assert "数据库准备失败" in said.err


PROCFILE = """\
web: exec python -m http.server --bind 127.0.0.1 {port}
sandbox: exec python -c "print('not in production')"
"""


def test_all_processes_run_until_ctrl_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port, before = free_port(), [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    (tmp_path / "Procfile").write_text(PROCFILE.format(port=port), encoding="utf-8")
    (tmp_path / "healthz").touch()
    monkeypatch.setattr(run, "HERE", tmp_path)
    environment = run.environment_of(load(DEMO), "serve", run.Ports(hub=port, sandbox=1), DEMO)

    def press_ctrl_c() -> None:
        while not run.answers(f"http://127.0.0.1:{port}/healthz"):
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press_ctrl_c).start()
    try:
        assert run.supervise("serve", environment, tmp_path, time.monotonic()) == 0
    finally:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)
    said = capsys.readouterr().out
    assert "订单中枢已就绪" in said
    assert "已全部停止" in said
    assert not (tmp_path / "log" / "sandbox.log").exists()


def test_a_process_that_ends_stops_all_and_its_log_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Procfile").write_text("web: exec python -c 'raise SystemExit(7)'\n", encoding="utf-8")
    monkeypatch.setattr(run, "HERE", tmp_path)
    environment = run.environment_of(load(DEMO), "serve", run.Ports(hub=free_port(), sandbox=1), DEMO)
    assert run.supervise("serve", environment, tmp_path, time.monotonic()) == 7
    assert str(tmp_path / "log") in capsys.readouterr().err


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
