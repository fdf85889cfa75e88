"""The division table (`regions.txt`: province, city, its districts on each line; `-` where the province itself runs
them), and where in a text a region is named. Nothing is corrected: what contradicts the table is left in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("regions.txt")
_OWN: Final = "-"
_PEOPLES: Final = (
    "壮族|回族|维吾尔|藏族羌族|藏族|彝族|布依族苗族|苗族侗族|苗族|土家族苗族|哈尼族彝族|傣族景颇族|傣族|白族|傈僳族"
    "|蒙古族藏族|蒙古族|哈萨克|柯尔克孜|蒙古|朝鲜族|黎族苗族|黎族"
)
_SHORTER: Final = re.compile(rf"(?:({_PEOPLES})?(?:自治区|自治州)|特别行政区|省|市|地区|盟)$")
_DISTRICT_END: Final = re.compile(r"(?:新区|区|县|市|旗)$")
_ROAD_NEXT: Final = "路街道大巷弄村镇乡里园新"
_UNLISTED: Final = re.compile(r"(?:(?!省|市)[\u4e00-\u9fff]){2,8}?(?:新区|开发区|园区|自治县|自治旗|区|县|旗)")
_NO_DISTRICT: Final = re.compile(r"(?:小|社|校|厂|景|片|街|库|园|院|城|住宅|别墅|生活|家属)区$")
_TOWN: Final = re.compile(r"[\u4e00-\u9fff]{1,10}?(?:街道办事处|街道|镇|乡|苏木)")


@dataclass(frozen=True, slots=True)
class Region:
    """Where a text names a region: what of it, and from where to where it stands."""

    province: str
    city: str
    district: str
    town: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A name in the table, the whole one; a district's province and city, a city's province."""

    name: str
    province: str
    city: str = ""


_Names = Mapping[str, tuple[_Place, ...]]


@dataclass(frozen=True, slots=True)
class _Table:
    provinces: _Names
    cities: _Names
    districts: _Names
    longest: int


def rows() -> Iterator[tuple[str, str, list[str]]]:
    """Province, city and the districts below it; the city is "" where the province itself runs them."""
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        province, city, *below = line.split(" ")
        yield province, "" if city == _OWN else city, below


@cache
def _table() -> _Table:
    provinces: dict[str, list[_Place]] = {}
    cities: dict[str, list[_Place]] = {}
    districts: dict[str, list[_Place]] = {}
    for province, city, below in rows():
        _add(provinces, _spellings(province), _Place(province, province))
        if city and city != province:
            _add(cities, _spellings(city), _Place(city, province, city))
        for district in below:
            _add(districts, _district_spellings(district, city), _Place(district, province, city))
    longest = max(len(name) for names in (provinces, cities, districts) for name in names)
    return _Table(_frozen(provinces), _frozen(cities), _frozen(districts), longest)


def _frozen(names: Mapping[str, list[_Place]]) -> _Names:
    return {name: tuple(places) for name, places in names.items()}


def _add(names: dict[str, list[_Place]], spellings: Iterable[str], place: _Place) -> None:
    for spelling in spellings:
        known = names.setdefault(spelling, [])
        if place not in known:
            known.append(place)


def _spellings(name: str) -> tuple[str, ...]:
    short = _SHORTER.sub("", name)
    return (name, short) if len(short) >= 2 else (name,)


def _district_spellings(name: str, city: str) -> tuple[str, ...]:
    """苏州工业园区 is 工业园区 to whoever has named the city."""
    short, without = _DISTRICT_END.sub("", name), name.removeprefix(_SHORTER.sub("", city))
    return (name, *(other for other in (short, without) if len(other) >= 2 and other != name))


def find(text: str) -> Region | None:
    """The first region that `text` names; None where it names none. A city's or province's short name counts only
    before a division of its own (青岛啤酒 is no address), a district alone only if there is one of that name."""
    start = 0
    while start < len(text):
        if "\u4e00" <= text[start] <= "\u9fff" and (found := _at(text, start)) is not None:
            return found
        start += 1
    return None


def _at(text: str, start: int) -> Region | None:
    table = _table()
    for province, end in _named(table.provinces, text, start):
        if (found := _below_province(text, start, end, province)) is not None:
            return found
    for city, end in _named(table.cities, text, start):
        if (found := _below_city(text, start, end, city)) is not None:
            return found
    for district, end in _named(table.districts, text, start):
        if text[start:end] == district.name and len(table.districts[district.name]) == 1:
            return _region(text, start, end, district)
    return None


def _named(names: _Names, text: str, start: int) -> Iterable[tuple[_Place, int]]:
    """What a name at `start` may mean, the longest name first, and where it ends."""
    for length in range(min(_table().longest, len(text) - start), 1, -1):
        for place in names.get(text[start : start + length], ()):
            yield place, start + length


def _skip(text: str, start: int) -> int:
    while start < len(text) and text[start] in " -/,，、":
        start += 1
    return start


def _below_province(text: str, start: int, end: int, province: _Place) -> Region | None:
    after = _skip(text, end)
    found = [
        _below_city(text, start, city_end, city, sure=True)
        for city, city_end in _named(_table().cities, text, after)
        if city.province == province.name
    ]
    if text.startswith(province.name, after):  # 上海 上海市 浦东新区
        end, after = after + len(province.name), _skip(text, after + len(province.name))
    if (district := _district(text, after, province.name, None)) is not None:
        found.append(_region(text, start, district[1], district[0]))
    if not any(found) and text[start:end].endswith(province.name):
        itself = _is_city(province.name)
        found.append(_region(text, start, end, _Place("", province.name, province.name if itself else "")))
    # 云南大理市 is the city of that name and not 大理州; of two that reach as far the first one stands.
    return max((one for one in found if one is not None), key=lambda one: one.end, default=None)


def _is_city(province: str) -> bool:
    return province.endswith(("市", "特别行政区"))


def _below_city(text: str, start: int, end: int, city: _Place, *, sure: bool = False) -> Region | None:
    whole = sure or text[start:end] == city.name
    district = _district(text, _skip(text, end), city.province, city.name)
    if district is None and whole:
        district = _unlisted(text, end, city)
    if district is not None:
        return _region(text, start, district[1], district[0])
    if whole:
        return _region(text, start, end, _Place("", city.province, city.name))
    return None


def _district(text: str, start: int, province: str, city: str | None) -> tuple[_Place, int] | None:
    """A district of the city, or where `city` is None the province's only one of that name, and where its name ends."""
    for length in range(min(_table().longest, len(text) - start), 1, -1):
        name = text[start : start + length]
        found = [
            place
            for place in _table().districts.get(name, ())
            if place.province == province and city in (None, place.city)
        ]
        whole = [place for place in found if place.name == name]
        if text[start + length : start + length + 1] in tuple(_ROAD_NEXT):
            found = whole  # 西湖大道 is no 西湖区
        if len(whole or found) == 1:
            return (whole or found)[0], start + length
    return None


def _unlisted(text: str, start: int, city: _Place) -> tuple[_Place, int] | None:
    """What reads like a district of the city and is none of any other: newer than the table, or none of the state's."""
    found = _UNLISTED.match(text, start)
    if found is None or _NO_DISTRICT.search(found[0]) or found[0] in _table().districts:
        return None
    return _Place(found[0], city.province, city.name), found.end()


def _region(text: str, start: int, end: int, place: _Place) -> Region:
    city = place.city or (place.province if _is_city(place.province) else "")
    after = _skip(text, end)
    town = _TOWN.match(text, after)
    if town is None:
        return Region(place.province, city, place.name, "", start, end)
    return Region(place.province, city, place.name, town[0], start, town.end())
