from __future__ import annotations

import pytest

from handlers.rulebook.deeds import DEEDS
from operators.rules_doc import DEEDS_ENGLISH, DOCS, ENGLISH, TABLES, filled
from rules.language import compile_condition
from rules.language.order_fields import FIELDS


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_the_table_of_the_code(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")

    assert filled(page, TABLES[name]) == page, "run `python -m operators.rules_doc`"
    for field in FIELDS.values():
        assert f"| {field.name} |" in page

    for deed in DEEDS.values():
        assert f"| {deed.title} |" in page


def test_every_fact_and_action_is_told_in_english_too() -> None:
    assert set(ENGLISH) == set(FIELDS)
    assert set(DEEDS_ENGLISH) == set(DEEDS)


@pytest.mark.parametrize("condition", ["金额 > 1000 且 省 属于 ['新疆', '西藏']", "SKU件数('QH-MUG-01') > 1.5万"])
def test_what_the_pages_show_is_a_condition(condition: str) -> None:
    assert compile_condition(condition).fields
