"""Which province, city and district a text names that is known to be an address: also by short and by former names, and
where they contradict each other. `regions.find` looks for a region in any text and is stricter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from texts.division_names import LONGEST, Place, may_begin, named_at

# 大学路, 花园南路 and 湖墅路 are roads of their own, not what the name before them is of.
_ROAD_END: Final = r"[东西南北中]?[一二三四五六七八九十]?(?:大?街|大?道|路|巷|胡同)"
# What makes a short name one of a road, a school …: 南京东路, 深圳大学, 西湖大道.
_OF_IT: Final = (
    r"|[市县区省州旗盟]|新区|村|镇|乡|里"
    rf"|(?:新村|花园|公园|大学|学院|中学|小学|医院|广场)(?!{_ROAD_END})"
    r"|大厦|饭店|酒店|银行|公司|烤鸭|啤酒|门|桥|(?<=吉隆)坡"
    rf"|(?<=洪泽|鄱阳|微山|高邮|东平|玄武|云龙)湖|湖(?![东西南北]路|[^东西南北中上下一二三四五六七八九十大路街道]{{1,2}}{_ROAD_END})"
)
_NO_SHORT: Final = re.compile(rf"[东西南北中上下]?[一二三四五六七八九十]?(?:环?路|街(?!道)|大街|大道|巷|弄|道){_OF_IT}")
# Who writes 成都 for 成都市 writes 锦江 for 锦江区, and 东大街 is a road of its own; 太原市迎泽西大街 lies elsewhere.
_NO_SHORT_GLUED: Final = re.compile(
    rf"(?:[东西南北中上下]?[一二三四五六七八九十]?(?:环?路|街(?!道)|大道|巷|弄|道)|[中上下]?大街){_OF_IT}"
)
# 唐山路南侧 is beside a road, 河北唐山路南 is not; 青岛市南香港中路 is in 市南区, 青岛市南京路 is a road.
_ROADISH: Final = re.compile(r"[路街]|[上中下]街")
_CITYISH: Final = re.compile(
    r"市(?![南北中][^京宁海昌阳通山湖门关环大新街路苑站华央兴心原州内外口医级国小学部方一二三四五六七八九十东西南北中区])"
)
_GLUED: Final = re.compile(r"[\u4e00-\u9fff](?<![市省区县旗盟])")
_NO_WHOLE: Final = re.compile(r"场(?!镇|街)")  # 中山市场
# 萧山市心中路 is the road 市心中路 in what is 萧山区 today, 番禺市桥街道 the town 市桥.
_CITYS_OWN: Final = re.compile(
    r"心(?:[东西南北中]?路|广场)|民(?:路|大?街|大道|广场|中心)|[府政]路|[东西南北中]路|(?<=番禺市)(?:桥(?:街道|镇)|[良莲广新]路)"
)
_BETWEEN: Final = re.compile(
    r"(?:[ \-/,、:|·>_.;。()\[\]【】]|市辖[区县]|(?:省|自治区)?直[辖管](?:县级?)?(?:行政)?(?:区划|单位)?"
    r"|(?:新疆)?生产建设兵团|兵团|(?:黑龙江)?农垦总局"
    r"|第[一二三四五六七八九十]+师|县(?=[ ,/|\-]*(?:(?![路街道巷镇乡村])[\u4e00-\u9fff]){1,12}[县区]))+"
)
_BEFORE: Final = re.compile(r"(?:中国|中华人民共和国|[ ,:;/|\-])+")
_TOKEN: Final = re.compile(r"[ ,;、|/\x00]+(?=[\u4e00-\u9fff])")
_ZONE: Final = re.compile(
    r"[\u4e00-\u9fff]{0,8}?(?:开发区|高新区|经开区|新区|工业园区?|保税港?区|示范区|管理区|度假区|风景名胜区|实验区"
    r"|合作区|自贸区|港务区|生态[区城]|商务区|试验区|集聚区|高技术产业园区|产业园区)|(?:高新|经开)(?=[\u4e00-\u9fff]{2})"
)
_UNLISTED: Final = re.compile(r"[\u4e00-\u9fff]{2,3}(?<![小社校厂景片街库园院宅墅活属城])[区县旗]")
_ROADLIKE: Final = re.compile(r"[路街道巷号弄村镇乡幢栋楼]")
_QUARTER: Final = re.compile(r"[东西南北新老]城区")  # of a county's town as well as of Beijing
_PART: Final = re.compile(r"(?:城|郊|东|西|南|北|中|新|矿|市中)区")
_OWN_ZONES: Final = ("雄安新区", "贵安新区", "西咸新区", "天府新区", "平潭综合实验区", "杨凌示范区", "洋浦经济开发区")
_NOBODYS: Final = re.compile(r"(?:高新|经开|园|新|矿|保税|开发)区")  # without a city: 苏州's 高新区 is one of a hundred
# What many cities have, or call a part of themselves: it contradicts nothing.
_EVERYWHERE: Final = re.compile(
    r"(?:城|郊|东|西|南|北|中|新|矿|市中|高新|经开|园|保税|工业园|产业园)区|.*(?:开发|示范|管理|度假|园|自贸|实验)区"
)


@dataclass(frozen=True, slots=True)
class Division:
    """What an address names, from where to where; "" is what it does not name and what cannot be told from the rest.
    `doubt`: why it cannot be, in Chinese. `shared`: a district's name that several cities have."""

    province: str = ""
    city: str = ""
    district: str = ""
    start: int = 0
    end: int = 0
    doubt: str = ""
    shared: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Chain:
    """One way to read the names that stand behind one another."""

    place: Place
    end: int
    levels: int
    whole: bool
    text: str
    note: str = ""

    @property
    def strong(self) -> bool:
        return self.whole or self.levels > 1


def division_in(text: str) -> Division | None:
    """The first region of an address in `plain` spelling; None where it names none."""
    head = _BEFORE.match(text)
    first = head.end() if head else 0
    for start in range(first, len(text)):
        best = _best(text, start)
        if best and (start == first or (best[0].strong and not best[0].note)) and (best[0].strong or _alone(best)):
            return _grown(text, start, best)
    for found in _TOKEN.finditer(text, first):  # 张三,昆山玉山镇
        best = _best(text, found.end())
        if best and _alone(best):
            return _grown(text, found.end(), best)
    return None


def _alone(best: list[_Chain]) -> bool:
    """A short name that stands alone at the head counts where it can only be one place."""
    return best[0].levels == 1 and len({one.place for one in best}) == 1


def _grown(text: str, start: int, best: list[_Chain]) -> Division:
    """`best` and what repeats or contradicts it behind."""
    end, doubt = best[0].end, ""
    while True:
        if not any(one.place.district for one in best) and (zone := _zone(text, end, best)) is not None:
            best = zone
            end = best[0].end
        further = _best(text, _skip(text, end))
        if not further or not further[0].strong or _EVERYWHERE.fullmatch(further[0].text):
            break
        if best[0].place.district and further[0].levels == 1 and _QUARTER.fullmatch(further[0].text):
            break
        both = [joined for one in best for other in further if (joined := _joined(one, other)) is not None]
        if not both:
            doubt = _contradiction(best[0], further[0])
            break
        best, end = both, further[0].end
    return _division(best, start, end, doubt)


def _division(best: list[_Chain], start: int, end: int, doubt: str) -> Division:
    places = {one.place for one in best}
    known = best[0].place
    found = Division(known.province, known.city, known.district, start, end, doubt)
    if len(places) > 1:  # 朝阳区 is of 北京 and of 长春
        provinces, cities = {one.province for one in places}, {one.city for one in places}
        province = known.province if len(provinces) == 1 else ""
        city = known.city if len(cities) == 1 else ""
        found = replace(found, province=province, city=city, shared=best[0].text)
    note = best[0].note
    return replace(found, notes=(note,)) if note and len(places) == 1 else found


def _joined(one: _Chain, other: _Chain) -> _Chain | None:
    """Both, where they do not contradict each other."""
    mine, theirs = one.place, other.place
    if mine.district in _OWN_ZONES and mine.province == theirs.province:
        return other
    pairs = zip(mine.levels, theirs.levels, strict=True)
    if any(first and second and first != second for first, second in pairs):
        return None
    place = Place(mine.province or theirs.province, mine.city or theirs.city, mine.district or theirs.district)
    return replace(other, place=place, note=one.note or other.note, whole=True)


def _contradiction(one: _Chain, other: _Chain) -> str:
    mine, theirs = one.place, other.place
    if theirs.province != mine.province:
        if mine.province.endswith("市") and not mine.district:
            return f"市与区矛盾：{theirs.district or theirs.city}不属于{mine.province}"
        if one.levels == 1 and not mine.city:
            if theirs.district and other.levels == 1:  # its city was not written
                return f"省与区县矛盾：{theirs.district}不在{mine.province}"
            return f"省与市矛盾：{theirs.city or theirs.district or theirs.province}不在{mine.province}"
        if mine.district:
            named = theirs.district if other.levels == 1 and theirs.district else theirs.city or theirs.province
            return f"写了两个地区：{mine.district}与{named}"
        return f"省市矛盾：{theirs.district or theirs.city or theirs.province}不属于{mine.city or mine.province}"
    if not mine.district and theirs.district:
        return f"市与区矛盾：{theirs.district}不属于{mine.city or mine.province}"
    return f"写了两个地区：{mine.district or mine.city}与{theirs.district or theirs.city}"


def _zone(text: str, end: int, best: list[_Chain]) -> list[_Chain] | None:
    """A zone that a city has made, or a district that is newer than the table."""
    after = _skip(text, end)
    cities = {one.place.city for one in best if one.place.city}
    if not cities:
        own = next((zone for zone in _OWN_ZONES if text.startswith(zone, after)), None)
        return [replace(best[0], place=replace(best[0].place, district=own), end=after + len(own))] if own else None
    if len(cities) > 1:
        return None
    further = _best(text, after)
    if further and further[0].strong and not _EVERYWHERE.fullmatch(further[0].text):
        return None  # some other region's
    for pattern in (_ZONE, _UNLISTED):
        found = pattern.match(text, after)
        if found and not _ROADLIKE.search(found[0]) and not found[0].startswith("科技园"):
            place = replace(best[0].place, district=found[0])
            return [replace(best[0], place=place, end=found.end(), levels=best[0].levels + 1, text=found[0])]
    generic = _PART.match(text, after)
    if generic is None:
        return None
    return [replace(best[0], place=replace(best[0].place, district=generic[0]), end=generic.end())]


def _best(text: str, start: int) -> list[_Chain]:
    """The readings that reach farthest, by the most names; several where the names leave it open."""
    chains = list(_chains(text, start)) if may_begin(text, start) else []
    if not chains:
        return []
    most = max((one.end, one.levels, one.whole) for one in chains)
    best = [one for one in chains if (one.end, one.levels, one.whole) == most]
    real = [one for one in best if not one.note] or best
    if most[1] > 1 or most[2]:
        return real
    wide = min(sum(map(bool, one.place.levels[1:])) for one in real)  # 河北 is the province, and 天津 has a 河北区
    return [one for one in real if sum(map(bool, one.place.levels[1:])) == wide]


def _chains(text: str, start: int) -> Iterator[_Chain]:
    for province in (*_names(text, start, "province"), None):
        after = _skip(text, province.end) if province else start
        yield from _below(text, after, province)
        if province:
            yield province


def _below(text: str, start: int, province: _Chain | None) -> Iterator[_Chain]:
    for city in (*_names(text, start, "city"), None):
        if city and (made := _linked(province, city)) is not None:
            yield made
            yield from _districts(text, _skip(text, city.end), made)
    yield from _districts(text, start, province)


def _districts(text: str, start: int, above: _Chain | None) -> Iterable[_Chain]:
    named = (_linked(above, one) for one in _names(text, start, "district"))
    return [one for one in named if one is not None]


def _linked(above: _Chain | None, below: _Chain) -> _Chain | None:
    """`below` under `above`, where it lies there. A former name that is another place's today counts under its city."""
    if above is None:
        return None if below.note.startswith("?") or _NOBODYS.fullmatch(below.text) else below
    pairs = zip(above.place.levels, below.place.levels, strict=True)
    if any(first and first != second for first, second in pairs):
        return None
    if below.note.startswith("?") and not above.place.city:
        return None
    note = below.note.removeprefix("?")
    return replace(below, levels=above.levels + 1, whole=above.whole or below.whole, note=note)


def _names(text: str, start: int, level: str) -> list[_Chain]:
    found = []
    glued = level == "district" and start > 0 and _GLUED.match(text, start - 1)
    short = _NO_SHORT_GLUED if glued else _NO_SHORT
    for length in range(min(LONGEST, len(text) - start), 1, -1):
        name = text[start : start + length]
        for one in named_at(name, level):
            bar = _NO_WHOLE if one.whole else short
            end = start + length
            if one.note and _takes_the_sign(text, name, end, one.place):
                continue
            barred = not (one.whole and not name.endswith("市")) and bar.match(text, end)
            own_road = barred and not one.whole and _takes_the_sign(text, text[start : end + 1], end + 1, one.place)
            if barred and not own_road and not _goes_on(text, start, end, one.place):
                continue
            found.append(_Chain(one.place, end, 1, one.whole, name, one.note))
    return found


def _takes_the_sign(text: str, former: str, end: int, place: Place) -> bool:
    """Whether the 市 of a district's former name belongs to what stands behind it, and the name alone tells the same
    place: 萧山市心中路, but 胶南市民大道 (胶南 alone is nobody's today)."""
    if not former.endswith("市") or _CITYS_OWN.match(text, end) is None:
        return False
    named = (*named_at(former, "district"), *named_at(former[:-1], "district"))
    return sum(one.place == place for one in named) > 1


def _goes_on(text: str, start: int, end: int, above: Place) -> bool:
    """Whether what seems to make a road of a name begins the name of a district of its own: 石家庄桥西, 宁波镇海."""
    if above.district:
        return False
    below = _names(text, end, "district") if above.city else _names(text, end, "city")
    placed = any(start >= size and above.province.startswith(text[start - size : start]) for size in (2, 3))
    whole_only = _CITYISH.match(text, end) or (_ROADISH.match(text, end) and not placed)
    known = tuple(filter(None, above.levels))
    return any((one.whole or not whole_only) and one.place.levels[: len(known)] == known for one in below)


def _skip(text: str, start: int) -> int:
    found = _BETWEEN.match(text, start)
    return found.end() if found else start
