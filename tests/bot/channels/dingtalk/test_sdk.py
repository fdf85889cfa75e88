"""The SDK is loaded late, in one place, and quietly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
LATE = "import sys, app, bot.callbacks; print([name for name in sys.modules if name.split('.')[0] == 'dingtalk'])"
QUIET = "import bot.channels.dingtalk.sdk as sdk; print(sdk.AppKeyClient.__name__)"


def python(code: str, *flags: str) -> str:
    """In a process of its own, which compiles everything anew: the warnings come with the compiling."""
    command = [sys.executable, *flags, "-c", code]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120).stdout.strip()


def test_who_only_answers_does_not_load_it() -> None:
    assert python(LATE) == "[]"


def test_its_warnings_are_not_ours(tmp_path: Path) -> None:
    strict = (
        "-X",
        f"pycache_prefix={tmp_path}",
        "-W",
        "error::SyntaxWarning",
        "-W",
        "error::DeprecationWarning:dingtalk",
    )
    assert python(QUIET, *strict) == "AppKeyClient"


def test_one_module_imports_it() -> None:
    importing = [
        path.relative_to(ROOT).as_posix()
        for path in (*ROOT.glob("bot/**/*.py"), *ROOT.glob("*.py"), *ROOT.glob("workers/*.py"), *ROOT.glob("web/*.py"))
        if any(
            line.lstrip().startswith(("from dingtalk.", "import dingtalk.", "import dingtalk\n"))
            for line in path.open()
        )
    ]
    assert importing == ["bot/channels/dingtalk/sdk.py"]
