from __future__ import annotations

import json

from ingest.push import push_of
from tests.ingest.pushes import arrived, douyin_spi, golden, one, pushing, refused, shop
from tests.ingest.pushes import douyin as signed


def test_each_message_of_a_list_names_its_order() -> None:
    found = pushing("douyin").messages(signed(golden("douyin", "order_paid.json")))
    assert [(message.kind, message.number) for message in found] == [
        ("101", "6900000000000000001"),
        ("104", "6900000000000000003"),
    ]
    assert found[0].mark == "7045391032823087647:101:1772330343"


def test_the_platforms_trial_of_the_address_is_taken_each_time() -> None:
    body = golden("douyin", "trial.json")
    later = body.replace(b"10:12:44", b"10:12:45")
    (first,), (second,) = (pushing("douyin").messages(signed(sent)) for sent in (body, later))
    assert (first.number, first.kind) == ("", "0")
    assert first.mark != second.mark


def test_a_call_of_the_spi_kind_is_checked_by_vector_d5() -> None:
    push = push_of(shop("douyin", app_key="3409409348479354011", app_secret="2ad2355c-01d0-11f8-91dc-05a8cd1054b1"))
    assert push is not None
    query = {
        "timestamp": "2026-03-01 10:30:00",
        "param_json": '{"order_id":"6900000000000000001"}',
        "sign_method": "2",
        "sign": "88600d55fb0e57e6fcb1cfaefe0ab062f8e864842ad3d0e58d0ec54b35c90e4b",
    }
    (found,) = push.messages(arrived(b"", query))
    assert found.number == "6900000000000000001"
    old = {**query, "sign_method": "", "sign": "9239b30c24d5479a8fd8250dfbdadd2d"}
    assert push.messages(arrived(b"", old))[0].number == "6900000000000000001"


def test_a_call_whose_parameters_are_the_body_is_checked_too() -> None:
    body = b'{"order_id":"6900000000000000001"}'
    query = douyin_spi(body)
    del query["param_json"]
    assert pushing("douyin").messages(arrived(body, query))[0].number == "6900000000000000001"
    refused("douyin", arrived(body.replace(b"1", b"2"), query))


def test_the_answer_is_the_platforms() -> None:
    assert json.loads(pushing("douyin").accepted.body) == {"code": 0, "msg": "success"}
    assert json.loads(pushing("douyin").refused.body)["code"] != 0


def test_a_line_is_no_order() -> None:
    assert one("douyin", "goods_changed.json").number == ""
