"""What every push keeps, whoever sends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.push import PUSHES, push_of
from tests.ingest import pushes
from tests.ingest.golden import GOLDEN
from tests.ingest.pushes import NOW, SIGNED, golden, pushing, refused, shop

ORDER = {
    "taobao": "trade_buyer_pay.json",
    "jd": "order_changed.json",
    "pdd": "trade_confirmed.json",
    "douyin": "order_paid.json",
    "wxshop": "order_pay.json",
}
UNKNOWN = {
    "taobao": "item_changed.json",
    "jd": "stock_changed.json",
    "pdd": "goods_changed.json",
    "douyin": "goods_changed.json",
    "wxshop": "coupon.json",
}


@pytest.fixture(params=list(PUSHES))
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_message_about_an_order_names_it(platform: str) -> None:
    found = pushing(platform).messages(SIGNED[platform](golden(platform, ORDER[platform])))
    assert all(one.number and one.kind and one.mark and one.body for one in found)
    assert len({one.mark for one in found}) == len(found)


def test_the_same_message_twice_has_the_same_mark(platform: str) -> None:
    sent = SIGNED[platform](golden(platform, ORDER[platform]))
    first, second = pushing(platform).messages(sent), pushing(platform).messages(sent)
    assert [one.mark for one in first] == [one.mark for one in second]


def test_messages_of_kinds_that_nobody_reads_name_no_order(platform: str) -> None:
    (found,) = pushing(platform).messages(SIGNED[platform](golden(platform, UNKNOWN[platform])))
    assert found.number == ""
    assert found.kind != "?"


def test_another_secret_is_refused(platform: str) -> None:
    refused(platform, SIGNED[platform](golden(platform, ORDER[platform]), "another"))


def test_a_body_that_was_changed_is_refused(platform: str) -> None:
    body = golden(platform, ORDER[platform])
    sent = SIGNED[platform](body)
    if platform == "jd":
        sent = replace(sent, query={**sent.query, "360buy_param_json": '{"orderId":1}'})
    else:
        sent = replace(sent, body=sent.body.replace(b"1", b"2"))
    refused(platform, sent)


def test_a_request_without_any_signature_is_refused(platform: str) -> None:
    sent = SIGNED[platform](golden(platform, ORDER[platform]))
    refused(platform, replace(sent, query={}, headers={}))


@pytest.mark.parametrize("hours", [6, -6])
def test_an_old_request_is_refused_where_the_signature_covers_its_time(platform: str, hours: int) -> None:
    if platform == "douyin":
        return  # its push signs no time; the message's id makes it known again
    refused(platform, SIGNED[platform](golden(platform, ORDER[platform]), now=NOW + timedelta(hours=hours)))


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b"no JSON", b'{"message":3}', b'{"content":"[1]"}', b"[1,2]"])
def test_what_is_signed_and_makes_no_sense_is_a_message_without_a_number(platform: str, body: bytes) -> None:
    for found in pushing(platform).messages(SIGNED[platform](body)):
        assert found.number == ""
        assert found.mark


@pytest.mark.parametrize("number", ["1; DROP TABLE", "9" * 65, "订单", "a\x00b", "<b>"])
def test_a_number_that_no_platform_writes_is_none(number: str) -> None:
    body = pushes.golden("jd", "order_changed.json").replace(b"300000000001", f'"{number}"'.encode())
    (found,) = pushing("jd").messages(pushes.jd(body))
    assert found.number == ""


def test_every_golden_message_is_read(platform: str) -> None:
    names = [path.name for path in (GOLDEN / platform / "push").iterdir()]
    assert len(names) >= 2
    for name in names:
        assert pushing(platform).messages(SIGNED[platform](golden(platform, name)))


def test_a_shop_whose_settings_lack_what_messages_are_sealed_by_takes_none() -> None:
    assert push_of(shop("wxshop", push_aes_key="")) is None
    assert push_of(shop("wxshop", push_token="")) is None
    assert push_of(shop("mail")) is None
