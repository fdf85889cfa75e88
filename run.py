"""The process runner: embedded servers, migrations, then every line of the Procfile; one Ctrl-C stops all.

    python run.py demo     the hub and the sandbox, configured by hub.demo.toml, whatever HUB_CONFIG says
    python run.py serve    the hub alone, configured by HUB_CONFIG or hub.toml

`--config FILE` takes another file. The demo is fitted to the ports HUB_PORT and SANDBOX_PORT and to the folder
`--var DIR`. `DATABASE_URL` and `REDIS_URL` switch to outside servers. Logs go to `<var>/log/<process>.log`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from honcho.environ import parse_procfile
from honcho.manager import Manager

import embedded
from config import ConfigError, Settings, load

HERE: Final = Path(__file__).resolve().parent
SANDBOX: Final = 8790  # its port in hub.demo.toml


class LogFiles:
    """Where honcho's lines go: one file per process, cut at each start; trouble is also said on the terminal."""

    width = 0

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, Any] = {}

    def write(self, message: Any) -> None:
        name = message.name or "system"
        if name not in self._files:
            self._files[name] = (self._folder / f"{name}.log").open("w", encoding="utf-8")
        line = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        self._files[name].write(line if line.endswith("\n") else line + "\n")
        self._files[name].flush()


@dataclass(frozen=True)
class Ports:
    hub: int
    sandbox: int


def main(arguments: list[str]) -> int:
    wishes = _wishes(arguments)
    os.chdir(HERE)
    try:
        if wishes.mode == "demo":
            source = wishes.config or HERE / "hub.demo.toml"
            settings = load(source)
            ports = _ports(settings)
            config = fit_demo(source, wishes.var or Path(settings.hub.var), ports)
        else:
            config = wishes.config or Path(os.environ.get("HUB_CONFIG") or "hub.toml").resolve()
            ports = _ports(load(config))
        settings = load(config)
    except ConfigError as error:
        print(f"配置有误，未启动：\n{error}", file=sys.stderr)
        return 2
    if (port := _taken_one(wishes.mode, ports)) is not None:
        asked = "HUB_PORT / SANDBOX_PORT" if wishes.mode == "demo" else "HUB_PORT"
        print(f"端口 {port} 已被占用：请先停止另一个实例，或用环境变量 {asked} 换一个。", file=sys.stderr)
        return 2
    return _run(settings, wishes.mode, environment_of(settings, wishes.mode, ports, config))


def _wishes(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", nargs="?", choices=("demo", "serve"), default="demo")
    parser.add_argument("--config", type=lambda text: Path(text).resolve(), metavar="FILE")
    parser.add_argument("--var", type=lambda text: Path(text).resolve(), metavar="DIR", help="of the demo")
    return parser.parse_args(arguments)


def _ports(settings: Settings) -> Ports:
    return Ports(_port("HUB_PORT", urlsplit(settings.hub.base_url).port or 8780), _port("SANDBOX_PORT", SANDBOX))


def _port(name: str, usual: int) -> int:
    text = os.environ.get(name) or str(usual)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ConfigError(f"{name} = {text!r}: expected a port, 1 to 65535")
    return int(text)


def fit_demo(source: Path, var: Path, ports: Ports) -> Path:
    """`source` with the addresses of hub and sandbox moved to `ports`, written into `var`. Raises ConfigError."""
    document = tomllib.loads(source.read_text(encoding="utf-8"))
    old = urlsplit(document.setdefault("hub", {}).setdefault("base_url", "http://127.0.0.1:8780")).port
    moved = _moved(document, {str(old): str(ports.hub), str(SANDBOX): str(ports.sandbox)})
    moved["hub"]["var"] = str(var)
    made = var.resolve() / "hub.toml"
    lines = [f"{json.dumps(name)} = {_toml(value)}\n" for name, value in moved.items()]
    try:
        var.mkdir(parents=True, exist_ok=True)
        made.write_text(f"# Made from {source.name} at each start of the demo.\n" + "".join(lines), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{made}: cannot be written: {error.strerror}") from error
    return made


def _moved(value: Any, ports: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _moved(item, ports) for name, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, ports) for item in value]
    if isinstance(value, str):
        return re.sub(r"(?<=//127\.0\.0\.1:)\d+", lambda found: ports.get(found[0], found[0]), value)
    return value


def _toml(value: Any) -> str:
    """Tables in one line each."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def environment_of(settings: Settings, mode: str, ports: Ports, config: Path) -> dict[str, str]:
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


def _run(settings: Settings, mode: str, environment: dict[str, str]) -> int:
    started = time.monotonic()
    servers: list[embedded.Server] = []
    try:
        environment |= start_servers(settings, servers)
        # In a process of its own, so that the runner stays small.
        subprocess.run([sys.executable, "-m", "flask", "--app", "app", "hub", "prepare"], check=True, env=environment)
        return supervise(mode, environment, Path(settings.hub.var), started)
    except embedded.CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        if error.returncode != 2:  # that is a wrong hub.toml, which has been told
            print("数据库准备失败，详见上文。", file=sys.stderr)
        return error.returncode
    except KeyboardInterrupt:
        print("\n已全部停止。", flush=True)
        return 130
    finally:
        for server in reversed(servers):
            server.stop()


def start_servers(settings: Settings, servers: list[embedded.Server]) -> dict[str, str]:
    """Their addresses. Each is in `servers` as soon as it runs, so that the caller can stop it. Raises CannotStart."""
    var, found = Path(settings.hub.var), {}
    for title, name, outside, start in (
        ("数据库", "DATABASE_URL", settings.database_url, embedded.postgres),
        ("Redis", "REDIS_URL", settings.redis_url, embedded.redis),
    ):
        if outside:
            print(f"{title}：外部服务器 {_place(outside)}（{name}）", flush=True)
            continue
        print(f"{title}：自带，在 {var} 里 …", flush=True)
        servers.append(start(var))
        found[name] = servers[-1].url
    return found


def _place(url: str) -> str:
    """Where a server is, without the password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] + parts.path


def _taken_one(mode: str, ports: Ports) -> int | None:
    return next((port for port in (ports.hub, ports.sandbox)[: 1 + (mode == "demo")] if _taken(port)), None)


def supervise(mode: str, environment: dict[str, str], var: Path, started: float) -> int:
    manager = Manager(LogFiles(var / "log"))
    lines = parse_procfile((HERE / "Procfile").read_text(encoding="utf-8")).processes
    for name, command in lines.items():
        if name != "sandbox" or mode == "demo":
            manager.add_process(name, command, env=environment, cwd=str(HERE))
    threading.Thread(target=_announce, args=(mode, environment, var, started), daemon=True).start()
    manager.loop()
    code = manager.returncode or 0
    if code not in (0, 130, 143):
        print(f"有进程退出（{code}），已全部停止；日志在 {var / 'log'}。", file=sys.stderr)
        return code
    print("\n已全部停止。", flush=True)
    return 0


def _announce(mode: str, environment: dict[str, str], var: Path, started: float) -> None:
    """Say the one address as soon as it answers."""
    hub = f"http://{environment['HUB_BIND']}/healthz"
    sandbox = f"http://127.0.0.1:{environment['SANDBOX_PORT']}/"
    wanted = [hub, sandbox] if mode == "demo" else [hub]
    while not all(answers(url) for url in wanted):
        time.sleep(0.2)
    shown = sandbox if mode == "demo" else f"http://{environment['HUB_BIND']}/"
    print(f"\n  订单中枢已就绪（{time.monotonic() - started:.0f} 秒）：{shown}", flush=True)
    print(f"  日志：{var / 'log'}    停止：Ctrl-C\n", flush=True)


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
