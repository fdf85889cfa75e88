"""Whatever is sent to a shop's address is taken or refused; nothing breaks the code."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.courier.kuaidi100.push import receive
from ingest.courier.kuaidi100.signing import sign_push
from ingest.courier.source import NotGenuine
from ingest.pushing import Message, Untrusted
from ingest.snapshot import Unreadable
from tests.ingest.pushes import NOW, SIGNED, arrived, pushing

PLATFORMS = list(SIGNED)
NAMES = (
    "sign", "timestamp", "app_key", "param_json", "360buy_param_json", "msg_signature", "signature", "nonce", "echostr",
    "sign_method", "client_id", "method",
)  # fmt: skip
HEADERS = ("event-sign", "content-type", "top-sign-list", "app-id")
KEYS = (
    "Encrypt", "Event", "order_info", "order_id", "messages", "topic", "content", "tid", "message", "type", "tag",
    "data", "msg_id", "p_id", "orderId", "messageId", "id", "lastResult", "nu", "com", "state", "status",
)  # fmt: skip
words = st.text(max_size=20) | st.sampled_from(["taobao_trade_x", "pdd_trade_x", "channels_ec_order_pay", "1772332200"])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | words
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
bodies = st.binary(max_size=200) | trees.map(lambda tree: json.dumps(tree).encode())
ODD = (
    b'<?xml version="1.0" encoding="foo"?><a><Encrypt>x</Encrypt></a>', b'<?xml version="1.0" encoding="utf-16"?><a/>',
    b'<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>', b"[" * 50_000, b"<a>" * 5_000, b'{"Encrypt":"\\ud800"}',
    b'{"tag":"\\ud800","data":{"p_id":"\\ud800"},"message":{"type":"\\ud800"}}', b"1" * 6_000, b"\x00",
)  # fmt: skip


@pytest.mark.parametrize("platform", PLATFORMS)
@settings(max_examples=100, deadline=None)
@given(
    body=bodies,
    query=st.dictionaries(st.sampled_from(NAMES), words, max_size=6),
    headers=st.dictionaries(st.sampled_from(HEADERS), words | st.just("application/x-www-form-urlencoded"), max_size=3),
)
def test_what_nobody_signed_is_refused(
    platform: str, body: bytes, query: Mapping[str, str], headers: Mapping[str, str]
) -> None:
    sent = arrived(body, query, NOW, **headers)
    with pytest.raises(Untrusted):
        pushing(platform).messages(sent)
    with contextlib.suppress(Untrusted):
        pushing(platform).echo(sent)


@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_odd_is_refused_too(platform: str, body: bytes) -> None:
    with pytest.raises(Untrusted):
        pushing(platform).messages(arrived(body, {"msg_signature": "x"}, NOW))


@pytest.mark.parametrize("platform", PLATFORMS)
@settings(max_examples=100, deadline=None)
@given(body=trees.map(json.dumps).filter(lambda told: '"messages": []' not in told) | st.text(max_size=100))
@example(body='{"tag":"\\ud800","data":{"p_id":"\\ud800"},"message":{"type":"\\ud800"},"Event":"\\ud800"}')
@example(body='<?xml version="1.0" encoding="foo"?><a/>')
@example(body="[" * 5_000)
@example(body="1" * 5_000)
def test_what_is_signed_and_makes_no_sense_is_a_message_all_the_same(platform: str, body: str) -> None:
    found = pushing(platform).messages(SIGNED[platform](body.encode("utf-8", "replace")))
    assert found
    assert all(isinstance(one, Message) and one.mark and one.kind for one in found)


@settings(max_examples=100, deadline=None)
@given(param=trees.map(json.dumps) | st.text(max_size=100), genuine=st.booleans())
def test_what_a_courier_interface_pushes_is_read_or_not(param: str, genuine: bool) -> None:
    sign = sign_push(param, "saltsaltsalt") if genuine else "x"
    with contextlib.suppress(Unreadable, NotGenuine):
        receive({"param": param, "sign": sign}, "saltsaltsalt")
