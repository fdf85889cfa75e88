from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import actions, commands, parse
from handlers.parse import (
    Asked,
    CaseVerb,
    Reference,
    as_typed,
    day_in,
    normal,
    reference,
    references,
    suggestion,
    tag,
    tag_in,
)

NAMES = commands.names()


def read(line: str) -> Asked | None:
    return commands.read(line)


def case_verb(words: str) -> CaseVerb | None:
    return parse.case_verb(words, actions.words())


MONDAY = date(2025, 12, 22)
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
    ],
)
def test_what_people_type(line: str, asked: Asked) -> None:
    assert read(line) == asked


@pytest.mark.parametrize("line", ["", "你好", "helping hand", "张三", "NEXT please", "审 合", "JD-20251222-001 你好"])
def test_what_is_no_command(line: str) -> None:
    assert read(line) is None


@pytest.mark.parametrize(
    ("line", "wanted", "rest"),
    [
        ("TB-20251222-001", Reference("tag", "TB-20251222-001"), ""),
        ("tb 20251222 1 好", Reference("tag", "TB-20251222-001"), " 好"),
        ("JD20251222001", Reference("tag", "JD-20251222-001"), ""),
        ("XLS-20251222-12345", Reference("tag", "XLS-20251222-12345"), ""),
        ("20251222-7", Reference("day_number", "20251222-7", day="20251222", number=7), ""),
        ("251222-123456789012345", Reference("number", "251222-123456789012345"), ""),
        ("jd-7顺丰", Reference("short", "jd-7", prefix="JD", number=7), "顺丰"),
        ("+86 138-0000-1234", Reference("phone", "13800001234"), ""),
        ("#001 顺丰", Reference("digits", "001", number=1), " 顺丰"),
        ("2000000000000012345", Reference("digits", "2000000000000012345"), ""),
        ("MAIL_2025-abc", Reference("number", "MAIL_2025-abc"), ""),
        ("王小明 你好", Reference("name", "王小明"), " 你好"),
    ],
)
def test_how_people_name_orders(line: str, wanted: Reference, rest: str) -> None:
    assert reference(line) == (wanted, rest)


def test_nothing_named_is_nothing_found() -> None:
    assert reference("？") is None
    assert references("") == ([], "")


def test_several_in_a_row_and_what_follows() -> None:
    found, rest = references("TB-20251222-1 JD-20251222-2、PDD20251222003，好的")

    assert [one.text for one in found] == ["TB-20251222-001", "JD-20251222-002", "PDD-20251222-003"]
    assert rest == "好的"


def test_a_persons_data_is_not_repeated() -> None:
    assert Reference("phone", "13800001234").shown == "138****1234"
    assert Reference("name", "王小明").shown == "王**"
    assert Reference("digits", "1234").shown == "1234"


def test_a_tag_is_found_anywhere_in_a_quoted_card() -> None:
    assert tag_in("「订单中枢：TB-20251222-001 待审核」") == "TB-20251222-001"
    assert tag_in("你好") == ""


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
    ("text", "day"),
    [
        ("12-25", date(2025, 12, 25)),
        ("12月31日", date(2025, 12, 31)),
        ("2026-01-03", date(2026, 1, 3)),
        ("1.3", date(2026, 1, 3)),
        ("25号", date(2025, 12, 25)),
        ("3号", date(2026, 1, 3)),
        ("12-22", MONDAY),
        ("30日", date(2025, 12, 30)),
        ("2025-01-01", None),
        ("2-30", None),
        ("明天", None),
        ("32号", None),
        ("13-1", None),
    ],
)
def test_dates_are_the_next_of_their_kind(text: str, day: date | None) -> None:
    assert day_in(text, MONDAY) == day


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("审合 JD-1", "审核"),
        ("深河", "审核"),
        ("看版", "看板"),
        ("陪货 001", "配货"),
        ("审 合 001", "审核"),
        ("深 河", "审核"),
        ("shenhe JD-1", "审核"),
        ("今天天气", ""),
        ("", ""),
        ("🙂", ""),
    ],
)
def test_what_sounds_like_a_command(line: str, name: str) -> None:
    assert suggestion(line, NAMES) == name


def test_the_first_slip_waits_for_no_import() -> None:
    """In a fresh process: what `warm` loads is all that a suggestion needs."""
    script = (
        "import sys; from handlers import commands, parse; parse.warm(); loaded = set(sys.modules);"
        "parse.suggestion('审合', commands.names()); print(sorted(set(sys.modules) - loaded))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_no_process_holds_the_phrases_of_a_dictionary_for_a_suggestion() -> None:
    """45 MB in each process that answers people."""
    script = "import sys; from handlers import parse; parse.warm(); print('pypinyin.phrases_dict' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "False"


def test_a_note_keeps_the_punctuation_of_who_typed_it() -> None:
    assert as_typed("备注 001 客户说：“好，行！” ", "客户说:“好,行!”") == "客户说：“好，行！”"
    assert as_typed("x", "y") == "y"


@given(ALPHABET)
def test_no_line_breaks_it_and_nothing_is_invented(line: str) -> None:
    asked = read(line)

    if asked is not None:
        assert asked.slug in {*NAMES.values(), "case"}
        assert all(part in normal(line) for part in asked.rest.split(" "))
    references(normal(line))


@given(ALPHABET)
def test_reading_what_was_made_half_width_is_the_same(line: str) -> None:
    assert read(normal(line)) == read(line)
    assert normal(normal(line)) == normal(line)


@given(
    st.sampled_from(["TB", "JD", "PDD", "WX", "MAIL"]),
    st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    st.integers(1, 999999),
    st.sampled_from(["{p}-{d}-{n}", "{p}{d}-{n}", "{p} {d} {n}", "{p}_{d}_{n}", "{p}－{d}－{n}"]),
)
def test_every_tag_is_read_back_however_it_is_typed(prefix: str, day: date, number: int, spelling: str) -> None:
    typed = spelling.format(p=prefix.lower(), d=f"{day:%Y%m%d}", n=number)

    found = reference(normal(typed))

    assert found is not None
    assert found[0].text == tag(prefix, f"{day:%Y%m%d}", number)


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_it(line: str) -> None:
    read(line)
    case_verb(normal(line))
    day_in(line, MONDAY)
