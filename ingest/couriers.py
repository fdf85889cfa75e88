"""The couriers by our slug (kuaidi100's), with the names people use. Each marketplace's folder has its own codes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Courier:
    slug: str
    name: str
    aliases: tuple[str, ...] = ()


COURIERS: Final = (
    Courier("shunfeng", "顺丰速运", ("顺丰", "顺丰快递", "sf", "sf express")),
    Courier("zhongtong", "中通快递", ("中通", "中通速递", "zto")),
    Courier("yuantong", "圆通速递", ("圆通", "圆通快递", "yto")),
    Courier("shentong", "申通快递", ("申通", "申通速递", "sto")),
    Courier("yunda", "韵达快递", ("韵达", "韵达速递", "yd")),
    Courier("ems", "EMS", ("邮政ems", "中国邮政ems", "邮政特快专递", "特快专递")),
    Courier("youzhengguonei", "邮政快递包裹", ("邮政", "中国邮政", "邮政包裹", "邮政小包", "邮政国内包裹", "postb")),
    Courier("jd", "京东快递", ("京东", "京东物流", "京东配送", "jdl")),
    Courier("jtexpress", "极兔速递", ("极兔", "极兔快递", "j&t", "jt")),
    Courier("huitongkuaidi", "百世快递", ("百世", "百世汇通", "汇通快递", "汇通", "htky")),
    Courier("debangkuaidi", "德邦快递", ("德邦", "德邦物流", "dbl")),
    Courier("tiantian", "天天快递", ("天天", "ttkdex")),
    Courier("youshuwuliu", "优速快递", ("优速", "优速物流", "uc")),
    Courier("annengwuliu", "安能物流", ("安能", "安能快递")),
    Courier("zhongtongkuaiyun", "中通快运", ()),
    Courier("yundakuaiyun", "韵达快运", ()),
    Courier("zhaijisong", "宅急送", ("宅急送快递", "zjs")),
    Courier("other", "其他", ("其它", "其他快递")),
)

_BY_NAME: Final = {
    name.casefold(): courier for courier in COURIERS for name in (courier.slug, courier.name, *courier.aliases)
}


def find_courier(name: str) -> Courier | None:
    """The courier that a person or a platform means: slug, Chinese name or a common other name; None if unknown."""
    return _BY_NAME.get("".join(unicodedata.normalize("NFKC", name).split()).casefold()) or _BY_NAME.get(
        name.strip().casefold()
    )


def courier_title(slug: str) -> str:
    """The Chinese name for people; an unknown slug stays what it is."""
    found = find_courier(slug)
    return found.name if found else slug


def slug_of(name: str) -> str:
    """Our slug for a platform's courier name; the name as it came where we do not know it."""
    found = find_courier(name) if name else None
    return found.slug if found else name


def same_waybill(one: str, other: str) -> bool:
    """Whether two spellings are one number: width, case and blanks do not count."""
    return _compact(one) == _compact(other)


def _compact(waybill: str) -> str:
    return "".join(unicodedata.normalize("NFKC", waybill).split()).upper()
