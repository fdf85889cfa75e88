"""Couriers as people call them, and what their numbers look like. A shape only ever makes the hub ask once: shapes
overlap, so a courier is never guessed from a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from handlers.desk import Refusal


@dataclass(frozen=True, slots=True)
class Courier:
    """`slug` is kuaidi100's name; `names` are how people write it, lower case."""

    slug: str
    title: str
    names: tuple[str, ...]
    shape: re.Pattern[str]

    @property
    def short(self) -> str:
        return self.title if self.title.isascii() else self.title[:2]


def _courier(slug: str, title: str, names: str, shape: str) -> Courier:
    return Courier(slug, title, tuple(dict.fromkeys((slug, *names.split()))), re.compile(shape))


_ANY_NUMBER: Final = r"[A-Z0-9-]{5,35}"  # nobody has written down how these look

COURIERS: Final[tuple[Courier, ...]] = (
    _courier("shunfeng", "顺丰速运", "顺丰速运 顺丰快递 顺丰 sf顺丰 sfexpress sf", r"SF\d{13}|\d{12}"),
    _courier("zhongtong", "中通快递", "中通快递 中通 zto", r"\d{12}|\d{14}"),
    _courier(
        "yuantong", "圆通速递", "圆通速递 圆通快递 圆通 yto", r"YT\d{13}|[A-Z0-9]{2}\d{10,13}|[6-9]\d{17}|Y\d{12}"
    ),
    _courier("shentong", "申通快递", "申通快递 申通 sto", r"77\d{13}|\d{12,13}"),
    _courier("yunda", "韵达快递", "韵达快递 韵达速递 韵达 yunda yd", r"\d{13}|\d{15}"),
    _courier("ems", "EMS", "ems快递 邮政ems ems", r"[A-Z]{2}\d{9}[A-Z]{2}|1[0-2]\d{11}|5[01]\d{11}|9[5789]\d{11}"),
    _courier("youzhengguonei", "邮政快递包裹", "邮政快递包裹 邮政包裹 邮政快递 中国邮政 邮政 邮局", r"9\d{12}"),
    _courier("jd", "京东快递", "京东快递 京东物流 京东 jdl", r"JD[XK]?\d{12,13}|JDV[A-Z]\d{11}"),
    _courier("jtexpress", "极兔速递", "极兔速递 极兔快递 极兔 j&t jt", r"JT\d{12,13}"),
    _courier("huitongkuaidi", "百世快递", "百世快递 百世汇通 百世 汇通 htky", _ANY_NUMBER),
    _courier("tiantian", "天天快递", "天天快递 天天", _ANY_NUMBER),
    _courier("youshuwuliu", "优速快递", "优速快递 优速物流 优速", _ANY_NUMBER),
    _courier("annengwuliu", "安能物流", "安能物流 安能快递 安能", _ANY_NUMBER),
    _courier("zhongtongkuaiyun", "中通快运", "中通快运", _ANY_NUMBER),
    _courier("yundakuaiyun", "韵达快运", "韵达快运", _ANY_NUMBER),
    _courier("zhaijisong", "宅急送", "宅急送 zjs", _ANY_NUMBER),
    _courier("debangkuaidi", "德邦快递", "德邦快递 德邦物流 德邦 dbl", r"\d{8,10}|DPK\d{11,}"),
)

_BY_NAME: Final = {name: courier for courier in COURIERS for name in courier.names}
_LONGEST_FIRST: Final = sorted(_BY_NAME, key=len, reverse=True)
_SCIENTIFIC: Final = re.compile(r"^\d(\.\d+)?E\+?\d+$", re.IGNORECASE)
_ANY: Final = re.compile(_ANY_NUMBER)


@dataclass(frozen=True, slots=True)
class Shipment:
    courier: Courier
    waybill: str
    fits: bool  # whether the number looks like this courier's


def courier_name(slug: str) -> str:
    """The Chinese name of a courier; what a platform calls it, where that is none of ours."""
    courier = next((one for one in COURIERS if one.slug == slug), None)
    return courier.title if courier else slug


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
            return _BY_NAME[name], text[len(name) :].strip(" ,，:：;；")
        if lower.endswith(name) and not name.isascii():
            return _BY_NAME[name], text[: -len(name)].strip(" ,，:：;；")
    return None, text


def _ends_a_name(rest: str, name: str) -> bool:
    """SF1234567890123 is a number, not the courier SF and a number; "sf 123…" is."""
    return not name.isascii() or not rest or not rest[0].isalnum()


def _which_courier(number: str) -> str:
    known = [one for one in COURIERS if one.shape.pattern != _ANY_NUMBER]
    likely = [one.short for one in known if number and one.shape.fullmatch(number)]
    names = "、".join(likely or [one.short for one in known])
    return f"请写明快递公司（{names}），例如：发货 JD-20251222-001 顺丰 SF1234567890123"
