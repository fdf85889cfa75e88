"""An address in words: a text in, its parts out. Names, phones, postcodes and labels that were typed into it are no
part of it. Nothing is corrected but the spelling; what contradicts the division table is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from texts.divisions import Division, division_in
from texts.plain import plain

_PHONE: Final = re.compile(
    r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)(?: ?[-转,#]+ ?\d{1,6}(?!\d)|\[\d{1,6}\])?"
    r"|(?<![\d-])0\d{2,3}-? ?\d{7,8}(?!\d)(?: ?[-转] ?\d{1,6})?|(?<!\d)400-?\d{3}-?\d{4}(?!\d)|[\[【(]\d{4}[\]】)]"
)
_LABEL: Final = re.compile(
    r"(?:(?:收货|收件|详细|所在|联系|快递|邮寄|新|我的)?(?:地址|地区|省市区|街道)(?:是|为)?|寄到|送到|发到"
    r"|收货地)[::]\s*"
)
_WHO: Final = re.compile(
    r"(?:收货人|收件人|联系人|姓名|名字)(?:姓名)?[::]? ?[\u4e00-\u9fffA-Za-z·]{1,8}?(?:先生|女士"
    r"|小姐)?(?=[ ,，;；、\d\x00]|$)"
)
_PHONE_LABEL: Final = re.compile(
    r"(?:手机号码?|联系电话|联系方式|手机|电话号码|电话|邮编|邮政编码)[::]? ?(?=\x00|\d{6})"
)
_POSTCODE: Final = re.compile(r"(?<![\d#-])[0-8]\d{5}(?=[ ,;]|$)(?! *[号室])|(?<!\d)\d{17}[\dXx](?!\d)")
_PERSON_BEHIND: Final = re.compile(
    r"[ ,;、/]+(?:[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff](?:先生|女士|小姐|老师|总|姐"
    r"|哥))?(?:[(（]?收[)）]?)?[ ,;、/]*\x00[\x00 ,;]*$"
)
_PERSON_AFTER: Final = re.compile(r"\x00[ ,;、/]*[\u4e00-\u9fff]{2,4}(?:先生|女士|小姐|收)?[ ,;]*$")
_NO_PERSON: Final = re.compile(r"[路街道巷村镇乡区楼栋号室店厂院校园城苑站组]$|小区|大厦|公寓|宿舍|驿站|门|..家里?$")
_PERSON_FIRST: Final = re.compile(r"^[\u4e00-\u9fff·A-Za-z]{1,4}(?:先生|女士|小姐|老师)?[ ,;、:]*$")
_TOWN: Final = re.compile(
    r"[ ,、\-]*((?:(?![路号弄栋幢室])[\u4e00-\u9fff]){1,9}?(?:路?街道办事处|路?街道办|路?街道|镇|民族乡|乡"
    r"|苏木))(?![路街道巷村口]|[东西南北中]路|大[道街])"
)
# G316 is no door, nor what a floor, a class, a group of a village, a regiment's farm and a line to be put through have.
# 1603 behind a block, a staircase or a floor is a room; 望京SOHO塔1 is a tower.
_NUMBERED_ROAD: Final = (
    r"[国省县乡]道 ?[GSXYgsxy]?\d{2,4}线?|[GSXYgsxy]\d{2,4} ?(?:国道|省道|县道|乡道|线)|\d{3} ?[国省县乡]道"
)
_NO_NUMBER: Final = (
    r"(?! ?(?:楼|层|单元|[Ff](?![A-Za-z\d])|年级|班|期|米|公里|组|队|社"
    r"|连(?!锁)|营(?!业)|团(?!结)|师(?!傅)|路|街(?!坊)|线|环|[国省县乡]道|级|月|点|分钟"
    r"|中学|小学|小区))"
)
_ROAD: Final = re.compile(
    rf"{_NUMBERED_ROAD}|[\u4e00-\u9fffA-Za-z0-9]{{1,12}}?(?:大道|大街|公路|路(?!街道)|街(?!道|区)|巷|胡同|里弄|弄堂"
    r"|(?<![街地])道(?![口上院]))(?:[东西南北中]?[一二三四五六七八九十]?段)?"
)
_NUMBER: Final = re.compile(
    r"(?<![座室层])(?<![座室层] )(?<!单元)(?<!单元 )"
    rf"(?<![转\d])(?!(?<=塔)\d(?![\d号栋幢座弄\-–—]))(?![GSXYgsxy]\d{{3}}(?![\d号栋座室\-]))(?:[甲乙丙丁新老附]|[A-Za-z])?\d++(?:[-–—－之/]\d++)*+{_NO_NUMBER}"
    r"[A-Za-z甲乙]?(?:号楼|号院|号|弄|栋|幢|座)?"
    r"|[一二三四五六七八九十百]+(?:号楼|号院|号|栋|幢)(?![路线])"
)
# What the digits of are no door's: an e-mail address, test123, the name of an account.
_NO_DOORS: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|(?<![A-Za-z])(?i:test)\d+|[A-Za-z]{2,}_[A-Za-z0-9_]+")
_APART: Final = re.compile(r"(?<!\S)(?:\S ){2,}\S(?!\S)")


@dataclass(frozen=True, slots=True)
class Address:
    """`detail`: all behind the region, the town with it. `rest`: what of it is neither town, road nor number.
    `region` tells of doubts; None where no region is named. `phoned`: a phone number stood in the text. `before`: what
    stands before the region, a person's name too."""

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    road: str = ""
    number: str = ""
    rest: str = ""
    detail: str = ""
    region: Division | None = None
    phoned: bool = False
    before: str = ""

    @property
    def parts(self) -> dict[str, str]:
        names = ("province", "city", "district", "town", "road", "number", "rest")
        return {name: getattr(self, name) for name in names}


def read(text: str) -> Address:
    """The parts of an address; of a text that is none, all is detail."""
    clean, phoned = _without_people(together(plain(text)))
    region = division_in(clean)
    if region is None:
        return _detailed(Address(phoned=phoned), clean.replace("\x00", " "))
    before = clean[: region.start].replace("\x00", " ").strip(" ,;:、/|")
    person = _PERSON_FIRST.match(before) and not _NO_PERSON.search(before)
    detail = f"{'' if person else before} {clean[region.end :]}".replace("\x00", " ")
    found = Address(
        province=region.province, city=region.city, district=region.district, region=region, phoned=phoned,
        before=before,
    )  # fmt: skip
    return _detailed(found, detail)


def together(text: str) -> str:
    """山 西 省 as 山西省: characters that somebody has spaced out, one by one."""
    return _APART.sub(lambda run: run[0].replace(" ", "") if re.search(r"[\u4e00-\u9fff]", run[0]) else run[0], text)


def town_of(detail: str) -> tuple[str, str]:
    """The town or street district that a detail begins with ("" where it does not), and what stands behind."""
    town = _TOWN.match(detail)
    return (town[1], detail[town.end() :].strip(" ,;、")) if town else ("", detail.strip(" ,;、"))


def _detailed(found: Address, detail: str) -> Address:
    detail = " ".join(detail.split()).strip(" ,;:、/|-")
    town, behind = town_of(detail)
    road = _ROAD.search(behind)
    doors = _NO_DOORS.sub(lambda word: "@" * len(word[0]), behind)
    number = _NUMBER.search(doors, road.end() if road else 0)
    rest = behind
    for part in (number, road):  # the one behind first: places stay right
        if part is not None:
            rest = f"{rest[: part.start()]} {rest[part.end() :]}"
    return Address(
        found.province, found.city, found.district, town, road[0].strip() if road else "",
        number[0] if number else "", " ".join(rest.split()).strip(" ,;、"), detail, found.region, found.phoned,
        found.before,
    )  # fmt: skip


def _without_people(text: str) -> tuple[str, bool]:
    """The text without labels, names and postcodes, `\\x00` where a phone was; and whether there was one."""
    phones = _PHONE.sub("\x00", text)
    phoned = "\x00" in phones
    clean = _WHO.sub(" ", _PHONE_LABEL.sub(" ", phones))
    clean = _POSTCODE.sub(" ", _LABEL.sub(" ", clean))
    for pattern in (_PERSON_BEHIND, _PERSON_AFTER):
        found = pattern.search(clean) if phoned else None
        if found and not _NO_PERSON.search(found[0].strip(" ,;、/\x00收")):
            clean = clean[: found.start()] + "\x00"
    return clean.strip(" ,;"), phoned
