from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers import actions, commands, parse
from handlers.parse import Asked, CaseVerb, code_shown, normal, references
from handlers.parse.spoken import beside_letters

NAMES = commands.names()


def read(line: str) -> Asked | None:
    return commands.read(line)


def case_verb(words: str) -> CaseVerb | None:
    return parse.case_verb(words, actions.words())


ALPHABET = st.text(
    alphabet="查审核发货 　-－_ABJDTBabx0123456789０１２顺丰圆通转王五+＋2h完成，。：;#\u200b\n号月", max_size=40
)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("查JD-20251222-001", Asked("find", "JD-20251222-001")),
        ("　查　ＪＤ－２０２５１２２２－００１　", Asked("find", "JD-20251222-001")),
        ("查询：001", Asked("find", "001")),
        ("JD-20251222-001", Asked("find", "JD-20251222-001")),
        ("1234", Asked("find", "1234")),
        ("13800001234", Asked("find", "13800001234")),
        ("看板", Asked("board", "")),
        ("HELP", Asked("help", "")),
        ("发货tb-20251222-1顺丰SF123", Asked("ship", "tb-20251222-1顺丰SF123")),
        ("JD-20251222-001 发货 顺丰 SF123", Asked("ship", "JD-20251222-001 顺丰 SF123")),
        ("001，审核", Asked("approve", "001")),
        ("A7F2 完成", Asked("case", "完成", "A7F2")),
        ("a7f2转王五", Asked("case", "转王五", "A7F2")),
        ("A7F2＋２ｈ", Asked("case", "+2h", "A7F2")),
        ("A7F2", Asked("case", "", "A7F2")),
        ("2345 完成", Asked("case", "完成", "2345")),
        ("审 核 001", Asked("approve", "001")),
        ("发　货 001 顺丰 SF123", Asked("ship", "001 顺丰 SF123")),
        ("看 板", Asked("board", "")),
        ("001 审 核", Asked("approve", "001")),
        ("查 单晓明", Asked("find", "单晓明")),
        ("A7F2 完 成", Asked("case", "完 成", "A7F2")),
        ("2345", Asked("find", "2345")),
        ("回复 A7F2 完成", Asked("case", "完成", "A7F2")),
        ("回复：A7F2 完成", Asked("case", "完成", "A7F2")),
        ("可以回复 A7F2 认领", Asked("case", "认领", "A7F2")),
        ("短码A7F2 完成", Asked("case", "完成", "A7F2")),
        ("短码：A7F2", Asked("case", "", "A7F2")),
        ("请发：A7F2 强制 客户急用", Asked("case", "强制 客户急用", "A7F2")),
        ("请回复短码 2345 完成", Asked("case", "完成", "2345")),
        ("A7F2？", Asked("case", "", "A7F2")),
        ("A7F2 怎么样了", Asked("case", "", "A7F2")),
        ("A7F2现在什么情况？", Asked("case", "", "A7F2")),
        ("A7F2 进度", Asked("case", "", "A7F2")),
        ("ABCD 怎么样了", Asked("case", "", "ABCD")),
        ("2345 怎么样了", None),
        ("abcd 怎么样了", None),
        ("回复 客户", Asked("script", "")),
    ],
)
def test_what_people_type(line: str, asked: Asked | None) -> None:
    assert read(line) == asked


@pytest.mark.parametrize("line", ["", "你好", "helping hand", "张三", "NEXT please", "审 合", "JD-20251222-001 你好"])
def test_what_is_no_command(line: str) -> None:
    assert read(line) is None


@pytest.mark.parametrize(
    ("words", "action", "value", "rest"),
    [
        ("完成", "solve", "", ""),
        ("完成 补了门牌", "solve", "", "补了门牌"),
        ("转交给 王五", "transfer", "", "王五"),
        ("转王五", "transfer", "", "王五"),
        ("+ 2H", "delay", "2h", ""),
        ("改期到 12-25", "delay", "accept", "12-25"),
        ("忽略 重复", "dismiss", "", "重复"),
        ("OK", "solve", "", ""),
        ("完 成 补了门牌", "solve", "", "补了门牌"),
        ("改 期 12-25", "delay", "accept", "12-25"),
        ("转 王五", "transfer", "", "王五"),
        ("重开", "reopen", "", ""),
    ],
)
def test_words_about_a_case(words: str, action: str, value: str, rest: str) -> None:
    verb = case_verb(words)

    assert verb is not None
    assert (verb.action, verb.value) == (action, value)
    assert words == "+ 2H" or verb.rest == rest


@pytest.mark.parametrize(
    ("quoted", "code"),
    [
        ("订单中枢 · A7F2\n待审核超时", "A7F2"),
        ("地址模糊：缺区县（B9K3）", "B9K3"),
        ("回复 A7F2 认领、A7F2 审核通过", "A7F2"),
        ("订单中枢 · 2345 待审核", "2345"),
        ("JD-20251222-001 待审核", ""),
        ("运单 SF1234567890123", ""),
        ("今天 2345 单", ""),
        ("", ""),
    ],
)
def test_the_short_code_on_a_quoted_card(quoted: str, code: str) -> None:
    assert code_shown(quoted) == code


@given(ALPHABET)
@example("0000A五")
def test_no_line_breaks_it_and_nothing_is_invented(line: str) -> None:
    asked = read(line)

    if asked is not None:
        assert asked.slug in {*NAMES.values(), "case", "order"}
        said = (normal(line), beside_letters(normal(line)))  # A五 is A5, dictated
        assert all(any(part in one for one in said) for part in asked.rest.split(" "))
    references(normal(line))


@given(ALPHABET)
def test_reading_what_was_made_half_width_is_the_same(line: str) -> None:
    assert read(normal(line)) == read(line)
    assert normal(normal(line)) == normal(line)


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_it(line: str) -> None:
    read(line)
    case_verb(normal(line))
    code_shown(line)
    references(normal(line), many=True)
