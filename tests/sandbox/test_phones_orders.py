"""Orders placed from the phones page: when they come to the hub, and when their number may be offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.phones import phones_of
from tests.sandbox import Shop, text
from tests.sandbox.chat_hub import Bench, bench


@pytest.fixture(scope="module")
def opened() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def b(opened: Bench) -> Bench:
    return opened.new_day()


def read_taobao(b: Bench, lag: float, overlap: float) -> Any:
    shop = Shop(b.base, b.state)
    start, end = text(shop.ago(seconds=lag + overlap)), text(shop.ago(seconds=lag))
    method = "taobao.trades.sold.increment.get"
    return shop.top(method, fields="tid", start_modified=start, end_modified=end)


def read_jd(b: Bench, lag: float, overlap: float) -> Any:
    shop = Shop(b.base, b.state)
    start, end = text(shop.ago(seconds=lag + overlap)), text(shop.ago(seconds=lag))
    asked: Any = {"order_state": "WAIT_SELLER_STOCK_OUT", "optional_fields": "orderId", "page": "1", "page_size": "10"}
    return shop.jd("jingdong.pop.order.enSearch", start_date=start, end_date=end, dateType="0", **asked)


def read_pdd(b: Bench, lag: float, overlap: float) -> Any:
    shop = Shop(b.base, b.state)
    start, end = (int(shop.ago(seconds=ago).timestamp()) for ago in (lag + overlap, lag))
    asked = {"is_lucky_flag": 0, "order_status": 5, "refund_status": 5}
    method = "pdd.order.number.list.increment.get"
    return shop.pdd(method, start_updated_at=start, end_updated_at=end, **asked)


Read = Callable[[Bench, float, float], Any]
# How far behind the platform's clock a careful reader stays, and how far before its last end it starts.
READS: list[tuple[str, Read, float, float]] = [
    ("taobao", read_taobao, 60, 300),
    ("jd", read_jd, 120, 600),
    ("pdd", read_pdd, 190, 300),
]


def offered(b: Bench) -> Any:
    return b.get("/phones/api/state", who="xiaoli")["order"]


@pytest.mark.parametrize(("platform", "read", "lag", "overlap"), READS)
def test_the_next_window_of_a_careful_reader_brings_the_order(
    b: Bench, platform: str, read: Read, lag: float, overlap: float
) -> None:
    placed = b.post("/phones/api/buy", {"platform": platform})
    assert offered(b) is None
    read(b, lag, overlap)
    assert offered(b) == placed
    assert placed["tail"] == "5678"


def test_what_another_marketplace_or_an_empty_window_tells_does_not_count(b: Bench) -> None:
    b.post("/phones/api/buy", {"platform": "taobao"})
    read_jd(b, 120, 600)
    read_taobao(b, 1000, 300)
    b.get("/control/orders")
    assert offered(b) is None


def test_a_refused_call_tells_nothing(b: Bench) -> None:
    b.post("/phones/api/buy", {"platform": "pdd"})
    b.post("/control/fault", {"kind": "throttle", "platform": "pdd"})
    read_pdd(b, 190, 300)
    assert offered(b) is None


def test_an_answer_that_was_lost_tells_nothing(b: Bench) -> None:
    b.post("/phones/api/buy", {"platform": "pdd"})
    b.post("/control/fault", {"kind": "lose_reply", "platform": "pdd"})
    with pytest.raises(OSError):
        read_pdd(b, 190, 300)
    assert offered(b) is None


def test_a_number_inside_a_longer_one_is_another_order(b: Bench) -> None:
    placed = b.post("/phones/api/buy", {"platform": "jd"})
    orders = phones_of(b.state).orders
    orders.answered("jd", f'"9{placed["order_id"]}0"')
    assert orders.newest_read() is None
    orders.answered("jd", f'"{placed["order_id"]}"')
    assert orders.newest_read() == placed


def test_the_order_read_last_is_the_one_offered_until_a_new_day(b: Bench) -> None:
    b.post("/phones/api/buy", {"platform": "jd"})
    later = b.post("/phones/api/buy", {"platform": "pdd"})
    read_jd(b, 120, 600)
    read_pdd(b, 190, 300)
    assert offered(b) == later
    b.new_day()
    assert offered(b) is None


def test_a_marketplace_that_does_not_exist_is_refused_in_words(b: Bench) -> None:
    assert "没有这个平台" in b.post("/phones/api/buy", {"platform": "moon"})["error"]
