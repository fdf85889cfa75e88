"""Our courier slugs in Taobao's company codes (a seed: the shop's own list is authoritative)."""

from typing import Final

CODES: Final = {
    "shunfeng": "SF",
    "zhongtong": "ZTO",
    "yuantong": "YTO",
    "shentong": "STO",
    "yunda": "YUNDA",
    "ems": "EMS",
    "youzhengguonei": "POSTB",
    "jd": "JD",
    "huitongkuaidi": "HTKY",
    "tiantian": "TTKDEX",
    "youshuwuliu": "UC",
    "zhaijisong": "ZJS",
    "other": "OTHER",
}
