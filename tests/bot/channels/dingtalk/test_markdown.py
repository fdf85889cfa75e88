"""Our markdown as DingTalk shows it; words of others are no markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.dingtalk.markdown import called_in, compact, escaped, fitted, markdown, title_of, without_last_link

HOME = "https://hub.example.com"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("**尾号 1234**（5 单）", "**尾号 1234**（5 单）"),
        ("林** 138****1234", "林＊＊ 138＊＊＊＊1234"),
        ("王** 138****1234 浙江省 → 王** 137", "王＊＊ 138＊＊＊＊1234 浙江省 → 王＊＊ 137"),
        ("SKU PLATE_8_W #1 |x| <b>", "SKU PLATE＿8＿W ＃1 ｜x｜ ＜b＞"),
        ("`A7F2` 地址模糊", "A7F2 地址模糊"),
        (f"[打开看板]({HOME}/board?x=1)", f"[打开看板]({HOME}/board?x=1)"),
        ("[点这里](http://evil.example/)", "［点这里］(http://evil.example/)"),
        (f"[点这里]({HOME}.evil.example/)", f"［点这里］({HOME}.evil.example/)"),
        ("![](http://evil.example/a.png)", "!［］(http://evil.example/a.png)"),
        ("<@dt-xiaoli> 好", "@dt-xiaoli 好"),
        ("<@manager_01> 好_的", "@manager_01 好＿的"),
        ("**a*b**", "＊＊a＊b＊＊"),
    ],
)
def test_only_our_own_markup_stays(given: str, shown: str) -> None:
    assert markdown(given, HOME) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("一\n二", "一  \n二"),
        ("标题\n- 一\n- 二\n完", "标题\n\n- 一\n- 二\n\n完"),
        ("> 引\n> 用\n完", "> 引\n> 用\n\n完"),
        ("1. 一\n2. 二", "1. 一\n2. 二"),
        ("# 题\n一", "# 题\n\n一"),
        ("一\n\n\n二", "一\n\n二"),
        ("\n一\n", "一"),
    ],
)
def test_lines_break_where_they_broke(given: str, shown: str) -> None:
    assert markdown(given, HOME) == shown


def test_escaped_words_hold_no_markup() -> None:
    assert escaped("*_#>[]|<`\x00\n") == "＊＿＃＞［］｜＜｀\n"


def test_the_title_is_the_first_line_in_plain_words() -> None:
    assert title_of("\n> **缺货** `A7F2` [看]({HOME})\n二").startswith("缺货 A7F2")
    assert title_of("字" * 50) == "字" * 39 + "…"
    assert title_of(" \n") == "订单中枢"


def test_a_link_alone_at_the_end_is_found() -> None:
    assert without_last_link(f"一\n[打开看板]({HOME})", HOME) == ("一", "打开看板", HOME)
    for text in (f"[打开看板]({HOME})", f"一 [看]({HOME}) 二", "一\n[看](http://evil.example)"):
        assert without_last_link(text, HOME) == (text, "", "")


def test_who_is_called() -> None:
    assert called_in("<@a> <@b> <@a> <c>") == ("a", "b")


@given(text=st.text(max_size=400), most=st.integers(200, 600))
def test_no_text_is_too_long_and_none_is_empty(text: str, most: int) -> None:
    found = fitted(text * 3, HOME, most)
    assert found
    assert len(compact(found).encode()) <= most


@given(text=st.text(st.sampled_from("*_#>[]()!|<`a中\n -1.")))
def test_nothing_that_others_write_becomes_markup(text: str) -> None:
    found = markdown(escaped(text), HOME)
    assert not re.search(r"[*_`\[\]|<]", found)
