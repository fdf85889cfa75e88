from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.pushing import Untrusted
from sandbox.chat_crypto import Crypto
from tests.ingest.pushes import AES_KEY, KEY, NOW, TOKEN, arrived, golden, one, pushing, refused, wxshop


def test_an_event_names_its_order_as_text_though_it_comes_as_a_number() -> None:
    found = one("wxshop", "order_pay.json")
    assert (found.kind, found.number) == ("channels_ec_order_pay", "3705115058471208928")
    assert one("wxshop", "aftersale_update.json").number == "3705115058471208928"
    assert b"order_pay" in found.body, "kept is what was said, not what it was sealed in"


@pytest.mark.parametrize("json", [True, False])
def test_events_come_as_xml_or_json(json: bool) -> None:
    (found,) = pushing("wxshop").messages(wxshop(golden("wxshop", "order_deliver.xml"), json=json))
    assert (found.kind, found.number) == ("channels_ec_order_deliver", "3705115058471208928")


def test_an_event_for_another_account_or_under_another_key_is_refused() -> None:
    refused("wxshop", wxshop(golden("wxshop", "order_pay.json"), appid="wx-another"))
    sealed = Crypto(TOKEN, AES_KEY[::-1], KEY).seal(b"{}", 1772332200, "n")
    refused("wxshop", arrived(f'{{"Encrypt":"{sealed.encrypt}"}}'.encode(), sealed.query))


@pytest.mark.parametrize("sealed", ["", "no base64", "QUJD", "QUJDREVGR0hJSktMTU5PUA==", "订单"])
def test_what_does_not_open_is_refused(sealed: str) -> None:
    signature = Crypto(TOKEN, AES_KEY, KEY).sign("1772332200", "n", sealed)
    query = {"timestamp": "1772332200", "nonce": "n", "msg_signature": signature}
    refused("wxshop", arrived(f'{{"Encrypt":"{sealed}"}}'.encode(), query))


def test_an_event_that_is_not_encrypted_is_refused() -> None:
    refused("wxshop", arrived(golden("wxshop", "order_pay.json"), {"timestamp": "1772332200", "nonce": "n"}))


def test_a_text_that_is_none_is_refused_and_breaks_nothing() -> None:
    query = {"timestamp": "1772332200", "nonce": "n", "msg_signature": "0" * 40}
    refused("wxshop", arrived(b'{"Encrypt":"\\ud800"}', query))


def test_entities_are_not_resolved() -> None:
    body = b'<!DOCTYPE x [<!ENTITY a "channels_ec_order_new">]><xml><Event>&a;</Event></xml>'
    (found,) = pushing("wxshop").messages(wxshop(body))
    assert (found.kind, found.number) == ("?", "")


def test_an_event_is_taken_hours_later_for_it_is_sent_again_so_long() -> None:
    sent = wxshop(golden("wxshop", "order_pay.json"), now=NOW + timedelta(hours=4))
    assert pushing("wxshop").messages(sent)


def test_the_consoles_question_is_answered_in_both_its_forms() -> None:
    crypto, push = Crypto(TOKEN, AES_KEY, KEY), pushing("wxshop")
    plain = {"signature": crypto.plain_sign("1772332200", "n"), "timestamp": "1772332200", "nonce": "n"}
    said = push.echo(arrived(b"", {**plain, "echostr": "4375120948345356249"}))
    assert said is not None
    assert said.body == b"4375120948345356249"
    sealed = crypto.seal(b"4375120948345356249", 1772332200, "n")
    said = push.echo(arrived(b"", {**sealed.query, "echostr": sealed.encrypt}))
    assert said is not None
    assert said.body == b"4375120948345356249"
    with pytest.raises(Untrusted):
        push.echo(arrived(b"", {**plain, "signature": "0" * 40, "echostr": "1"}))
