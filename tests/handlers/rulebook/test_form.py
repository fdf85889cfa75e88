from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.desk import Desk, Refusal
from handlers.rulebook import form
from handlers.rulebook.store import Wish
from handlers.wording import day_of
from models.beijing import day_start
from tests.cast import Cast

ONE = Wish("大额", "金额 > 1000", owner="陈姐", claim_minutes=2880, solve_minutes=90)


def test_a_form_shows_a_rule_and_reads_nothing_new_out_of_it(desk: Desk, cast: Cast) -> None:
    kept = ({"do": "tag", "tag": "大额"}, {"do": "hold", "days": 3}, {"do": "pass"})
    whole = replace(
        ONE,
        actions=kept,
        note="电话 13812345678 的客人",
        valid_from=day_start(day_of(desk.now) - timedelta(days=30)),
        valid_to=day_start(day_of(desk.now) + timedelta(days=9)),
    )
    shown = form.shown(whole)
    assert (shown["claim"], shown["claim_unit"], shown["solve"], shown["solve_unit"]) == ("2", "天", "90", "分钟")
    assert (shown["do-0"], shown["say-0"], shown["do-2"], shown["say-2"]) == ("tag", "大额", "pass", "")
    assert "13812345678" not in str(shown)

    filled = form.read(desk, cast.chenjie, shown, whole)

    assert (filled.wishes, filled.problems) == ({}, {})
    assert filled.wish == whole


def test_a_last_day_that_passed_may_stay_but_not_be_chosen(desk: Desk, cast: Cast) -> None:
    old = replace(ONE, valid_to=day_start(day_of(desk.now) - timedelta(days=30)))
    assert form.read(desk, cast.chenjie, {**form.shown(old), "title": "大单"}, old).wishes == {"title": "大单"}
    filled = form.read(desk, cast.chenjie, {**form.shown(old), "to": "2025-01-01"}, old)
    assert filled.problems == {"to": "到 2025-01-01 已经过去了，请写今天或以后的日期"}
    assert filled.wish is None


def test_a_first_day_may_be_over_as_in_chat(desk: Desk, cast: Cast) -> None:
    filled = form.read(desk, cast.chenjie, {**form.shown(ONE), "from": "2025-12-01"}, ONE)
    assert (filled.problems, filled.wishes) == ({}, {"valid_from": day_start(date(2025, 12, 1))})


def test_who_answers_for_it_is_somebody_who_works_here(desk: Desk, cast: Cast) -> None:
    filled = form.read(desk, cast.chenjie, {**form.shown(ONE), "owner": "查无此人"}, ONE)
    assert filled.problems["owner"].startswith("没有叫「查无此人」的同事，可以写：")
    assert form.read(desk, cast.chenjie, {**form.shown(ONE), "owner": "小李"}, ONE).wishes == {"owner": "小李"}
    gone = replace(ONE, owner="早就走了")
    assert form.read(desk, cast.chenjie, {**form.shown(gone), "title": "大单"}, gone).problems == {}


def test_a_copy_leaves_out_days_that_have_passed(desk: Desk) -> None:
    today = day_of(desk.now)
    old = replace(ONE, valid_from=day_start(today - timedelta(days=3)), valid_to=day_start(today + timedelta(days=4)))
    copied = form.copied(old, today)
    assert (copied["from"], copied["to"]) == ("", f"{today + timedelta(days=3):%Y-%m-%d}")


def test_what_somebody_else_changed_is_taken_over_where_nothing_was_typed() -> None:
    old, new = ONE, replace(ONE, condition="金额 > 2000", title="大单")
    typed = {**form.shown(old), "title": "特大", "note": "旺季"}
    merged = form.merged(typed, old, new)
    assert (merged["condition"], merged["title"], merged["note"]) == ("金额 > 2000", "特大", "旺季")


@pytest.mark.parametrize(
    ("typed", "original", "whole"),
    [
        ("包含 '138****5678'", "包含 '13812345678'", "包含 '13812345678'"),
        (
            "包含 '138****5678' 或 '139****1111'",
            "'13812345678' '139 2222 1111'",
            "包含 '13812345678' 或 '139 2222 1111'",
        ),
        ("包含 '138****0000'", "包含 '13812345678'", "包含 '138****0000'"),
        ("金额 > 1000000", "金额 > 1000000", "金额 > 1000000"),
    ],
)
def test_numbers_come_back_where_their_masks_still_stand(typed: str, original: str, whole: str) -> None:
    assert form.restored(typed, original) == whole


def test_a_copy_of_a_rule_with_a_number_keeps_it(desk: Desk, cast: Cast) -> None:
    like = replace(ONE, condition="买家留言 包含 '13812345678'")
    filled = form.read(desk, cast.chenjie, form.copied(like, day_of(desk.now)), like=like)
    assert filled.wishes["condition"] == like.condition
    assert "13812345678" not in str(filled.typed)


def test_nobody_but_a_supervisor_fills_it_in(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="改规则由主管操作"):
        form.read(desk, cast.zhaojie, {"condition": "金额 > 1"})
