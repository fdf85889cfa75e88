from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

CHECK = runpy.run_path(str(Path(__file__).resolve().parent.parent / ".ci" / "check.py"))


@pytest.mark.parametrize(("branches", "covered", "enough"), [(1000, 900, True), (1000, 899, False), (0, 0, True)])
def test_branches_are_judged_apart_from_lines(branches: int, covered: int, enough: bool) -> None:
    totals: dict[str, Any] = {"num_branches": branches, "covered_branches": covered, "percent_covered": 99.0}
    assert CHECK["enough_branches"](totals) is enough
