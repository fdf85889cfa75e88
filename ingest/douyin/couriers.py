"""Our courier slugs in Douyin's company codes. Which ones the platform takes it tells itself: its list counts, and this
table says only how it is likely to spell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingest.couriers import slug_of

CODES: Final = {
    "shunfeng": "shunfeng",
    "zhongtong": "zhongtong",
    "yuantong": "yuantong",
    "shentong": "shentong",
    "yunda": "yunda",
    "ems": "ems",
    "youzhengguonei": "youzhengguonei",
    "jd": "jd",
    "jtexpress": "jtexpress",
    "huitongkuaidi": "huitongkuaidi",
    "debangkuaidi": "debangkuaidi",
    "tiantian": "tiantian",
    "youshuwuliu": "youshuwuliu",
    "annengwuliu": "annengwuliu",
    "zhongtongkuaiyun": "zhongtongkuaiyun",
    "yundakuaiyun": "yundakuaiyun",
    "zhaijisong": "zhaijisong",
}
SLUGS: Final = {code: slug for slug, code in CODES.items()}


def listed_codes(names: Mapping[str, str]) -> dict[str, str]:
    """Our slugs in the codes of the platform's own list (code → name): by the code, else by the Chinese name."""
    by_name = {slug_of(name): code for code, name in reversed(list(names.items()))}
    by_code = {slug: code for slug, code in CODES.items() if code in names}
    return by_name | by_code


def courier_of(code: str, name: str) -> str:
    """Our slug of a parcel's courier; what the platform wrote, where we do not know it."""
    return SLUGS.get(code) or slug_of(name) or code
