"""Tencent's SDK against the stand-in, on real sockets: signatures, codes inside HTTP 200, reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from redis import Redis

from bot.channels.sending import Form, Parcel, SendError
from bot.channels.sms.client import SmsSender
from bot.channels.sms.provider import Answer, Limits, Report
from bot.channels.sms.tencent import Tencent
from config_customers import Sms, SmsTemplate
from handlers.customers.filling import Filled
from sandbox.sms import sms_of
from tests.bot.conftest import NO_RETRY, Town

NUMBER = "+8613800000001"
VALUES = {"1": "TB-1", "2": "2025年12月22日 10:00"}


@pytest.fixture
def settings(town: Town) -> Sms:
    company = town.state.company.sms
    return Sms(
        gateway=town.url, secret_id=company.secret_id, secret_key=company.secret_key, app_id=company.app_id,
        sign=company.sign, templates={"delayed": SmsTemplate(id="2000001", values=("number", "deadline"))},
    )  # fmt: skip


@pytest.fixture
def tencent(settings: Sms) -> Tencent:
    return Tencent(settings)


def test_a_message_goes_out_signed(town: Town, tencent: Tencent) -> None:
    assert tencent.send(NUMBER, "2000001", VALUES, "n1")
    (sent,) = sms_of(town.state).sent
    assert sent == {
        "number": NUMBER,
        "words": "【青禾家居】您的订单TB-1要晚一些发出，原定2025年12月22日 10:00，发出后会再通知您。",
    }
    assert town.texts("oa:oDemoCustomer0000000000000001")[0].startswith("[短信] 【青禾家居】"), "it lies on the phone"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"secret_key": "no"}, "短信密钥不对"),
        ({"secret_id": "AKIDnobody"}, "短信密钥不对"),
        ({"app_id": "1"}, "短信应用 ID 不对"),
        ({"sign": "别人家"}, "短信签名没有审核通过"),
    ],
)
def test_wrong_settings_are_whose_they_are(settings: Sms, wrong: dict[str, str], why: str) -> None:
    with pytest.raises(SendError) as error:
        Tencent(settings.model_copy(update=wrong)).send(NUMBER, "2000001", VALUES, "n1")
    assert error.value.permanent
    assert why in str(error.value)


@pytest.mark.parametrize(
    ("number", "template", "values", "why"),
    [
        ("+8612", "2000001", VALUES, "收不到短信"),
        (NUMBER, "9", VALUES, "短信模板没有审核通过"),
        (NUMBER, "2000001", {"1": "x"}, "变量个数"),
    ],
)
def test_a_call_that_went_through_is_no_message_yet(
    tencent: Tencent, number: str, template: str, values: dict[str, str], why: str
) -> None:
    """Every status is looked at: the refusal stands inside HTTP 200."""
    with pytest.raises(SendError, match=why):
        tencent.send(number, template, values, "n1")


def test_too_quick_is_waited_out(tencent: Tencent) -> None:
    tencent.send(NUMBER, "2000001", VALUES, "n1")
    with pytest.raises(SendError) as error:
        tencent.send(NUMBER, "2000001", VALUES, "n2")
    assert not error.value.permanent
    assert error.value.resolution.wait_seconds > 30


def test_a_lost_answer_is_not_tried_blindly(settings: Sms) -> None:
    away = Tencent(settings.model_copy(update={"gateway": "http://127.0.0.1:9"}))
    with pytest.raises(SendError) as error:
        away.send(NUMBER, "2000001", VALUES, "n1")
    assert error.value.unknown


@pytest.mark.parametrize("many", [False, True])
def test_what_people_write_back(tencent: Tencent, many: bool) -> None:
    told = {"extend": "", "mobile": "13800000001", "nationcode": "86", "sign": "青禾家居", "text": "TD", "time": 1}
    assert tencent.answers(json.dumps([told] if many else told).encode()) == [Answer(NUMBER, "TD")]


@pytest.mark.parametrize("bad", [b"", b"TD", b"[1]", b'{"mobile": "13800000001"}', b'{"text": 1}'])
def test_what_is_no_answer_is_refused(tencent: Tencent, bad: bytes) -> None:
    with pytest.raises(ValueError, match=""):
        tencent.answers(bad)


def test_reports(tencent: Tencent) -> None:
    body = json.dumps([
        {"sid": "1", "report_status": "SUCCESS", "errmsg": "DELIVRD"},
        {"sid": "2", "report_status": "FAIL", "errmsg": "MK:0001", "description": "用户关机"},
        {"report_status": "FAIL"},
    ]).encode()  # fmt: skip
    assert tencent.receipts(body) == [Report("1", True), Report("2", False, "用户关机")]
    for bad in (b"no json", b"{}"):
        with pytest.raises(ValueError):
            tencent.receipts(bad)


class Counting:
    """A provider that only counts."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, number: str, template: str, values: dict[str, str], key: str) -> str:
        self.sent.append(number)
        return f"s{len(self.sent)}"

    def answers(self, body: bytes) -> list[Answer]:
        raise NotImplementedError

    def receipts(self, body: bytes) -> list[Report]:
        return []

    def limits(self) -> Limits:
        return Limits(pause_seconds=30, per_day=10)


class TestSender:
    @pytest.fixture
    def sender(self, redis: Redis) -> SmsSender:
        return SmsSender(Counting(), 3, redis)  # type: ignore[arg-type]

    @pytest.fixture
    def later(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
        moment = [1_000_000.0]
        monkeypatch.setattr("bot.channels.sms.client.time.time", lambda: moment[0])

        def pass_by(seconds: float) -> None:
            moment[0] += seconds

        return pass_by

    def test_one_number_a_few_a_day_and_none_close_upon_another(
        self, sender: SmsSender, later: Callable[[float], None]
    ) -> None:
        assert sender.wait_seconds(NUMBER) == 0
        assert sender.wait_seconds(NUMBER) == 30
        assert sender.wait_seconds("+8613900000002") == 0
        for _ in range(2):
            later(31)
            assert sender.wait_seconds(NUMBER) == 0
        later(31)
        with pytest.raises(SendError, match="今天的短信已发满") as error:
            sender.wait_seconds(NUMBER)
        assert error.value.permanent
        later(24 * 3600)
        assert sender.wait_seconds(NUMBER) == 0

    def test_only_filled_forms_go(self, sender: SmsSender) -> None:
        filled = Filled("2000001", VALUES)
        form = Form("delayed", {}, filled={"sms": filled})
        assert sender.send(Parcel(NUMBER, form, "n1")).msgid == "s1"
        for bad in (Form("delayed"), Form("delayed", filled={"sms": replace(filled, problem="没有内容")})):
            with pytest.raises(SendError):
                sender.send(Parcel(NUMBER, bad, "n1"))

    def test_a_dead_redis_asks_for_patience(self) -> None:
        away = SmsSender(Counting(), 3, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY))  # type: ignore[arg-type]
        with pytest.raises(SendError) as error:
            away.wait_seconds(NUMBER)
        assert not error.value.permanent
