from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parse import Reference, each, leading, normal, reference, references, tag, tag_in, without_label


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


def named(text: str, *, dated: bool = False) -> tuple[list[tuple[str, str, str, int, int, str]], str]:
    found, rest = references(text, many=True, dated=dated)
    return [(one.kind, one.prefix, one.day, one.number, one.last, one.platform) for one in found], rest


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("001-020", ("range", "", "", 1, 20, "")),
        ("jd 001-020", ("range", "JD", "", 1, 20, "")),
        ("JD-20251222-001～JD-20251222-020", ("range", "JD", "20251222", 1, 20, "")),
        ("20251222-001 到 020", ("range", "", "20251222", 1, 20, "")),
        ("京东零零一到零二零", ("range", "", "", 1, 20, "jd")),
        ("第一号到第二十号", ("range", "", "", 1, 20, "")),
        ("TB 998-1003", ("range", "TB", "", 998, 1003, "")),
        ("全部", ("all", "", "", 0, 0, "")),
        ("所有的订单", ("all", "", "", 0, 0, "")),
        ("TB", ("shop", "TB", "", 0, 0, "")),
        ("拼多多店的单", ("shop", "", "", 0, 0, "pdd")),
        ("JD 001", ("short", "JD", "", 1, 0, "")),
        ("京东 001", ("short", "", "", 1, 0, "jd")),
    ],
)
def test_many_orders_in_a_few_words(text: str, wanted: tuple[str, str, str, int, int, str]) -> None:
    assert named(normal(text)) == ([wanted], "")


@pytest.mark.parametrize(
    "text",
    [
        "251222-123456789012345", "20251222-7", "JD-20251222-001", "138-0000-1234", "020-001", "JD-001-TB-020",
        "2000000000000012345-6",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_range(text: str) -> None:
    assert "range" not in [kind for kind, *_ in named(text)[0]]


def test_a_date_behind_an_order_is_no_range_where_a_date_may_stand() -> None:
    assert named("001 12-25 客户出差", dated=True) == (
        [("digits", "", "", 1, 0, ""), ("digits", "", "", 12, 0, "")], "-25 客户出差",
    )  # fmt: skip
    assert named("001-020 12-25", dated=True)[0][0] == ("range", "", "", 1, 20, "")


def test_a_pasted_list_loses_its_ordinals_and_quotes() -> None:
    found, rest = references(
        "1、'2000000000000012345\n2、'2000000000000012346\n3、【251222-123456789012345】", many=True
    )

    assert ([one.text for one in found], rest) == (
        ["2000000000000012345", "2000000000000012346", "251222-123456789012345"], "",
    )  # fmt: skip


def test_a_range_one_by_one() -> None:
    (span,), _ = references("JD-20251222-009 到 011", many=True)

    assert [(one.kind, one.day, one.prefix, one.number) for one in each(span)] == [
        ("day_number", "20251222", "JD", number) for number in (9, 10, 11)
    ]
    assert [one.text for one in each(Reference("tag", "TB-20251222-001"))] == ["TB-20251222-001"]


@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        ("零零一", "digits", "001"),
        ("幺三八零零零零幺二三四", "digits", "13800001234"),
        ("JD零零一", "short", "JD零零一"),
        ("JD杠二零二五一二二二杠零零一", "tag", "JD-20251222-001"),
        ("第十五号", "digits", "15"),
        ("一百零三号单", "digits", "103"),
        ("二十号楼", "name", "二十号楼"),
        ("十月", "name", "十月"),
    ],
)
def test_numbers_that_were_said(text: str, kind: str, wanted: str) -> None:
    found = reference(text)

    assert found is not None
    assert (found[0].kind, found[0].text) == (kind, wanted)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("尾号1234", "1234"),
        ("手机尾号：1234".replace("：", ":"), "1234"),
        ("收件人 王小明", "王小明"),
        ("姓名", "姓名"),
        ("001", "001"),
    ],
)
def test_what_people_call_what_they_have(text: str, left: str) -> None:
    assert without_label(text) == left


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_many(text: str) -> None:
    found, rest = references(normal(text), many=True)

    assert rest in text or rest in normal(text) or found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("JD 001-003、006", [("range", "JD", "", 1, 3, ""), ("short", "JD", "", 6, 0, "")]),
        ("jd001 2 3", [("short", "JD", "", 1, 0, ""), ("short", "JD", "", 2, 0, ""), ("short", "JD", "", 3, 0, "")]),
        ("京东 001、002", [("short", "", "", 1, 0, "jd"), ("short", "", "", 2, 0, "jd")]),
        ("20251222-001、002", [("day_number", "", "20251222", 1, 0, ""), ("day_number", "", "20251222", 2, 0, "")]),
        ("JD001 TB2 3", [("short", "JD", "", 1, 0, ""), ("short", "TB", "", 2, 0, ""), ("short", "TB", "", 3, 0, "")]),
        ("001 002", [("digits", "", "", 1, 0, ""), ("digits", "", "", 2, 0, "")]),
        ("JD 001、1234", [("short", "JD", "", 1, 0, ""), ("digits", "", "", 1234, 0, "")]),
    ],
)  # fmt: skip
def test_a_bare_number_in_a_list_belongs_to_the_shop_and_day_named_before_it(
    text: str, wanted: list[tuple[str, str, str, int, int, str]]
) -> None:
    assert named(text) == (wanted, "")


def test_a_bare_number_behind_whole_tags_is_of_the_same_day() -> None:
    found, rest = references("JD-20251222-001、002 JD-20251221-004 到 006、9", many=True)

    assert (found[1].text, found[3].text, rest) == ("JD-20251222-002", "JD-20251221-009", "")


@pytest.mark.parametrize("text", ["JD 1 客户要红色", "jd 001 客户要红色", "JD-1 客户要红色"])
def test_the_order_a_line_begins_with_may_stand_apart_from_its_shop(text: str) -> None:
    found = leading(text)

    assert found is not None
    assert (found[0].kind, found[0].prefix, found[0].number, found[1].strip()) == ("short", "JD", 1, "客户要红色")
