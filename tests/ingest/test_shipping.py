from __future__ import annotations

import pytest

from ingest.shipping import ShippedElsewhere, Standing, company_code, tell
from ingest.source import Action, PlatformError, Resolution, Shipment, Whose, WriteBackRefused

SHIPMENT = Shipment("1", "yuantong", "YT1234567890123")
OPEN, OURS = Standing(shipped=False), Standing(shipped=True, waybills=("yt1234567890123",))
THEIRS = Standing(shipped=True, waybills=("SF0000000000000",))


class Platform:
    """Shows the given standings one after another; `send` raises what it is told."""

    def __init__(self, *standings: Standing, error: Action | None = None) -> None:
        self._standings, self._error = list(standings), error
        self.sent = 0

    def look(self) -> Standing:
        return self._standings.pop(0) if len(self._standings) > 1 else self._standings[0]

    def send(self) -> None:
        self.sent += 1
        if self._error:
            raise PlatformError(Resolution(self._error, Whose.ORDER, "平台不接受"), "9", "状态不对")

    def tell(self) -> str:
        return tell(SHIPMENT, self.look, self.send)


def test_an_open_order_is_told_once() -> None:
    platform = Platform(OPEN)
    assert (platform.tell(), platform.sent) == ("confirmed", 1)


def test_the_same_number_standing_there_is_success_without_a_word() -> None:
    platform = Platform(OURS)
    assert (platform.tell(), platform.sent) == ("already", 0)


def test_another_number_standing_there_is_refused() -> None:
    platform = Platform(THEIRS)
    with pytest.raises(ShippedElsewhere, match="SF0000000000000") as caught:
        platform.tell()
    assert (caught.value.waybills, platform.sent) == (("SF0000000000000",), 0)


def test_a_refusal_of_the_platform_is_not_tried() -> None:
    platform = Platform(Standing(shipped=False, refusal="订单退款中"))
    with pytest.raises(WriteBackRefused, match="订单退款中"):
        platform.tell()
    assert platform.sent == 0


def test_a_lost_reply_that_did_its_work_is_confirmed_and_not_repeated() -> None:
    platform = Platform(OPEN, OURS, error=Action.RETRY)
    assert (platform.tell(), platform.sent) == ("confirmed", 1)


def test_a_lost_reply_that_did_nothing_is_left_for_later() -> None:
    platform = Platform(OPEN, OPEN, error=Action.RETRY)
    with pytest.raises(PlatformError):
        platform.tell()
    assert platform.sent == 1


def test_somebody_quicker_with_the_same_number_is_success_and_with_another_a_refusal() -> None:
    assert Platform(OPEN, OURS, error=Action.PARK).tell() == "already"
    with pytest.raises(WriteBackRefused, match="其他运单"):
        Platform(OPEN, THEIRS, error=Action.PARK).tell()


def test_a_no_without_another_reason_is_refused_in_the_platforms_words() -> None:
    with pytest.raises(WriteBackRefused, match="平台不接受：状态不对"):
        Platform(OPEN, error=Action.PARK).tell()


@pytest.mark.parametrize("action", [Action.WAIT, Action.STOP, Action.CLOCK, Action.REFRESH])
def test_what_concerns_the_shop_is_no_refusal_of_the_order(action: Action) -> None:
    with pytest.raises(PlatformError):
        Platform(OPEN, error=action).tell()


def test_an_order_that_the_platform_does_not_know_is_refused() -> None:
    def look() -> Standing:
        raise PlatformError(Resolution(Action.PARK, Whose.ORDER, "没有这个订单"), "9", "不存在")

    with pytest.raises(WriteBackRefused, match="没有这个订单"):
        tell(SHIPMENT, look, lambda: None)


def test_a_courier_without_a_code_is_refused_by_name() -> None:
    assert company_code({"ems": "EMS"}, "ems", "淘宝") == "EMS"
    with pytest.raises(WriteBackRefused, match="淘宝没有对应的快递公司：feimaotui"):
        company_code({}, "feimaotui", "淘宝")
    with pytest.raises(WriteBackRefused, match="未填写"):
        company_code({}, "", "淘宝")
