from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from redis import Redis

from ingest.breaker import downs
from ingest.gate import Gate, Party
from ingest.http import Unanswered, Unreached, Wire, total_of
from ingest.source import Action, PlatformError, Resolution, Whose
from tests.ingest.douyin.answering import Asked, answering
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


def test_it_posts_json_as_it_was_written_to_the_address_of_the_method() -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> dict[str, object]:
        seen.append(asked)
        return {"code": 0}

    with answering(answer) as gateway:
        assert Wire(gateway + "/").post_json("/order/list", {"sign": "&=+"}, '{"b":1,"a":"红"}'.encode()) == {"code": 0}
    (asked,) = seen
    assert (asked.path, asked.query, asked.body) == ("/order/list", {"sign": "&=+"}, '{"b":1,"a":"红"}')


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


# -- behind a gate


def knocks(wire: Wire, raised: PlatformError | None = None) -> PlatformError | None:
    """One call whose reply is read so; what its caller gets."""
    try:
        with wire.asking("read"):
            wire.post({})
            if raised is not None:
                raise raised
    except PlatformError as error:
        return error
    return None


@pytest.fixture
def gate(redis: Redis, now: datetime) -> Gate:
    return Gate(Party("party", "对方接口"), redis, lambda: now)


def said(action: Action, seconds: float = 0) -> PlatformError:
    return PlatformError(Resolution(action, Whose.PLATFORM, "对方说的"), "42", "no", seconds)


def test_calls_to_a_party_that_nobody_reaches_end_and_are_not_made(gate: Gate, redis: Redis) -> None:
    wire = Wire("http://127.0.0.1:1/gateway", gate)
    ends = [knocks(wire) for _ in range(6)]
    assert [type(end) for end in ends[:4]] == [Unreached] * 4
    assert [end and end.code for end in ends[4:]] == ["down", "down"]
    assert [down.why for down in downs(redis)] == ["网络不通"]


def test_what_makes_no_sense_is_counted_and_said(gate: Gate, redis: Redis) -> None:
    with serving(lambda _form: (502, b"<html>tengine</html>")) as gateway:
        ends = [knocks(Wire(gateway, gate)) for _ in range(5)]
    assert isinstance(ends[0], Unanswered)
    assert ends[4] is not None
    assert (ends[4].code, ends[4].resolution.action) == ("down", Action.WAIT)
    assert [down.why for down in downs(redis)] == ["应答异常 HTTP 502"]


def test_what_the_party_answers_is_read_inside_the_gate(gate: Gate, redis: Redis) -> None:
    with serving(lambda _form: (200, b"{}")) as gateway:
        wire = Wire(gateway, gate)
        for _ in range(4):
            assert knocks(wire, said(Action.RETRY)) is not None
        assert knocks(wire, said(Action.PARK)) is not None
        end = knocks(wire, said(Action.RETRY))
        assert end is not None
        assert end.code == "down"
    assert [down.why for down in downs(redis)] == ["错误码 42"]


def test_a_told_wait_is_told_once_and_kept_by_the_others(gate: Gate, redis: Redis, now: datetime) -> None:
    with serving(lambda _form: (200, b"{}")) as gateway:
        end = knocks(Wire(gateway, gate), said(Action.WAIT, 30))
        assert end is not None
        assert (end.code, end.resolution.text) == ("42", "对方说的")
        other = Gate(Party("party", "对方接口"), redis, lambda: now)
        end = knocks(Wire(gateway, other))
    assert end is not None
    assert (end.code, round(end.wait_seconds)) == ("hold", 30)


def test_without_a_gate_every_call_is_made() -> None:
    with serving(lambda _form: (200, b"{}")) as gateway:
        assert knocks(Wire(gateway)) is None
        assert knocks(Wire(gateway), said(Action.RETRY)) is not None
