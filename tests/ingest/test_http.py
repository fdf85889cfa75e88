from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.http import Wire, total_of
from ingest.source import Action, PlatformError
from tests.ingest.serving import Answer, Form, serving

SECRET = {"access_token": "very-secret-token", "sign": "ABCDEF"}


def test_it_posts_a_form_and_reads_numbers_exactly() -> None:
    seen: list[Form] = []

    def answer(form: Form) -> Answer:
        seen.append(form)
        return 200, '{"total":1,"pay_amount":118.10,"note":"红"}'.encode()

    with serving(answer) as gateway:
        wire = Wire(gateway)
        document = wire.post({"remark": "已催付，改发顺丰 &=+"})
    assert seen == [{"remark": "已催付，改发顺丰 &=+"}]
    assert document == {"total": 1, "pay_amount": Decimal("118.10"), "note": "红"}
    assert wire.date is not None


@pytest.mark.parametrize(
    "said",
    [
        None,
        (500, b"<html>oops</html>"),
        (502, b'{"data":1}'),
        (200, b""),
        (200, b"<html>tengine</html>"),
        (200, b'{"half":'),
        (200, b"[1,2]"),
        (200, b'"text"'),
        (200, b"\xff\xfe"),
        (302, b"{}"),
        (404, b"{}"),
    ],
)
def test_a_lost_or_senseless_reply_is_transient_and_names_no_secret(said: Answer | None) -> None:
    with serving(lambda _form: said) as gateway, pytest.raises(PlatformError) as caught:
        Wire(gateway).post(SECRET)
    assert caught.value.resolution.action is Action.RETRY
    assert "very-secret" not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None


def test_an_error_reply_counts_whatever_its_http_status() -> None:
    with serving(lambda _form: (403, b'{"error_response":{"code":11}}')) as gateway:
        assert Wire(gateway).post({}) == {"error_response": {"code": 11}}


def test_nobody_listening_is_transient() -> None:
    with pytest.raises(PlatformError) as caught:
        Wire("http://127.0.0.1:1/gateway").post(SECRET)
    assert caught.value.resolution.action is Action.RETRY


@pytest.mark.parametrize("value", [None, "", "many", -1, True, [], Decimal("1.5")])
def test_a_total_that_is_not_stated_is_no_zero(value: object) -> None:
    with pytest.raises(PlatformError):
        total_of(value)


def test_a_total_may_be_a_number_or_text() -> None:
    assert (total_of(0), total_of("12")) == (0, 12)
