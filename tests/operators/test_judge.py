"""`flask judge address` and `flask judge delay`: a text a line in, a verdict a line out."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import operators
from operators.judge import delay_verdict, group
from rules.facts import MOST_WORDS

ROOT = Path(__file__).parents[2]


def told(words: list[str], lines: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(group(), words, input=lines.encode())
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_a_line_an_address_a_verdict() -> None:
    vague, fine, none = told(["address"], "浙江省杭州市西湖区文三路\n浙江省杭州市西湖区文三路90号\n\n")

    assert (vague["verdict"], vague["reasons"][0]) == ("hit", "无门牌号")
    assert (fine["verdict"], fine["parts"]["district"], fine["parts"]["number"]) == ("miss", "西湖区", "90号")
    assert (none["verdict"], none["reasons"]) == ("hit", ["没有地址"])


@pytest.mark.parametrize("at", ["2026-11-18T10:00", "2026-11-18", "2026-11-17T23:00+00:00"])
def test_a_line_a_message_a_day(at: str) -> None:
    dated, held, now, both = told(["delay", "--at", at], "下周三再发\n等我通知\n尽快\n25号以后发，急用\n")

    assert (dated["verdict"], dated["date"], dated["said"]) == ("hit", "2026-11-25", "下周三再发")
    assert (held["verdict"], held["date"]) == ("hit", None)
    assert (now["verdict"], now["date"], now["said"]) == ("miss", None, "")
    assert both["verdict"] == "unknown"
    assert "既催发又说" in both["reasons"][0]


def test_a_byte_order_mark_and_foreign_line_ends_are_no_part_of_a_text() -> None:
    result = CliRunner().invoke(group(), ["delay", "--at", "2026-11-18"], input="\ufeff后天再发\r\n".encode())

    assert json.loads(result.output)["date"] == "2026-11-20"


def test_a_long_line_is_read_as_far_as_the_hub_reads_a_message() -> None:
    within, beyond = "。" * (MOST_WORDS - 4) + "后天再发", "。" * MOST_WORDS + "后天再发"
    heard, unheard, long = told(["delay", "--at", "2026-11-18"], f"{within}\n{beyond}\n{'25号' * 8000}\n")

    assert (heard["verdict"], heard["date"]) == ("hit", "2026-11-20")
    assert (unheard["verdict"], unheard["said"]) == ("miss", "")
    assert long == delay_verdict("25号" * 8000 + "，急用", date(2026, 11, 18)), "what comes after is not read"


@pytest.mark.parametrize("what", ["address", "delay"])
def test_where_nothing_can_be_read_it_says_so(what: str) -> None:
    words = f"exec {shlex.quote(sys.executable)} -m flask --app app judge {what} <&-"
    made = subprocess.run(["sh", "-c", words], cwd=ROOT, capture_output=True, check=False)

    assert (made.returncode, made.stdout) == (1, b"")
    assert made.stderr == b"Error: there is nothing to read: standard input is closed\n"


def test_only_a_look_at_texts_needs_no_hub() -> None:
    assert operators.needs_no_hub(["--app", "app", "judge", "address"])
    assert not operators.needs_no_hub(["hub", "staff", "add", "judge"])
    assert not operators.needs_no_hub(["app:create_app()"])


def test_it_works_where_there_are_no_settings_and_no_database(tmp_path: Path) -> None:
    bare = {**os.environ, "HUB_CONFIG": str(tmp_path / "none.toml"), "LC_ALL": "C"}
    words = [sys.executable, "-m", "flask", "--app", "app", "judge", "delay", "--at", "2026-11-18T10:00"]
    made = subprocess.run(words, input="元旦后再发\n".encode(), cwd=ROOT, env=bare, capture_output=True, check=True)

    assert json.loads(made.stdout)["date"] == "2027-01-02"
