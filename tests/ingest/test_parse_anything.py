"""Whatever a platform sends in whatever field: a snapshot that can be stored, or an error that the engine keeps."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ingest.canonical import canonical
from ingest.douyin.parse import parse as parse_douyin
from ingest.jd.parse import parse as parse_jd
from ingest.pdd.parse import parse as parse_pdd
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import Record
from ingest.taking import PARSE_FAILURES
from ingest.taobao.parse import parse as parse_taobao
from ingest.wecom_pay.parse import parse as parse_wecom_pay
from ingest.wxshop.parse import parse as parse_wxshop
from tests.ingest.golden import events, row

PARSERS = {"taobao": parse_taobao, "jd": parse_jd, "pdd": parse_pdd, "douyin": parse_douyin}
PARSERS |= {"wxshop": parse_wxshop, "wecom_pay": parse_wecom_pay}
WORDS: list[Any] = [None, "", "垃圾", "-1", "NaN", "9" * 50]
JUNK = [*WORDS, -1, 0, 10**30, Decimal("1E+400"), True, [], [None], {}, {"a": []}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))


def put(body: Any, path: tuple[Any, ...], junk: Any) -> None:
    for step in path[:-1]:
        body = body[step]
    body[path[-1]] = junk


def check(order: OrderSnapshot) -> None:
    """What the columns can hold."""
    for amount in (order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen):
        assert 0 <= amount <= 2 * 10**11
    assert 0 <= order.seller_flag <= 5
    assert len({line.line_key for line in order.lines}) == len(order.lines) > 0
    for line in order.lines:
        assert 1 <= line.quantity <= 10**6
        assert 0 <= line.price_fen <= 10**11
        assert isinstance(line.title + line.sku + line.platform_sku + line.spec + line.line_key, str)
    for moment in (order.created_at, order.modified_at, order.paid_at, order.ship_by_at, order.shipped_at):
        assert moment is None or (moment.tzinfo is not None and 1971 <= moment.year <= 2101)
    for text in (order.hold, order.refund, order.buyer_key, order.province, order.waybill, order.courier):
        assert isinstance(text, str)
    assert isinstance(order.buyer_message, str | None)
    assert isinstance(order.seller_memo, str | None)


@pytest.mark.parametrize("platform", list(PARSERS))
def test_no_junk_in_any_field_does_more_than_make_one_record_unreadable(platform: str) -> None:
    body = row(platform, "multi_line_locked" if platform == "jd" else "multi_line_refund")
    body |= {"seller_memo": "加固", "buyer_message": "尽快"} if platform == "taobao" else {}
    for path in list(places(body)):
        for junk in JUNK:
            changed = copy.deepcopy(body)
            put(changed, path, junk)
            canonical(changed)
            try:
                order = PARSERS[platform](Record("1", changed))
            except (Unreadable, *PARSE_FAILURES):
                continue
            check(order)


@pytest.mark.parametrize("platform", list(PARSERS))
def test_every_golden_order_is_a_snapshot_or_says_in_chinese_why_not(platform: str) -> None:
    assert len(events(platform)) >= 12
    for event in events(platform):
        said = ""
        try:
            check(PARSERS[platform](Record("1", row(platform, event))))
        except Unreadable as error:
            said = str(error)
        assert not said or any("一" <= letter <= "鿿" for letter in said)
