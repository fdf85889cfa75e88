"""How every marketplace is told of a shipment: look, tell, and after a lost reply look again before repeating."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass

from ingest.source import Action, PlatformError, Shipment, WriteBackRefused
from models.couriers import same_number


class ShippedElsewhere(WriteBackRefused):
    """Somebody told the platform of another parcel. Nothing there is overwritten; `waybills`: what stands there."""

    def __init__(self, waybills: tuple[str, ...]) -> None:
        super().__init__(f"平台上已用其他运单发货：{','.join(waybills) or '无单号'}")
        self.waybills = waybills


@dataclass(frozen=True, slots=True)
class Standing:
    """What the platform shows of an order now. `shipped`: all of it has left; `waybills`: also of what has left of the
    rest. `refusal` says in Chinese why it cannot be shipped, "" if it can."""

    shipped: bool
    waybills: tuple[str, ...] = ()
    refusal: str = ""

    def bears(self, shipment: Shipment) -> bool:
        """Whether this parcel is known there: a part by its number, all by that and by nothing being left."""
        known = any(same_number(number, shipment.waybill) for number in self.waybills)
        return known and (self.shipped or bool(shipment.lines))


def tell(shipment: Shipment, look: Callable[[], Standing], send: Callable[[], None]) -> str:
    """ "confirmed", or "already" where the same number stood there. Raises WriteBackRefused or PlatformError."""
    before = _looked(look)
    if before.bears(shipment):
        return "already"
    _refuse(before)
    try:
        send()
    except PlatformError as error:
        return _after(error, shipment, look)
    return "confirmed"


def company_code(codes: Mapping[str, str], courier: str, platform: str) -> str:
    """The platform's code of our courier. Raises WriteBackRefused where it has none."""
    code = codes.get(courier)
    if not code:
        raise WriteBackRefused(f"{platform}没有对应的快递公司：{courier or '未填写'}")
    return code


def must_be_here(shipment: Shipment, found: Sized) -> None:
    """Of a part all lines (`found`) must be there to be shipped. Raises WriteBackRefused."""
    if shipment.lines and len(found) != len(shipment.lines):
        raise WriteBackRefused("先发的商品里有平台上已发出、已退款或找不到的，请在平台后台核对后手工发货")


def _after(error: PlatformError, shipment: Shipment, look: Callable[[], Standing]) -> str:
    """A lost reply may have done its work; a refusal may mean that somebody was quicker, with any number."""
    if error.resolution.action not in (Action.RETRY, Action.PARK):
        raise error
    now = _looked(look)
    if now.bears(shipment):
        return "confirmed" if error.resolution.action is Action.RETRY else "already"
    _refuse(now)
    if error.resolution.action is Action.RETRY:
        raise error
    raise WriteBackRefused(f"{error.resolution.text}：{error.message}") from error


def _looked(look: Callable[[], Standing]) -> Standing:
    try:
        return look()
    except PlatformError as error:
        if error.resolution.action is not Action.PARK:
            raise
        raise WriteBackRefused(f"{error.resolution.text}：{error.message}") from error


def _refuse(standing: Standing) -> None:
    if standing.shipped:
        raise ShippedElsewhere(standing.waybills)
    if standing.refusal:
        raise WriteBackRefused(standing.refusal)
