"""Everything that must hold: lint, format, types, import contracts, all tests with coverage. `make test` and CI run it.

Installs Chromium for the browser tests where it is missing and the user is root (Debian), else names the package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS = {
    "lint": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "contracts": [str(BIN / "lint-imports")],
    "types": [str(BIN / "mypy"), "."],
}
TESTS = [
    sys.executable,
    "-m",
    "pytest",
    "--cov",
    "--cov-branch",
    "--cov-report=term:skip-covered",
    "--cov-fail-under=90",
]


def main() -> int:
    os.chdir(ROOT)
    started = time.monotonic()
    if not have_chromium():
        return 1
    types = subprocess.Popen(CHECKS["types"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    failed = [name for name in ("lint", "format", "contracts") if not passes(name)]
    said, _ = types.communicate()
    print(f"--- types\n{said.strip()}", flush=True)
    failed += ["types"] * (types.returncode != 0)
    print("--- tests", flush=True)
    failed += ["tests"] * (subprocess.run(TESTS, check=False).returncode != 0)
    print(f"{time.monotonic() - started:.0f} s; " + (f"failed: {', '.join(failed)}" if failed else "all checks passed"))
    return 1 if failed else 0


def passes(name: str) -> bool:
    print(f"--- {name}", flush=True)
    return subprocess.run(CHECKS[name], check=False).returncode == 0


def have_chromium() -> bool:
    if shutil.which("chromium"):
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print("The browser tests need Chromium: install Debian's package 'chromium' (apt-get install chromium).")
        return False
    print("Installing Debian's chromium for the browser tests …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk"], check=False, **quiet)
    if not shutil.which("chromium"):
        print("Debian's package 'chromium' could not be installed; the browser tests need it.")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
