"""One judgement on an address, be it a text that somebody typed or the parts that a platform gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rules.address_abroad import abroad, abroad_before
from rules.address_instead import MAIL, mail_alone, wish_alone
from rules.address_twice import TWICE, two_places
from rules.address_words import detail_reasons, hidden, said_reasons
from rules.verdict import Outcome
from texts.address import Address, read, together, town_of
from texts.division_names import districts_of, is_city, named_at
from texts.division_towns import elsewhere
from texts.divisions import division_in
from texts.known_places import fixed_by_name
from texts.plain import plain

ABROAD: Final = "境外地址，国内快递送不到"
HIDDEN: Final = "详细地址由平台隐藏，看不到门牌"
_WHOLE: Final = "地址完整"
_ANOTHER: Final = re.compile(r"^.{0,24}?(?:省|市|自治区|特别行政区)")
_OWN_WARD: Final = re.compile(r"医院 ?(?:住院|门诊|急诊|病|[\d一二三四五六七八九十]+ ?(?:号楼|楼|层|床|病))")
_LACKS_PLACE: Final = {"缺城市和区县", "缺区县"}
_ONLY_PHONE: Final = re.compile(r"^(?:电话|手机|联系)?[:：]?\+?[\d\- ]{7,}$")
_NO_DISTRICT_OF_ITS_OWN: Final = ("香港", "澳门", "台湾")
_PLACEHOLDERS: Final = re.compile(
    r"^(?:其[它他]区?|未知|无|暂无|-+|市辖区|县|市辖县|省直[辖管].*|自治区直辖.*|直辖.*)$"
)


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
    if abroad_before(address.before):
        return Outcome.HIT, (ABROAD,)
    known = _levels(
        address.province, address.city, address.district, shared=address.region.shared, doubt=address.region.doubt
    )
    known = [*known, *_misplaced(address.city, detail)]
    town, behind = town_of(_with_its_county(address.district, detail))
    if hidden(detail):
        return _masked([*known, *said_reasons(detail)])
    reasons = (
        *_unless_fixed(known, behind, address.province, address.city),
        *_twice(address),
        *detail_reasons(behind, town),
    )
    return (Outcome.HIT, tuple(dict.fromkeys(reasons))) if reasons else (Outcome.MISS, (_WHOLE,))


def _with_its_county(district: str, detail: str) -> str:
    """丰县医院住院部: the county's own hospital, whose name the region has taken."""
    return f"{district}{detail}" if _OWN_WARD.match(detail) and district.endswith(("县", "旗", "市")) else detail


def _unless_fixed(known: list[str], behind: str, province: str, city: str) -> list[str]:
    """What the region lacks, but for what a place tells that the whole country knows."""
    if not _LACKS_PLACE.intersection(known) or not fixed_by_name(behind, province, city):
        return known
    return [reason for reason in known if reason not in _LACKS_PLACE]


def _misplaced(city: str, *places: str) -> list[str]:
    """The town that one of `places` begins with, where it lies in another city."""
    for place in places:
        if found := elsewhere(city, place):
            return [f"镇与市矛盾：{found[0]}在{found[1]}，不在{city}"]
    return []


def _twice(address: Address) -> list[str]:
    if address.region is None or address.region.doubt:
        return []
    return [TWICE] if two_places(address.detail, (address.province, address.city, address.district)) else []


def _nowhere(address: Address) -> tuple[Outcome, tuple[str, ...]]:
    detail = address.detail
    if not detail:
        return Outcome.HIT, ("只有电话，没有地址" if address.phoned else "没有地址",)
    if abroad(detail):
        return Outcome.HIT, (ABROAD,)
    if mail_alone(detail):
        return Outcome.HIT, (MAIL,)
    if wish_alone(detail):
        return Outcome.HIT, ("没有地址",)
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
    detail = together(plain(seen))
    reasons = [
        *region_reasons(region.province, region.city, region.district),
        *_misplaced(_city(region), region.district, region.town, detail),
    ]
    if whole and not hidden(detail):
        reasons = _unless_fixed(reasons, town_of(detail)[1], region.province, _city(region)) + _behind(region, detail)
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
            doubt = [address.region.doubt] if address.region.doubt else _twice(address)
            doubt += _misplaced(address.city, address.detail)
            town, behind = town_of(_with_its_county(address.district, address.detail))
            return doubt + detail_reasons(behind, town or region.town)
    own, behind = town_of(_with_its_county(region.district, detail))
    twice = two_places(detail, (region.province, _city(region), region.district))
    return [TWICE] * twice + detail_reasons(behind, own or region.town)


def _city(region: Region) -> str:
    return "" if _PLACEHOLDERS.match(region.city) else region.city


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
