from __future__ import annotations

import pytest

from ingest.memos import Limit, Standing, note
from ingest.source import Action, Memo, PlatformError, Resolution, Whose, WriteBackRefused

LIMIT = Limit("淘宝", 20, "个字")


class Platform:
    """Holds a memo; `write` raises what it is told, before or after it did its work."""

    def __init__(self, text: str = "", flag: int | None = 0, *, error: Action | None = None, does: bool = True) -> None:
        self.text, self.flag, self._error, self._does = text, flag, error, does
        self.written: list[tuple[str, int | None]] = []

    def look(self) -> Standing:
        return Standing(self.text, self.flag)

    def write(self, text: str, flag: int | None) -> None:
        self.written.append((text, flag))
        if self._does:
            self.text, self.flag = text, flag
        if self._error:
            raise PlatformError(Resolution(self._error, Whose.ORDER, "平台不接受"), "9", "备注有误")

    def note(self, line: str, flag: int | None = None) -> str:
        return note(Memo("1", line, flag), LIMIT, self.look, self.write)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "改发顺丰"),
        ("  ", "改发顺丰"),
        ("加固\n", "加固；改发顺丰"),
        ("改发顺丰到付", "改发顺丰到付；改发顺丰"),
        ("不改发顺丰", "不改发顺丰；改发顺丰"),
    ],
)
def test_the_line_comes_after_what_stands_there(before: str, after: str) -> None:
    platform = Platform(before)
    assert platform.note("改发顺丰") == "confirmed"
    assert platform.text == after


@pytest.mark.parametrize(
    "before", ["改发顺丰", "加固；改发顺丰", "改发顺丰；加固", "加固\n改发顺丰\n", "加固 ; 改发顺丰"]
)
def test_a_line_that_stands_there_is_not_written_again(before: str) -> None:
    platform = Platform(before)
    assert platform.note("改发顺丰") == "already"
    assert platform.written == []


def test_a_line_that_holds_a_joint_or_blanks_itself_is_found_again() -> None:
    platform = Platform()
    assert platform.note("加固；  轻放") == "confirmed"
    platform.text = platform.text.replace("  ", " ")  # as some platforms keep it
    assert platform.note("加固；  轻放") == "already"


def test_only_a_flag_that_changes_is_a_reason_to_write() -> None:
    platform = Platform("改发顺丰", 2)
    assert platform.note("改发顺丰", 2) == "already"
    assert platform.note("改发顺丰", 3) == "confirmed"
    assert platform.written == [("改发顺丰", 3)]


def test_a_flag_that_nobody_asked_for_stays() -> None:
    platform = Platform("加固", 2)
    platform.note("轻放")
    assert platform.flag == 2


def test_what_would_be_too_long_is_refused_with_the_limit_and_not_cut() -> None:
    platform = Platform("一二三四五六七八九十一二三四五")
    with pytest.raises(WriteBackRefused, match="淘宝的备注最多 20 个字"):
        platform.note("再来五个字")
    assert platform.written == []


def test_a_lost_reply_that_did_its_work_is_success_and_one_that_did_not_is_left_for_later() -> None:
    assert Platform("加固", error=Action.RETRY).note("轻放") == "confirmed"
    with pytest.raises(PlatformError):
        Platform("加固", error=Action.RETRY, does=False).note("轻放")


def test_a_no_to_this_order_is_a_refusal_and_one_to_the_shop_is_not() -> None:
    with pytest.raises(WriteBackRefused, match="平台不接受：备注有误"):
        Platform(error=Action.PARK, does=False).note("轻放")
    with pytest.raises(PlatformError):
        Platform(error=Action.STOP, does=False).note("轻放")


def test_an_order_that_cannot_be_read_is_refused() -> None:
    def look() -> Standing:
        raise PlatformError(Resolution(Action.PARK, Whose.ORDER, "没有这个订单"), "9", "不存在")

    with pytest.raises(WriteBackRefused, match="没有这个订单"):
        note(Memo("1", "轻放"), LIMIT, look, lambda _text, _flag: None)
