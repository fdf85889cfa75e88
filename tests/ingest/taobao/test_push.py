from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

from ingest.pushing import Arrived
from tests.ingest.pushes import KEY, NOW, SECRET, arrived, golden, joined, md5, one, pushing, refused, taobao


def test_a_trade_and_a_refund_name_their_trade() -> None:
    paid, refund = one("taobao", "trade_buyer_pay.json"), one("taobao", "refund_created.json")
    assert (paid.kind, paid.number, paid.mark) == (
        "taobao_trade_TradeBuyerPay", "2000000000000000001", "4160600490938325013",
    )  # fmt: skip
    assert (refund.kind, refund.number) == ("taobao_refund_RefundCreated", "2000000000000000001")


def test_the_signature_covers_query_named_headers_and_body() -> None:
    sent = taobao(golden("taobao", "trade_buyer_pay.json"))
    refused("taobao", replace(sent, headers={**sent.headers, "top-host": "elsewhere"}))
    refused("taobao", replace(sent, query={**sent.query, "app_key": "1"}))


def test_a_known_signature_is_reproduced() -> None:
    """Computed apart from the code, by the rule of the platform's own kit."""
    query = {"app_key": "12345678", "timestamp": "2026-03-01 10:30:00", "sign": "626FB8565499CD1B873548F1E97E128C"}
    (found,) = pushing("taobao").messages(arrived(b'{"id":1,"topic":"t"}', query, content_type="application/json"))
    assert found.mark == "1"


def test_messages_may_come_as_a_form_too() -> None:
    told = {name: str(value) for name, value in json.loads(golden("taobao", "trade_buyer_pay.json")).items()}
    query = {"app_key": KEY, "timestamp": "2026-03-01 10:30:00"}
    sign = md5(f"{SECRET}{joined({**query, **told})}{SECRET}").upper()
    sent = Arrived(
        {**query, "sign": sign}, {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"},
        urlencode(told).encode(), NOW,
    )  # fmt: skip
    (found,) = pushing("taobao").messages(sent)
    assert (found.number, found.mark) == ("2000000000000000001", "4160600490938325013")


def test_several_messages_may_come_at_once() -> None:
    both = [json.loads(golden("taobao", name)) for name in ("trade_buyer_pay.json", "refund_created.json")]
    found = pushing("taobao").messages(taobao(json.dumps({"messages": both}).encode()))
    assert [message.mark for message in found] == ["4160600490938325013", "4160600490938325014"]


def test_the_answers_are_the_platforms() -> None:
    push = pushing("taobao")
    assert json.loads(push.accepted.body)["flag"] == "success"
    assert json.loads(push.refused.body) == {
        "flag": "failure", "sub_code": "sign-check-failure", "sub_message": "Illegal request",
    }  # fmt: skip
    assert push.echo(arrived(b"", {})) is None
