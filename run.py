"""The process runner: embedded servers, migrations, then every line of the Procfile; one Ctrl-C stops all.

    python run.py demo     the hub and the sandbox, configured by hub.demo.toml, whatever HUB_CONFIG says; always afresh
    python run.py serve    the hub alone, configured by HUB_CONFIG or hub.toml

`--config FILE` takes another file. The demo is fitted to the ports HUB_PORT and SANDBOX_PORT and lives in a folder of
its own, var/demo or `--var DIR`, which it empties at each start. `DATABASE_URL` and `REDIS_URL` switch to outside
servers. Logs go to `<var>/log/<process>.log`, those of the run before to `….log.previous`.
"""

from __future__ import annotations

from running.ending import Ended, Ending

if __name__ == "__main__":
    ending = Ending()
    ending.listen()  # before the imports that take a while

import argparse
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from honcho.environ import parse_procfile

import embedded
from config import ConfigError, Settings, load
from running import demo, outside
from running.demo import Ports
from running.processes import Held, Processes, holder_of, only_one_in

HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Plan:
    """What is started, on which settings, where, and on which ports."""

    is_demo: bool
    source: Path
    var: Path
    ports: Ports


def main(arguments: list[str], ending: Ending) -> int:
    wishes = _wishes(arguments)
    os.chdir(HERE)
    try:
        plan = _plan(wishes)
        if plan.is_demo:
            demo.claim(plan.var)
        return _alone(plan, ending)
    except ConfigError as error:
        _say(f"配置有误，未启动：\n{error}", sys.stderr)
    except Held as error:
        _say(f"未启动：{error}", sys.stderr)
    except OSError as error:
        _say(f"未启动：{error.filename}：{error.strerror}", sys.stderr)
    return 2


def _wishes(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", nargs="?", choices=("demo", "serve"), default="demo")
    parser.add_argument("--config", type=lambda text: Path(text).resolve(), metavar="FILE")
    parser.add_argument("--var", type=lambda text: Path(text).absolute(), metavar="DIR", help="of the demo")
    return parser.parse_args(arguments)


def _plan(wishes: argparse.Namespace) -> Plan:
    """Raises ConfigError where it cannot work."""
    is_demo = wishes.mode == "demo"
    usual = HERE / "hub.demo.toml" if is_demo else Path(os.environ.get("HUB_CONFIG") or "hub.toml").resolve()
    source = wishes.config or usual
    settings = load(source)
    var = Path(settings.hub.var)
    ports = _ports(settings)
    plan = Plan(is_demo, source, (wishes.var or var / "demo") if is_demo else var, ports)
    _refuse_taken(plan, (plan.var, var))
    return plan


def _ports(settings: Settings) -> Ports:
    hub = _port("HUB_PORT", urlsplit(settings.hub.base_url).port or 8780)
    return Ports(hub, _port("SANDBOX_PORT", demo.SANDBOX))


def _port(name: str, usual: int) -> int:
    text = os.environ.get(name) or str(usual)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ConfigError(f"{name} = {text}：应为端口号，1 到 65535")
    return int(text)


def _refuse_taken(plan: Plan, folders: tuple[Path, ...]) -> None:
    ports = plan.ports
    if plan.is_demo and ports.hub == ports.sandbox:
        raise ConfigError(f"HUB_PORT 和 SANDBOX_PORT 都是 {ports.hub}：请换成两个不同的端口。")
    for name, port in {"HUB_PORT": ports.hub, "SANDBOX_PORT": ports.sandbox}.items():
        if (plan.is_demo or name == "HUB_PORT") and _taken(port):
            other = next((number for folder in folders if (number := holder_of(folder))), None)
            instance = f"订单中枢的另一个实例在运行，停止它：kill {other}。" if other else ""
            look = f"lsof -i :{port}" if sys.platform == "darwin" else f"ss -ltnp | grep :{port}"
            raise ConfigError(f"端口 {port} 已被占用。{instance}查看是谁：{look}；也可用环境变量 {name} 换一个端口。")


def _alone(plan: Plan, ending: Ending) -> int:
    plan.var.mkdir(parents=True, exist_ok=True)
    with only_one_in(plan.var):
        config = plan.source
        if plan.is_demo:
            embedded.end_what_is_left(plan.var)
            demo.empty(plan.var)
            config = demo.fit(plan.source, plan.var, plan.ports)
            _say(f"每次演示都从头开始：{plan.var} 已清空。")
        settings = load(config)
        return _run(settings, plan, environment_of(settings, plan.ports, config), ending)


def environment_of(settings: Settings, ports: Ports, config: Path) -> dict[str, str]:
    """What each process gets to know."""
    return os.environ | {
        "HUB_CONFIG": str(config),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "HUB_BIND": f"127.0.0.1:{ports.hub}",
        "SANDBOX_PORT": str(ports.sandbox),
        "SANDBOX_HUB": f"http://127.0.0.1:{ports.hub}",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
    }


def _run(settings: Settings, plan: Plan, environment: dict[str, str], ending: Ending) -> int:
    started, code = time.monotonic(), 130
    servers: list[embedded.Server] = []
    try:
        environment |= start_servers(settings, servers, ending, afresh=plan.is_demo)
        code = prepare(Processes(plan.var / "log", environment, HERE), ending)
        code = code or supervise(plan, environment, ending, started)
    except embedded.CannotStart as error:
        if not ending.asked:  # else it was the Ctrl-C that ended initdb
            _say(str(error), sys.stderr)
            code = 1
    except Ended:
        pass
    finally:
        for server in reversed(servers):
            server.stop()
    if ending.asked:
        _say("\n已全部停止。")
    return code


def start_servers(
    settings: Settings, servers: list[embedded.Server], ending: Ending, *, afresh: bool
) -> dict[str, str]:
    """Their addresses. Each is in `servers` as soon as it runs, so that the caller can stop it. Raises CannotStart,
    Ended, and ConfigError for an outside server that cannot be used."""
    var, found = Path(settings.hub.var), {}
    for title, name, url, look in (
        ("数据库", "DATABASE_URL", settings.database_url, outside.look_at_database),
        ("Redis", "REDIS_URL", settings.redis_url, outside.look_at_redis),
    ):
        if url:
            look(url, wanted_empty=afresh)
            _say(f"{title}：外部服务器 {outside.place(url)}（{name}）")
    for title, name, url, start in (
        ("数据库", "DATABASE_URL", settings.database_url, embedded.postgres),
        ("Redis", "REDIS_URL", settings.redis_url, embedded.redis),
    ):
        ending.check()
        if not url:
            _say(f"{title}：自带，在 {var} 里 …")
            servers.append(start(var))
            found[name] = servers[-1].url
    return found


def prepare(processes: Processes, ending: Ending) -> int:
    """Migrations, shops and staff; in a process of its own, so that the runner stays small. Raises Ended."""
    try:
        processes.start("prepare", "exec python -m flask --app app hub prepare")
        end = processes.first_end(ending)
    finally:
        processes.stop()
    if end.code == 2:  # a wrong hub.toml, told in full
        _say(end.log.read_text(encoding="utf-8").strip(), sys.stderr)
    elif end.code:
        _say(f"数据库准备失败。{end.told()}", sys.stderr)
    return abs(end.code)


def supervise(plan: Plan, environment: dict[str, str], ending: Ending, started: float) -> int:
    """0 when somebody wanted the end, else what the process that ended said of itself."""
    processes, over = Processes(plan.var / "log", environment, HERE), threading.Event()
    try:
        for name, command in parse_procfile((HERE / "Procfile").read_text(encoding="utf-8")).processes.items():
            if name != "sandbox" or plan.is_demo:
                processes.start(name, command)
        threading.Thread(target=_announce, args=(plan, over, started), daemon=True).start()
        end = processes.first_end(ending)
    except Ended:
        return 0
    finally:
        over.set()
        processes.stop()
    _say(f"{end.told()}\n其余进程已全部停止。", sys.stderr)
    return end.code if end.code > 0 else 1


def _announce(plan: Plan, over: threading.Event, started: float) -> None:
    """Say the one address as soon as it answers."""
    hub, sandbox = f"http://127.0.0.1:{plan.ports.hub}/", f"http://127.0.0.1:{plan.ports.sandbox}/"
    wanted = [hub + "healthz", sandbox] if plan.is_demo else [hub + "healthz"]
    while not all(answers(url) for url in wanted):
        if over.wait(0.2):
            return
    _say(f"\n  订单中枢已就绪（{time.monotonic() - started:.0f} 秒）：{sandbox if plan.is_demo else hub}")
    _say(f"  日志：{plan.var / 'log'}    停止：Ctrl-C\n")


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _say(text: str, where: TextIO | None = None) -> None:
    with suppress(OSError):  # the terminal may be closed, which must not keep anything from being stopped
        print(text, file=where or sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ending))
