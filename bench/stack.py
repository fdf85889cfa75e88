"""The demo's stack for `make smoke`: `run.py demo` on free ports, in a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Stack:
    """`run.py demo` on free ports, with a small quiet world: six orders, no arrivals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        hub, sandbox = free_ports(2)
        self.hub, self.sandbox = f"http://127.0.0.1:{hub}", f"http://127.0.0.1:{sandbox}"
        config = folder / "hub.toml"
        demo = (ROOT / "hub.demo.toml").read_text(encoding="utf-8")
        config.write_text(demo + "\n[stale]\ngroup_from = 500\n", encoding="utf-8")
        company = (ROOT / "sandbox" / "company.toml").read_text(encoding="utf-8")
        company = re.sub(r"orders_before = \d+", "orders_before = 6", company)
        company = re.sub(r"orders_a_minute = [\d.]+", "orders_a_minute = 0.0", company)
        (folder / "company.toml").write_text(company, encoding="utf-8")
        environment = os.environ | {
            "SANDBOX_COMPANY": str(folder / "company.toml"),
            "HUB_PORT": str(hub),
            "SANDBOX_PORT": str(sandbox),
        }
        environment.pop("DATABASE_URL", None)
        environment.pop("REDIS_URL", None)
        command = [sys.executable, "run.py", "demo", "--config", str(config), "--var", str(folder / "var")]
        self.process = subprocess.Popen(command, env=environment, cwd=ROOT)

    def stop(self) -> list[str]:
        """Ctrl-C; what is still there afterwards."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return ["run.py did not stop within 30 s"]
        return [line for line in _processes() if str(self.folder) in line]


def _processes() -> list[str]:
    said = subprocess.run(["ps", "-wweo", "pid,args"], capture_output=True, text=True, check=False).stdout
    return said.splitlines()
