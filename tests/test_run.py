from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import run
from config import Settings, load
from embedded import CannotStart, Server
from running import demo
from running.demo import Ports
from running.ending import Ended, Ending
from running.processes import Processes, only_one_in


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
        run.main(["dance"], Ending())
    assert ended.value.code == 2
    assert "demo" in capsys.readouterr().err


def test_a_wrong_hub_toml_stops_the_start_and_names_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (run.HERE / "hub.demo.toml").read_text(encoding="utf-8").replace("every_seconds = 15", "every_seconds = 1")
    (tmp_path / "hub.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "hub.toml"))
    assert run.main(["serve"], Ending()) == 2
    said = capsys.readouterr().err
    assert "配置有误" in said
    assert "pull.every_seconds = 1：" in said


def test_a_taken_port_is_said_before_anything_starts(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_CONFIG", str(DEMO))
    monkeypatch.setenv("HUB_PORT", str(taken))
    assert run.main(["serve"], Ending()) == 2
    said = capsys.readouterr().err
    assert f"端口 {taken} 已被占用" in said
    assert f"ss -ltnp | grep :{taken}" in said


def test_the_demo_never_takes_the_configuration_of_production(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "production.toml"))
    monkeypatch.setenv("HUB_PORT", str(taken))
    assert run.main(["demo", "--var", str(tmp_path / "var")], Ending()) == 2
    assert "已被占用" in capsys.readouterr().err, "hub.demo.toml was read, production.toml is not even there"


@pytest.mark.parametrize("wrong", ["many", "0", "70000"])
def test_a_port_that_is_none_is_named(
    wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANDBOX_PORT", wrong)
    assert run.main(["demo"], Ending()) == 2
    assert f"SANDBOX_PORT = {wrong}：应为端口号，1 到 65535" in capsys.readouterr().err


@pytest.fixture
def free_ports(monkeypatch: pytest.MonkeyPatch) -> Ports:
    """In the environment; outside servers are not."""
    ports = Ports(free_port(), free_port())
    monkeypatch.setenv("HUB_PORT", str(ports.hub))
    monkeypatch.setenv("SANDBOX_PORT", str(ports.sandbox))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    return ports


def test_the_other_instance_that_has_the_port_is_named(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_PORT", str(taken))
    with only_one_in(tmp_path):
        assert run.main(["demo", "--var", str(tmp_path)], Ending()) == 2
    assert f"停止它：kill {os.getpid()}" in capsys.readouterr().err


def test_one_port_for_both_is_refused(
    tmp_path: Path, free_ports: Ports, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANDBOX_PORT", str(free_ports.hub))
    assert run.main(["demo", "--var", str(tmp_path / "var")], Ending()) == 2
    assert f"HUB_PORT 和 SANDBOX_PORT 都是 {free_ports.hub}" in capsys.readouterr().err


@pytest.mark.usefixtures("free_ports")
def test_a_demo_does_not_empty_a_folder_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo.claim(tmp_path / "var")
    (tmp_path / "var" / "kept").touch()
    with only_one_in(tmp_path / "var"):
        assert run.main(["demo", "--var", str(tmp_path / "var")], Ending()) == 2
    assert f"先停止它：kill {os.getpid()}" in capsys.readouterr().err
    assert (tmp_path / "var" / "kept").exists()


@pytest.mark.usefixtures("free_ports")
def test_a_demo_does_not_empty_what_it_did_not_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photos").touch()
    assert run.main(["demo", "--var", str(tmp_path)], Ending()) == 2
    assert "不是演示建的文件夹" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["photos"]


@pytest.mark.usefixtures("free_ports")
def test_a_demo_lives_in_a_folder_of_its_own_and_says_that_it_begins_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = DEMO.read_text(encoding="utf-8").replace("[hub]", f'[hub]\nvar = "{tmp_path}"')
    (tmp_path / "hub.toml").write_text(text, encoding="utf-8")
    demo.claim(tmp_path / "demo")
    (tmp_path / "demo" / "yesterday").touch()
    ending = Ending()
    ending.asked = True
    assert run.main(["demo", "--config", str(tmp_path / "hub.toml")], ending) == 130
    assert f"每次演示都从头开始：{tmp_path / 'demo'} 已清空。" in capsys.readouterr().out
    assert not (tmp_path / "demo" / "yesterday").exists()
    assert (tmp_path / "hub.toml").exists()


def settings_in(var: Path) -> Settings:
    demo.claim(var)
    return load(demo.fit(DEMO, var, Ports(hub=1, sandbox=2)))


def test_a_server_that_does_not_start_stops_the_others(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonlydir").touch()
    servers: list[Server] = []
    with pytest.raises(CannotStart, match=rf"Valkey.*{tmp_path / 'redis' / 'log'}"):
        run.start_servers(settings, servers, Ending(), afresh=True)
    assert len(servers) == 1, "PostgreSQL is known, so that it can be stopped"
    servers[0].stop()


def test_servers_are_not_started_once_the_end_is_wanted(tmp_path: Path) -> None:
    ending, servers = Ending(), list[Server]()
    ending.asked = True
    with pytest.raises(Ended):
        run.start_servers(settings_in(tmp_path), servers, ending, afresh=True)
    assert servers == []


@pytest.mark.usefixtures("free_ports")
def test_a_start_that_fails_is_one_plain_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = DEMO.read_text(encoding="utf-8").replace("[hub]", f'[hub]\nvar = "{tmp_path}"')
    (tmp_path / "hub.toml").write_text(text, encoding="utf-8")
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonlydir").touch()
    assert run.main(["serve", "--config", str(tmp_path / "hub.toml")], Ending()) == 1
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0
    assert str(tmp_path / "redis" / "log") in said
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


@pytest.mark.usefixtures("free_ports")
@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("DATABASE_URL", "postgresql://hub:pass-word@127.0.0.1:1/orders", "用不了数据库 127.0.0.1:1/orders"),
        ("REDIS_URL", "redis://:pass-word@127.0.0.1:1/0", "用不了 Redis 127.0.0.1:1/0"),
        ("DATABASE_URL", "pass-word", "DATABASE_URL：应为 postgresql://"),
    ],
)
def test_an_outside_server_that_cannot_be_used_is_one_plain_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, url: str, said: str
) -> None:
    monkeypatch.setenv(name, url)
    assert run.main(["demo", "--var", str(tmp_path / "var")], Ending()) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "pass-word" not in shown.out + shown.err
    assert "Traceback" not in shown.err


def test_a_preparation_that_fails_names_its_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = run.environment_of(load(DEMO), Ports(1, 2), tmp_path / "not-there.toml")
    processes = Processes(tmp_path / "log", environment, run.HERE)
    assert run.prepare(processes, Ending()) == 2
    assert "not-there.toml：没有这个文件" in capsys.readouterr().err
    environment["PATH"] = str(tmp_path)
    assert run.prepare(processes, Ending()) == 127
    said = capsys.readouterr().err
    assert "prepare 已退出（退出码 127）" in said
    assert str(tmp_path / "log" / "prepare.log") in said


PROCFILE = """\
web: exec python -m http.server --bind 127.0.0.1 {port}
sandbox: exec python -c "print('not in production')"
"""


def supervise(folder: Path, port: int, ending: Ending, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(run, "HERE", folder)
    plan = run.Plan(False, DEMO, folder, Ports(hub=port, sandbox=1))
    return run.supervise(plan, run.environment_of(load(DEMO), plan.ports, DEMO), ending, time.monotonic())


@pytest.fixture
def handlers_kept() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers_kept")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_all_processes_run_until_ctrl_c_or_the_terminal_closes(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port, ending, heard = free_port(), Ending(), list[str]()
    (tmp_path / "Procfile").write_text(PROCFILE.format(port=port), encoding="utf-8")
    (tmp_path / "healthz").touch()
    ending.listen()

    def end_it() -> None:
        while "已就绪" not in "".join(heard):
            heard.append(capsys.readouterr().out)
            time.sleep(0.05)
        os.kill(os.getpid(), number)

    threading.Thread(target=end_it).start()
    assert supervise(tmp_path, port, ending, monkeypatch) == 0
    assert not (tmp_path / "log" / "sandbox.log").exists()
    assert not run.answers(f"http://127.0.0.1:{port}/healthz")


def test_a_process_that_ends_stops_all_and_is_named_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Procfile").write_text("web: echo no way; exit 7\nclock: exec sleep 60\n", encoding="utf-8")
    assert supervise(tmp_path, free_port(), Ending(), monkeypatch) == 7
    said = capsys.readouterr().err
    assert "web 已退出（退出码 7）" in said
    assert f"{tmp_path / 'log' / 'web.log'}，最后几行：\n    no way" in said


def demo_until(tmp_path: Path, ready: Callable[[str], bool]) -> tuple[int, str]:
    """The demo, which gets a Ctrl-C as soon as what it says is `ready`: its exit code and all that it said."""
    command = [sys.executable, "run.py", "demo", "--var", str(tmp_path / "var")]
    log = tmp_path / "said"
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=run.HERE, stdout=file, stderr=file, start_new_session=True)
    until = time.monotonic() + 60
    while not ready(log.read_text(encoding="utf-8")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    return process.wait(60), log.read_text(encoding="utf-8")


@pytest.mark.usefixtures("free_ports")
@pytest.mark.parametrize("moment", ["每次演示", "Redis", "web"])
def test_a_ctrl_c_while_it_starts_leaves_nothing(tmp_path: Path, moment: str) -> None:
    log = tmp_path / "var" / "log" / f"{moment}.log"
    code, said = demo_until(tmp_path, lambda said: moment in said or log.exists())
    assert code in (0, 130), said
    assert "Traceback" not in said
    processes = subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in processes
