"""The process runner: embedded servers, migrations, then every line of the Procfile; one Ctrl-C stops all.

    python run.py demo     the hub and the sandbox, configured by hub.demo.toml
    python run.py serve    the hub alone, configured by hub.toml

`DATABASE_URL` and `REDIS_URL` switch to outside servers. Logs go to `<var>/log/<process>.log`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
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


def main(arguments: list[str]) -> int:
    mode = arguments[0] if arguments else "demo"
    if mode not in ("demo", "serve"):
        print(__doc__)
        return 2
    os.chdir(HERE)
    if mode == "demo":
        os.environ.setdefault("HUB_CONFIG", str(HERE / "hub.demo.toml"))
    try:
        settings = load()
    except ConfigError as error:
        print(f"配置有误，未启动：\n{error}", file=sys.stderr)
        return 2
    return _run(settings, mode)


def _run(settings: Settings, mode: str) -> int:
    web = urlsplit(settings.hub.base_url)
    sandbox_port = int(os.environ.get("SANDBOX_PORT", "8790"))
    hub_port = int(os.environ.get("HUB_PORT", str(web.port or 8780)))
    for port in [hub_port] + [sandbox_port] * (mode == "demo"):
        if _taken(port):
            print(
                f"端口 {port} 已被占用：请先停止另一个实例，或用环境变量 HUB_PORT / SANDBOX_PORT 换一个。",
                file=sys.stderr,
            )
            return 2
    started = time.monotonic()
    var = Path(settings.hub.var)
    servers = []
    try:
        print("启动数据库 …", flush=True)
        postgres = None if settings.database_url else embedded.postgres(var)
        redis = None if settings.redis_url else embedded.redis(var)
        servers = [server for server in (postgres, redis) if server]
        environment = os.environ | {
            "DATABASE_URL": postgres.url if postgres else settings.database_url,
            "REDIS_URL": redis.url if redis else settings.redis_url,
            "HUB_BIND": f"127.0.0.1:{hub_port}",
            "SANDBOX_PORT": str(sandbox_port),
            "SANDBOX_HUB": f"http://127.0.0.1:{hub_port}",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONUNBUFFERED": "1",
        }
        # In a process of its own, so that the runner stays small.
        subprocess.run([sys.executable, "-m", "flask", "--app", "app", "hub", "prepare"], check=True, env=environment)
        return _supervise(mode, environment, var, started)
    except subprocess.CalledProcessError:
        print("数据库准备失败，详见上文。", file=sys.stderr)
        return 1
    finally:
        for server in reversed(servers):
            server.stop()


def _supervise(mode: str, environment: dict[str, str], var: Path, started: float) -> int:
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
    while not all(_answers(url) for url in wanted):
        time.sleep(0.2)
    shown = sandbox if mode == "demo" else f"http://{environment['HUB_BIND']}/"
    print(f"\n  订单中枢已就绪（{time.monotonic() - started:.0f} 秒）：{shown}", flush=True)
    print(f"  日志：{var / 'log'}    停止：Ctrl-C\n", flush=True)


def _answers(url: str) -> bool:
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
