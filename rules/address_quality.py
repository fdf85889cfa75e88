"""One judgement on an address, be it a text that somebody typed or the parts that a platform gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rules.address_words import detail_reasons, hidden, said_reasons
from rules.verdict import Outcome
from texts.address import Address, read, town_of
from texts.division_names import districts_of, is_city, named_at
from texts.divisions import division_in
from texts.plain import plain

HIDDEN: Final = "详细地址由平台隐藏，看不到门牌"
_WHOLE: Final = "地址完整"
_ANOTHER: Final = re.compile(r"^.{0,24}?(?:省|市|自治区|特别行政区)")
_FOREIGN: Final = re.compile(
    r"^(?:美国|日本|韩国|英国|法国|德国|加拿大|澳大利亚|澳洲|新西兰|新加坡|马来西亚|泰国|越南|菲律宾|印度"
    r"|俄罗斯|意大利|西班牙|荷兰|缅甸|老挝|柬埔寨|印尼"
    r"|巴西|墨西哥|阿联酋|迪拜|首尔|东京都?|大阪|纽约|伦敦|巴黎|悉尼|曼谷|usa|japan|korea|uk(?![a-z])|america)",
    re.IGNORECASE,
)
_ONLY_PHONE: Final = re.compile(r"^(?:电话|手机|联系)?[:：]?\+?[\d\- ]{7,}$")
_NO_DISTRICT_OF_ITS_OWN: Final = ("香港", "澳门", "台湾")
_PLACEHOLDERS: Final = re.compile(r"^(?:其[它他]区?|未知|无|暂无|-+|市辖区|县|省直辖.*|自治区直辖.*|直辖.*)$")


@dataclass(frozen=True, slots=True)
class Judged:
    """`reasons` in Chinese: why it is vague, what is unknown, or that it is whole. `notes`: what does not matter."""

    outcome: Outcome
    reasons: tuple[str, ...]
    address: Address = field(default_factory=Address)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A region as a platform gives it, level by level; "" where it gives none."""

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""


def judge_text(text: str) -> Judged:
    """An address in one text, as people paste it into a chat."""
    address = read(text)
    outcome, reasons = _judged(address)
    return Judged(outcome, reasons, address, address.region.notes if address.region else ())


def _judged(address: Address) -> tuple[Outcome, tuple[str, ...]]:
    detail = address.detail
    if address.region is None:
        return _nowhere(address)
    known = _levels(
        address.province, address.city, address.district, shared=address.region.shared, doubt=address.region.doubt
    )
    town, behind = town_of(detail)
    if hidden(detail):
        return _masked([*known, *said_reasons(detail)])
    reasons = (*known, *detail_reasons(behind, town))
    return (Outcome.HIT, tuple(dict.fromkeys(reasons))) if reasons else (Outcome.MISS, (_WHOLE,))


def _nowhere(address: Address) -> tuple[Outcome, tuple[str, ...]]:
    detail = address.detail
    if not detail:
        return Outcome.HIT, ("只有电话，没有地址" if address.phoned else "没有地址",)
    if _FOREIGN.match(detail):
        return Outcome.HIT, ("境外地址，国内快递送不到",)
    if hidden(detail):
        return _masked(said_reasons(detail))
    if not re.search(r"[\u4e00-\u9fff]", detail) and len(detail) > 20:
        return Outcome.UNKNOWN, ("外文地址，请人工看",)
    town, behind = town_of(detail)
    return Outcome.HIT, tuple(dict.fromkeys(("缺省市区", *detail_reasons(behind, town))))


def _masked(reasons: list[str]) -> tuple[Outcome, tuple[str, ...]]:
    return (Outcome.HIT, tuple(reasons)) if reasons else (Outcome.UNKNOWN, (HIDDEN,))


def judge_parts(region: Region, seen: str, *, whole: bool) -> Judged:
    """A platform's region and what can be seen of the detail; `whole` tells that nothing of it is hidden."""
    reasons = list(region_reasons(region.province, region.city, region.district))
    detail = plain(seen)
    if whole and not hidden(detail):
        reasons += _behind(region, detail)
    else:
        reasons += said_reasons(detail)
    if reasons:
        return Judged(Outcome.HIT, tuple(dict.fromkeys(reasons)))
    if not whole or hidden(detail):
        return Judged(Outcome.UNKNOWN, (HIDDEN,))
    return Judged(Outcome.MISS, (_WHOLE,))


def _behind(region: Region, detail: str) -> list[str]:
    """The reasons that lie in the detail, which may say the region again, or another one."""
    if _ONLY_PHONE.match(detail):
        return ["只有电话，没有地址"]
    if _ANOTHER.match(detail):
        address = read(f"{region.province}{region.city}{region.district}{detail}")
        if address.region is not None:
            doubt = [address.region.doubt] if address.region.doubt else []
            town, behind = town_of(address.detail)
            return doubt + detail_reasons(behind, town or region.town)
    own, behind = town_of(detail)
    return detail_reasons(behind, own or region.town)


@lru_cache(maxsize=4096)
def region_reasons(province: str, city: str, district: str) -> tuple[str, ...]:
    """What a region lacks or contradicts; a province that the city tells by itself is not missed."""
    named = [part for part in (province, city, district) if part and not _PLACEHOLDERS.match(part)]
    found = division_in(plain("".join(named)))
    own_district = "" if _PLACEHOLDERS.match(district) else district
    if found is None:
        return tuple(_levels(province, city, own_district))
    city = found.city or ("" if found.shared else city)
    return tuple(
        _levels(
            found.province or province, city, found.district or own_district, shared=found.shared, doubt=found.doubt
        )
    )  # fmt: skip


def _levels(province: str, city: str, district: str, *, shared: str = "", doubt: str = "") -> list[str]:
    if doubt:
        return [doubt]
    if shared and not city:
        return [f"缺{'城市' if province else '省市'}：不止一个城市有{shared}"]
    reasons = []
    if province.startswith(_NO_DISTRICT_OF_ITS_OWN):
        return []
    if not city and not district:
        reasons.append("缺城市和区县")
    elif not district and (districts_of(province, city) or not named_at(city, "city")):
        reasons.append("缺区县")
    if not province and not is_city(city):
        reasons.append("缺省份")
    return reasons
