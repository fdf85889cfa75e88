"""Every name of a province, a city and a district: the whole one, short ones, and former ones (`old_regions.txt`: the
city, the former name, the district that it belongs to today)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from texts.regions import rows

LONGEST: Final = 16
_OLD: Final = Path(__file__).with_name("old_regions.txt")
_PEOPLES: Final = (
    "壮族|回族|维吾尔|藏族|彝族|布依族|苗族|侗族|土家族|哈尼族|傣族|景颇族|白族|傈僳族|蒙古族|哈萨克族?"
    "|柯尔克孜族?|蒙古|朝鲜族"
    "|黎族|满族|瑶族|畲族|羌族|水族|仡佬族|仫佬族|毛南族|拉祜族|佤族|布朗族|纳西族|普米族|怒族|独龙族"
    "|土族|撒拉族|东乡族"
    "|保安族|裕固族|锡伯族?|塔吉克族?|达斡尔族?|鄂温克族?|鄂伦春|各族"
)
_PROVINCE_END: Final = re.compile(rf"(?:(?:{_PEOPLES})?自治区|特别行政区|省|市)$")
_CITY_END: Final = re.compile(rf"(?:(?:{_PEOPLES})*自治州|地区|特别行政区|市|盟|县)$")
_DISTRICT_END: Final = re.compile(
    rf"(?:(?:{_PEOPLES})+(?:自治县|自治旗|区)|自治[县旗]|(?<=[\u4e00-\u9fff]{{2}})新区|特区|(?<=神农架)林区|区|县|市|旗)$"
)
_ZONE_END: Final = re.compile(r"(?:经济技术开发区|高新技术产业开发区|经济开发区|工业园区|开发区)$")
_COUNTIES: Final = ("县", "市", "区")
_FORMER_CITIES: Final = {"襄樊市": "襄阳市", "思茅市": "普洱市", "儋县": "儋州市"}
_HONG_KONG: Final = ("九龙", "新界", "香港岛", "港岛")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name is: whole names, "" below what it is and where the province itself runs it."""

    province: str
    city: str = ""
    district: str = ""

    @property
    def levels(self) -> tuple[str, str, str]:
        return self.province, self.city, self.district


@dataclass(frozen=True, slots=True)
class Name:
    """`note`: what has become of a former name, in Chinese; a ? before it where another place has the name today."""

    place: Place
    whole: bool
    note: str = ""


class _Names:
    def __init__(self) -> None:
        self.of: dict[str, dict[str, list[Name]]] = {level: {} for level in ("province", "city", "district")}
        self.below: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.beginnings: set[str] = set()

    def add(self, level: str, spelling: str, name: Name) -> None:
        if len(spelling) < 2:
            return
        known = self.of[level].setdefault(spelling, [])
        if all(one.place != name.place for one in known):
            known.append(name)


def named_at(name: str, level: str) -> list[Name]:
    """What a name may mean on that level: province, city or district."""
    return _all().of[level].get(name, [])


def may_begin(text: str, start: int) -> bool:
    """Whether any name begins like the two characters there; most places in an address are none of a region."""
    return text[start : start + 2] in _all().beginnings


def districts_of(province: str, city: str) -> list[str]:
    """The whole names of a city's districts; none of a city without districts, and of one that nobody knows."""
    return _all().below.get((province, city), [])


@cache
def _all() -> _Names:
    names = _Names()
    for province, city, below in rows():
        _add_province(names, province)
        if city:
            _add_city(names, province, city)
        names.below[province, city] = below
        for district in below:
            _add_district(names, Place(province, city, district))
    _add_former(names)
    for zone in _HONG_KONG:
        area = Place("香港特别行政区", "香港特别行政区", zone)
        names.add("district", zone, Name(area, whole=False))
    names.beginnings = {name[:2] for known in names.of.values() for name in known}
    return names


def _add_province(names: _Names, province: str) -> None:
    short = _PROVINCE_END.sub("", province)
    name = Place(province, province if is_city(province) else "")
    names.add("province", province, Name(name, whole=True))
    names.add("province", short, Name(name, whole=False))
    for wrong in ("省", "自治区"):
        if not province.endswith("市"):
            names.add("province", short + wrong, Name(name, whole=True))
    if short == "内蒙古":
        names.add("province", "内蒙", Name(name, whole=False))


def is_city(province: str) -> bool:
    """北京, 香港 …: province and city in one."""
    return province.endswith(("市", "特别行政区"))


def _add_city(names: _Names, province: str, city: str) -> None:
    place, short = Place(province, city), _CITY_END.sub("", city)
    names.add("city", city, Name(place, whole=True))
    if city.endswith("自治州"):
        names.add("city", f"{short}州", Name(place, whole=True))
    if not (city == province and not city.endswith("市")):
        names.add("city", short, Name(place, whole=False))
    former = next((old for old, new in _FORMER_CITIES.items() if new == city), None)
    if former:
        names.add("city", former, Name(place, whole=True, note=f"{former}今为{city}"))


def _add_district(names: _Names, place: Place) -> None:
    district, city = place.district, _CITY_END.sub("", place.city)
    short = _DISTRICT_END.sub("", district)
    names.add("district", district, Name(place, whole=True))
    names.add("district", short, Name(place, whole=False))
    own = re.sub(rf"^(?:{_PROVINCE_END.sub('', place.province)})?(?:{city}市?)?", "", district) if city else district
    if len(own) > 2 and own != district:
        names.add("district", own, Name(place, whole=True))
    if _ZONE_END.search(district) and own != district:
        names.add("district", _ZONE_END.sub("", district) + "开发区", Name(place, whole=True))
    if district.endswith(("自治县", "自治旗")) and len(short) > 1:
        names.add("district", short + "县", Name(place, whole=True))


def _add_former(names: _Names) -> None:
    places = [one.place for found in names.of["district"].values() for one in found if one.whole]
    of_today = set(names.of["district"]) | set(names.of["city"])
    for place in dict.fromkeys(places):
        stem = place.district[:-1]
        if place.district[-1] not in _COUNTIES or len(stem) < 2 or place.district.endswith(("新区", "开发区")):
            continue
        for end in _COUNTIES:
            _former(names, stem + end, place, of_today)
    cities = {place.city: place for place in places}
    for line in _OLD.read_text(encoding="utf-8").splitlines():
        city, old, new = line.split(" ")
        _former(names, old, Place(cities[city].province, city, new), of_today)


def _former(names: _Names, old: str, place: Place, of_today: set[str]) -> None:
    if old in names.below.get((place.province, place.city), []):
        return
    mark = "?" if old in of_today else ""
    known = names.of["district"].setdefault(old, [])
    if all(one.place != place for one in known):
        told = "" if old == place.district else f"{old}今为{place.district}"  # 公主岭市 has changed its city alone
        known.append(Name(place, whole=True, note=mark + told))
