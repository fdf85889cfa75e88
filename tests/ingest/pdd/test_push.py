from __future__ import annotations

from tests.ingest.pushes import golden, one, pdd, pushing


def test_a_frame_names_its_order() -> None:
    found = one("pdd", "trade_confirmed.json")
    assert (found.kind, found.number) == ("pdd_trade_TradeConfirmed", "260301-000000000000001")
    assert one("pdd", "refund_created.json").number == "260301-000000000000001"


def test_a_frame_that_is_sent_again_is_known_whatever_its_own_number_and_time() -> None:
    body = golden("pdd", "trade_confirmed.json")
    again = body.replace(b'"id": 1', b'"id": 77').replace(b"1772332200000", b"1772332800000")
    assert again != body
    (first,), (second,) = (pushing("pdd").messages(pdd(sent)) for sent in (body, again))
    assert first.mark == second.mark


def test_a_later_change_of_the_same_order_is_another_message() -> None:
    body = golden("pdd", "trade_confirmed.json")
    later = body.replace(b"1772331164000", b"1772331165000")
    (first,), (second,) = (pushing("pdd").messages(pdd(sent)) for sent in (body, later))
    assert first.mark != second.mark


def test_a_heartbeat_is_no_order() -> None:
    assert one("pdd", "heartbeat.json").number == ""
