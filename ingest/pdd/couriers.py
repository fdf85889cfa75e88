"""Our courier slugs in Pinduoduo's logistics ids (a seed)."""

from typing import Final

CODES: Final = {
    "shunfeng": "44",
    "zhongtong": "115",
    "yuantong": "85",
    "shentong": "1",
    "yunda": "121",
    "ems": "118",
    "youzhengguonei": "132",
    "jd": "120",
    "huitongkuaidi": "3",
    "debangkuaidi": "131",
    "tiantian": "119",
    "youshuwuliu": "117",
    "annengwuliu": "208",
    "zhongtongkuaiyun": "343",
    "yundakuaiyun": "344",
    "other": "180",
}
SLUGS: Final = {code: slug for slug, code in CODES.items()} | {
    "324": "youzhengguonei",
    "340": "jd",
    "230": "debangkuaidi",
}
