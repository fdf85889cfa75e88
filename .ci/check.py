"""Everything that must hold: lint, format, types, import contracts, all tests with the coverage of their branches.

`make test` and CI run it.

Installs Chromium for the browser tests where it is missing and the user is root (Debian), else names the package.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LEAST_BRANCHES = 0.9  # pytest's own limit judges lines and branches together, and lines are many
ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS = {
    "lint": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "contracts": [str(BIN / "lint-imports")],
    "types": [str(BIN / "mypy"), "."],
}
SEED = os.environ.get("SEED", "20251222")
"""Of the order of the tests and of what Hypothesis tries: the same tree is judged the same way each time."""
TESTS = [
    sys.executable,
    "-m",
    "pytest",
    "--numprocesses=2",  # each with servers of its own; what one waits for, the other works
    "--dist=loadfile",
    f"--randomly-seed={SEED}",
    f"--hypothesis-seed={SEED}",
    "--no-loadscope-reorder",  # files with few tests are not the short ones: last of all, one would keep a core alone
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
    print(f"--- tests (SEED={SEED})", flush=True)
    failed += ["tests"] * (subprocess.run(TESTS, check=False).returncode != 0)
    said, _ = types.communicate()  # it took a core that the others left idle, and the first minute of the tests
    print(f"--- types\n{said.strip()}", flush=True)
    failed += ["types"] * (types.returncode != 0)
    failed += ["branches"] * (not enough_branches(coverage_totals()))
    print(f"{time.monotonic() - started:.0f} s; " + (f"failed: {', '.join(failed)}" if failed else "all checks passed"))
    return 1 if failed else 0


def passes(name: str) -> bool:
    print(f"--- {name}", flush=True)
    return subprocess.run(CHECKS[name], check=False).returncode == 0


def coverage_totals() -> dict[str, Any]:
    """What the tests just covered, in sum; nothing where no figures came."""
    command = [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"]
    said = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(said)["totals"]) if said.startswith("{") else {"num_branches": 1, "covered_branches": 0}


def enough_branches(totals: dict[str, Any]) -> bool:
    branches, covered = totals["num_branches"], totals["covered_branches"]
    print(f"--- branches: {covered} of {branches} covered, {LEAST_BRANCHES:.0%} wanted", flush=True)
    return bool(covered >= LEAST_BRANCHES * branches)


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
