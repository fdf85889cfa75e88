"""Reads courier and number as people type them. A number's shape only ever makes the hub ask once: shapes overlap, so a
courier is never guessed from a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from handlers.desk import Refusal
from models.couriers import ANY_NUMBER, BY_NAME, COURIERS, Courier

_LONGEST_FIRST: Final = sorted(BY_NAME, key=len, reverse=True)
_SCIENTIFIC: Final = re.compile(r"^\d(\.\d+)?E\+?\d+$", re.IGNORECASE)
_ANY: Final = re.compile(ANY_NUMBER)


@dataclass(frozen=True, slots=True)
class Shipment:
    courier: Courier
    waybill: str
    fits: bool  # whether the number looks like this courier's


def read(words: str) -> Shipment:
    """Courier and number from what was typed after the order: 顺丰SF1234567890123, SF1234567890123 顺丰.
    Raises Refusal saying what is missing."""
    courier, rest = _courier_in(words)
    number = normal(rest)
    if _SCIENTIFIC.match(number):
        raise Refusal(f"运单号 {number} 是表格的科学计数，后面的数字已经丢失，请从面单上重新录入")
    if courier is None:
        raise Refusal(_which_courier(number))
    if not number:
        raise Refusal(f"还缺运单号，例如：发货 JD-20251222-001 {courier.short} SF1234567890123")
    if not _ANY.fullmatch(number):
        raise Refusal(f"运单号「{number}」看不懂，只能有字母、数字和短横线，5 到 35 位")
    return Shipment(courier, number, courier.shape.fullmatch(number) is not None)


def normal(text: str) -> str:
    """Upper case without blanks, and without the apostrophe that spreadsheets put in front."""
    return re.sub(r"\s+", "", text).lstrip("'‘’`").upper()


def _courier_in(words: str) -> tuple[Courier | None, str]:
    text = words.strip(" ,，:：;；")
    lower = text.lower()
    for name in _LONGEST_FIRST:
        if lower.startswith(name) and _ends_a_name(lower[len(name) :], name):
            return BY_NAME[name], text[len(name) :].strip(" ,，:：;；")
        if lower.endswith(name) and not name.isascii():
            return BY_NAME[name], text[: -len(name)].strip(" ,，:：;；")
    return None, text


def _ends_a_name(rest: str, name: str) -> bool:
    """SF1234567890123 is a number, not the courier SF and a number; "sf 123…" is."""
    return not name.isascii() or not rest or not rest[0].isalnum()


def _which_courier(number: str) -> str:
    known = [one for one in COURIERS if one.has_shape]
    likely = [one.short for one in known if number and one.shape.fullmatch(number)]
    names = "、".join(likely or [one.short for one in known])
    return f"请写明快递公司（{names}），例如：发货 JD-20251222-001 顺丰 SF1234567890123"
