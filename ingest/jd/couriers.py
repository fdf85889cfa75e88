"""Our courier slugs in JD's carrier ids (a seed: carriers must be enabled in the shop). 厂家自送 is not among them: it
keeps no waybill, so nothing could be confirmed."""

from typing import Final

CODES: Final = {
    "shunfeng": "467",
    "zhongtong": "1499",
    "yuantong": "463",
    "shentong": "470",
    "yunda": "1327",
    "ems": "465",
    "jd": "2087",
    "debangkuaidi": "3046",
}
SLUGS: Final = {code: slug for slug, code in CODES.items()}
SELF_DELIVERY: Final = "1274"
