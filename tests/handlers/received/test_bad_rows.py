from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from handlers import owe
from handlers.received import bad_rows
from handlers.received.bad_rows import Sheet
from models import Received

HEADINGS = ("单号", "收件人")


def a_file(problems: list[Any], **changes: Any) -> Received:
    report = {"problems": problems, "problem_rows": sum(len(rows) for rows, _ in problems)}
    return Received(**{"channel": "wecom_bot", "received_by": 1, "report": report, **changes})


def a_sheet(cell: str = "A1") -> Sheet:
    return Sheet(HEADINGS, {row: (cell, f"收件人{row}") for row in range(1, 10)})


def read(content: bytes | None) -> list[list[str]]:
    assert content is not None
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_bad_rows_stand_in_the_order_of_the_table_each_with_its_reason() -> None:
    found = bad_rows.table(a_file([[[7, 2], "缺电话"], [[4], "缺地址"], [[5], "缺电话"]]), a_sheet)
    assert read(found) == [
        ["单号", "收件人", "原因"],
        ["A1", "收件人2", "缺电话"],
        ["A1", "收件人4", "缺地址"],
        ["A1", "收件人5", "缺电话"],
        ["A1", "收件人7", "缺电话"],
    ]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("202512220000000001", '="202512220000000001"'),
        ("0012", '="0012"'),
        ("13800001234", "13800001234"),
        ("=cmd|' /c calc'!A1", "'=cmd|' /c calc'!A1"),
        ("＝cmd", "'＝cmd"),
        ("＠cmd", "'＠cmd"),
        ('12"), "x', '12"), "x'),
        ("１２３４５６７８９０１２３", "１２３４５６７８９０１２３"),
    ],
)
def test_a_spreadsheet_shortens_no_number_and_computes_nothing(cell: str, kept: str) -> None:
    found = bad_rows.table(a_file([[[1, 2, 3, 4], "缺电话"]]), lambda: a_sheet(cell))
    assert read(found)[1][0] == kept


def test_a_table_that_went_back_before_gets_new_reasons_for_the_old() -> None:
    old = Sheet((*HEADINGS, "原因"), dict.fromkeys(range(1, 5), ("A1", "王", "旧的原因")))
    found = read(bad_rows.table(a_file([[[1, 2, 3, 4], "新的原因"]]), lambda: old))
    assert found[0] == ["单号", "收件人", "原因"]
    assert found[1] == ["A1", "王", "新的原因"]


@pytest.mark.parametrize(
    "file",
    [
        a_file([[[1, 2, 3], "缺电话"]]),
        a_file([[[1, 2, 3, 4], "缺电话"]], channel="web"),
        a_file([[[1, 2, 3, 4], "缺电话"]], received_by=None),
        a_file([], report={"problems": [[[1, 2, 3, 4], "缺电话"]], "problem_rows": 6000}),
        a_file([], report=None),
    ],
    ids=["few", "from the board", "from nobody", "not all are kept", "no report"],
)
def test_otherwise_the_file_is_not_even_read_again(file: Received) -> None:
    def cells() -> Sheet:
        raise AssertionError("it was read")

    assert bad_rows.table(file, cells) is None


def test_what_is_too_large_to_be_owed_stays_on_the_board() -> None:
    long = "x" * (owe.MOST_BYTES // 4)
    assert bad_rows.table(a_file([[[1, 2, 3, 4], "缺电话"]]), lambda: a_sheet(long)) is None
    assert bad_rows.table(a_file([[[1, 2, 3, 4], "缺电话"]]), lambda: a_sheet(long[:-200])) is not None


@pytest.mark.parametrize(
    ("name", "stem"),
    [("周五补单.xlsx", "周五补单"), ("无后缀", "无后缀"), ("", "导入"), ("../../a:b.csv", "a_b"), ("x" * 90, "x" * 40)],
)
def test_it_is_called_after_the_file_that_it_comes_from(name: str, stem: str) -> None:
    assert bad_rows.named(name, 4) == f"{stem}-有问题的4行.csv"
