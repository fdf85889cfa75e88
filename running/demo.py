"""The demo's own folder and its own hub.toml. The company is invented anew at each start, so the hub forgets it too."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from config import ConfigError
from running.processes import PID_FILE

SANDBOX: Final = 8790  # its port in hub.demo.toml
MARK: Final = "made-by-demo"
_KEPT: Final = {MARK, PID_FILE, "log"}


@dataclass(frozen=True)
class Ports:
    hub: int
    sandbox: int


def claim(var: Path) -> None:
    """Make `var` the demo's own, which it may empty. Raises ConfigError where others may have put something there."""
    try:
        used = var.exists() and any(var.iterdir())
        if var.is_symlink() or (used and not (var / MARK).is_file()):
            raise ConfigError(
                f"{var} 不是演示建的文件夹，里面的东西不会被清空，所以没有启动。请用 --var 给演示换一个新的文件夹。"
            )
        var.mkdir(parents=True, exist_ok=True)
        (var / MARK).write_text("`run.py demo` made this folder and empties it at each start.\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{var} 不能用作演示的文件夹：{error.strerror}。请用 --var 换一个。") from error


def empty(var: Path) -> None:
    """Nothing is left in a claimed folder but the logs. Raises ConfigError."""
    try:
        for entry in var.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                if entry.name not in _KEPT:
                    shutil.rmtree(entry)
            elif entry.name not in _KEPT:
                entry.unlink()
    except OSError as error:
        raise ConfigError(f"{error.filename} 不能清空：{error.strerror}。请用 --var 换一个文件夹。") from error


def fit(source: Path, var: Path, ports: Ports) -> Path:
    """`source` with the addresses of hub and sandbox moved to `ports`, written into `var`. Raises ConfigError."""
    document = tomllib.loads(source.read_text(encoding="utf-8"))
    old = urlsplit(document.setdefault("hub", {}).setdefault("base_url", "http://127.0.0.1:8780")).port
    moved = _moved(document, {str(old): str(ports.hub), str(SANDBOX): str(ports.sandbox)})
    moved["hub"]["var"] = str(var)
    made = var.resolve() / "hub.toml"
    lines = [f"{json.dumps(name)} = {_toml(value)}\n" for name, value in moved.items()]
    try:
        made.write_text(f"# Made from {source.name} at each start of the demo.\n" + "".join(lines), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{made} 写不进去：{error.strerror}。") from error
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
