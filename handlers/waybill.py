"""Reads courier and number as people type them. A number's shape only ever makes the hub ask once: shapes overlap, so a
courier is never guessed from a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from handlers.desk import Refusal
from models.couriers import ANY_NUMBER, BY_NAME, COURIERS, Courier

_LONGEST_FIRST: Final = sorted(BY_NAME, key=len, reverse=True)
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?E\+?\d{1,3}")  # 1E1234567890 may be a number
_ANY: Final = re.compile(ANY_NUMBER)


@dataclass(frozen=True, slots=True)
class Shipment:
    courier: Courier
    waybill: str
    fits: bool  # whether the number looks like this courier's


def read(words: str, possible: Collection[str] | None = None) -> Shipment:
    """Courier and number from what was typed after the order: 顺丰SF1234567890123, SF1234567890123 顺丰.
    `possible`: slugs of the couriers that can be told to the order's platform, None where any can. Raises Refusal
    saying what is missing, or which couriers there are."""
    courier, rest = _courier_in(words)
    number = normal(rest)
    if _SCIENTIFIC.fullmatch(number):
        raise Refusal(f"运单号 {number} 是表格的科学计数，后面的数字已经丢失，请从面单上重新录入")
    if courier is None:
        raise Refusal(_which_courier(number, possible))
    if possible is not None and courier.slug not in possible:
        names = "、".join(one.short for one in _known(possible))
        raise Refusal(f"这家店的平台不接受{courier.title}，运单传不上去。可以用：{names}")
    if not number:
        raise Refusal(f"还缺运单号，例如：发货 JD-20251222-001 {courier.short} SF1234567890123")
    if not _ANY.fullmatch(number):
        raise Refusal(f"运单号「{number}」看不懂，只能有字母、数字和短横线，5 到 35 位")
    return Shipment(courier, number, courier.shape.fullmatch(number) is not None)


def normal(text: str) -> str:
    """Half width and upper case without blanks, and without the apostrophe that spreadsheets put in front."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lstrip("'‘’`").upper()


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


def _which_courier(number: str, possible: Collection[str] | None) -> str:
    known = _known(possible)
    likely = [one.short for one in known if number and one.has_shape and one.shape.fullmatch(number)]
    names = "、".join(likely or [one.short for one in known])
    return f"请写明快递公司（{names}），例如：发货 JD-20251222-001 顺丰 SF1234567890123"


def _known(possible: Collection[str] | None) -> list[Courier]:
    """Of all the couriers those whose numbers we know by sight; of a platform's own all that it takes."""
    if possible is None:
        return [one for one in COURIERS if one.has_shape]
    return [one for one in COURIERS if one.slug in possible and one.slug != "other"]
