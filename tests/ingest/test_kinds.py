from __future__ import annotations

import pytest

from ingest.kinds import by_words
from ingest.snapshot import Kind


@pytest.mark.parametrize(
    ("memo", "kind", "word"),
    [
        ("破损补发,原单已售后", Kind.PERHAPS_RESHIP, "补发"),
        ("漏发,补寄配件", Kind.PERHAPS_RESHIP, "漏发"),
        ("换货:红色换蓝色,已登记", Kind.PERHAPS_EXCHANGE, "换货"),
        ("换码 42→43", Kind.PERHAPS_EXCHANGE, "换码"),
    ],
)
def test_words_in_the_memo_suggest_with_their_evidence(memo: str, kind: Kind, word: str) -> None:
    found, evidence = by_words(memo)
    assert found is kind
    assert word in evidence


@pytest.mark.parametrize("memo", [None, "", "加固包装", "改发顺丰"])
def test_other_memos_suggest_nothing(memo: str | None) -> None:
    assert by_words(memo) == (Kind.NORMAL, "")
