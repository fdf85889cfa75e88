"""The couriers by our slug (kuaidi100's), as people call them, and what their numbers look like. Which code a courier
has at a marketplace stands in that marketplace's folder; not every marketplace has one for each."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Courier:
    """`names` are how people and platforms write it: lower case, half width, without blanks; the slug is one."""

    slug: str
    title: str
    names: tuple[str, ...]
    shape: re.Pattern[str]

    @property
    def short(self) -> str:
        """What people type; the whole title where its beginning is another's name: 中通 is not 中通快运."""
        brief = self.title[:2]
        return brief if BY_NAME.get(brief) is self else self.title

    @property
    def has_shape(self) -> bool:
        """Whether anybody has written down how its numbers look. Shapes overlap: a number never tells its courier."""
        return self.shape.pattern != ANY_NUMBER


def _courier(slug: str, title: str, names: str, shape: str) -> Courier:
    return Courier(slug, title, tuple(dict.fromkeys((slug, title.lower(), *names.split()))), re.compile(shape))


ANY_NUMBER: Final = r"[A-Z0-9-]{5,35}"

COURIERS: Final[tuple[Courier, ...]] = (
    _courier("shunfeng", "顺丰速运", "顺丰快递 顺丰 sf顺丰 sfexpress sf", r"SF\d{13}|\d{12}"),
    _courier("zhongtong", "中通快递", "中通速递 中通 zto", r"\d{12}|\d{14}"),
    _courier("yuantong", "圆通速递", "圆通快递 圆通 yto", r"YT\d{13}|[A-Z0-9]{2}\d{10,13}|[6-9]\d{17}|Y\d{12}"),
    _courier("shentong", "申通快递", "申通速递 申通 sto", r"77\d{13}|\d{12,13}"),
    _courier("yunda", "韵达快递", "韵达速递 韵达 yd", r"\d{13}|\d{15}"),
    _courier(
        "ems", "EMS", "ems快递 邮政ems 中国邮政ems 邮政特快专递 特快专递",
        r"[A-Z]{2}\d{9}[A-Z]{2}|1[0-2]\d{11}|5[01]\d{11}|9[5789]\d{11}",
    ),
    _courier(
        "youzhengguonei", "邮政快递包裹", "邮政国内包裹 邮政包裹 邮政小包 邮政快递 中国邮政 邮政 邮局 postb", r"9\d{12}"
    ),
    _courier("jd", "京东快递", "京东物流 京东配送 京东 jdl", r"JD[XK]?\d{12,13}|JDV[A-Z]\d{11}"),
    _courier("jtexpress", "极兔速递", "极兔快递 极兔 j&t jt", r"JT\d{12,13}"),
    _courier("huitongkuaidi", "百世快递", "百世汇通 百世 汇通快递 汇通 htky", ANY_NUMBER),
    _courier("debangkuaidi", "德邦快递", "德邦物流 德邦 dbl", r"\d{8,10}|DPK\d{11,}"),
    _courier("tiantian", "天天快递", "天天 ttkdex", ANY_NUMBER),
    _courier("youshuwuliu", "优速快递", "优速物流 优速 uc", ANY_NUMBER),
    _courier("annengwuliu", "安能物流", "安能快递 安能", ANY_NUMBER),
    _courier("zhongtongkuaiyun", "中通快运", "", ANY_NUMBER),
    _courier("yundakuaiyun", "韵达快运", "", ANY_NUMBER),
    _courier("zhaijisong", "宅急送", "宅急送快递 zjs", ANY_NUMBER),
    _courier("other", "其他", "其它 其他快递", ANY_NUMBER),
)  # fmt: skip

BY_NAME: Final = {name: courier for courier in COURIERS for name in courier.names}


def find_courier(name: str) -> Courier | None:
    """The courier that a person or a platform means by `name` alone; None if unknown."""
    return BY_NAME.get("".join(unicodedata.normalize("NFKC", name).split()).lower())


def same_number(one: str, other: str) -> bool:
    """Whether two spellings are one waybill: width, case and blanks do not count."""
    return _compact(one) == _compact(other)


def _compact(waybill: str) -> str:
    return "".join(unicodedata.normalize("NFKC", waybill).split()).upper()


def courier_slug(name: str) -> str:
    """Our slug of a courier, however a platform writes it; the name itself where it is none of ours."""
    found = find_courier(name)
    return found.slug if found else name


def courier_name(slug: str) -> str:
    """The Chinese name of a courier; what a platform calls it, where that is none of ours."""
    courier = BY_NAME.get(slug)
    return courier.title if courier and courier.slug == slug else slug
