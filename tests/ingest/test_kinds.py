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
        ("补发货，客户急用", Kind.PERHAPS_RESHIP, "补发"),
        ("补发票，再补发一个杯子", Kind.PERHAPS_RESHIP, "补发"),
        ("不用补发，给他换货", Kind.PERHAPS_EXCHANGE, "换货"),
    ],
)
def test_words_in_the_memo_suggest_with_their_evidence(memo: str, kind: Kind, word: str) -> None:
    found, evidence = by_words(memo)
    assert found is kind
    assert word in evidence


@pytest.mark.parametrize(
    "memo",
    [
        None, "", "加固包装", "改发顺丰", "补发票", "补寄发票", "补发货通知", "重发货通知", "补发货单", "不用补发",
        "退货不换货", "别漏发", "漏发率高", "换货币", "已补发 SF1234567890123", "已经换货",
    ],
)  # fmt: skip
def test_other_memos_suggest_nothing(memo: str | None) -> None:
    assert by_words(memo) == (Kind.NORMAL, "")
