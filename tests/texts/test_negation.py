from __future__ import annotations

import re

import pytest

from texts.negation import first_meant

WORDS = re.compile("补发|换货|加急")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("破损补发", "补发"),
        ("不用补发", None),
        ("请不要再给他补发", None),
        ("无需补发", None),
        ("没有补发", None),
        ("未 补发", None),
        ("退货不换货", None),
        ("别加急", None),
        ("不用补发，换货", "换货"),
        ("不要红色，补发蓝色", "补发"),
        ("不要红色补发蓝色", "补发"),
        ("特别加急", "加急"),
        ("分别补发", "补发"),
        ("非常急，加急", "加急"),
        ("不得不补发", "补发"),
        ("客户问能不能换货", "换货"),
        ("要不要补发", "补发"),
        ("不着急，不用加急", None),
        ("", None),
    ],
)
def test_what_somebody_says_no_to_is_not_meant(text: str, meant: str | None) -> None:
    found = first_meant(WORDS, text)
    assert (found[0] if found else None) == meant
