"""Addresses in other countries, in Chinese and in Latin letters: no courier of here goes there."""

from __future__ import annotations

import re
from typing import Final

# 韩国庆 and 韩国栋 are people of here.
_KOREA: Final = r"韩国(?=$|[ ,;、/]|首尔|釜山|仁川|大邱|大田|光州|水原|全州|济州|京畿|江原|忠清|全罗|庆[尚州])"
_COUNTRIES: Final = (
    f"美国|日本|{_KOREA}|英国|法国|德国|加拿大|澳大利亚|澳洲|新西兰|新加坡|马来西亚|泰国|越南|菲律宾|印度尼西亚|印度|印尼"
    "|俄罗斯|意大利|西班牙|葡萄牙|荷兰|比利时|卢森堡|瑞士|瑞典|挪威|芬兰|丹麦|冰岛|爱尔兰|波兰|捷克|匈牙利|奥地利"
    "|希腊|土耳其|乌克兰|白俄罗斯|罗马尼亚|保加利亚|塞尔维亚|缅甸|老挝|柬埔寨|文莱|蒙古国|朝鲜(?!族)|尼泊尔|不丹|孟加拉国?"
    "|巴基斯坦|斯里兰卡|马尔代夫|哈萨克斯坦|乌兹别克斯坦|吉尔吉斯斯坦|伊朗|伊拉克|以色列|沙特(?:阿拉伯)?|卡塔尔|科威特"
    "|阿联酋|埃及|南非|肯尼亚|尼日利亚|埃塞俄比亚|摩洛哥|巴西|墨西哥|阿根廷|智利|秘鲁|哥伦比亚|古巴"
)
_CITIES: Final = (
    "首尔|釜山|仁川|东京|大阪|京都|横滨|名古屋|札幌|纽约|洛杉矶|旧金山|芝加哥|波士顿|西雅图|休斯敦|多伦多|温哥华|蒙特利尔"
    "|伦敦|曼彻斯特|巴黎|里昂|柏林|慕尼黑|法兰克福|罗马|米兰|马德里|巴塞罗那|阿姆斯特丹|苏黎世|日内瓦|维也纳|莫斯科"
    "|悉尼|墨尔本|布里斯班|奥克兰|曼谷|清迈|吉隆坡|雅加达|马尼拉|河内|胡志明|金边|仰光|万象|迪拜|多哈|开罗"
    "|槟城|马六甲|岘港|芭提雅|珀斯|堪培拉|利雅得|阿布扎比|孟买|新德里|平壤"
)
# 日本料理, 泰国城, 法国梧桐, 日本国驻上海总领事馆, 巴黎春天 and 罗马花园 are here.
_NOT_HERE: Final = (
    r"(?!料理|餐|菜|风情|城(?!市)|街|小镇|村|花园|花都|春天|广场|公寓|小区|大厦|馆|店|超市|路|品牌|代购|进口|商品"
    r"|家|印象|假日|阳光|豪庭|苑|府|国?驻|总?领事|大使|签证|国际|学校|百货|梧桐)"
)
_AT_HEAD: Final = re.compile(
    rf"^[ ,]*(?:(?:[\u4e00-\u9fff]{{2,4}} )?(?:{_COUNTRIES}){_NOT_HERE}"
    rf"|(?:{_CITIES}){_NOT_HERE}|(?i:usa|japan|korea|uk(?![a-z])|america))"
)
_BEFORE: Final = re.compile(rf"(?:^|[ ,;])(?:(?:{_COUNTRIES}){_NOT_HERE}|(?:{_CITIES})(?:特别|广域)?[市都府])")
# 美国队长 and 泰国妹 are what people call themselves.
_ONE_WORD: Final = re.compile(r"[\u4e00-\u9fff]{1,6}")
_ALL_BEFORE: Final = re.compile(
    rf"(?:{_COUNTRIES})?(?:{_CITIES})(?:特别|广域)?[市都府]"
    rf"|(?:{_COUNTRIES})(?:{_CITIES}|[\u4e00-\u9fff]{{1,3}}[州省市府郡都]|(?:京畿|江原|(?:忠清|全罗|庆尚)[南北])道)?"
)
_LATIN: Final = re.compile(
    r"\b(?:usa|u\.s\.a\.?|united states|america|canada|mexico|brazil|uk|u\.k\.|united kingdom|great britain|england"
    r"|scotland|ireland|france|germany|deutschland|italia|italy|spain|espa[nñ]a|portugal|netherlands|belgium|switzerland|austria"
    r"|sweden|norway|denmark|finland|poland|russia|turkey|greece|australia|new zealand|japan|korea|singapore|malaysia"
    r"|thailand|vietnam|philippines|indonesia|india|uae|dubai|saudi arabia|israel|egypt|south africa"
    r"|new york|los angeles|san francisco|chicago|boston|seattle|toronto|vancouver|london|paris|berlin|munich|madrid"
    r"|barcelona|milan|rome|amsterdam|vienna|moscow|sydney|melbourne|auckland|tokyo|osaka|kyoto|seoul|bangkok"
    r"|kuala lumpur|jakarta|manila|hanoi)\b",
    re.IGNORECASE,
)
_FOREIGN_CODE: Final = re.compile(
    r"\b[A-Z]{2},? \d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b[A-Z]\d[A-Z] \d[A-Z]\d\b"
)
_HERE: Final = re.compile(r"\b(?:china|p\.?r\.?c|hong ?kong|macau|taiwan)\b", re.IGNORECASE)
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


def abroad(detail: str) -> bool:
    """Whether a text in which no region of here was found is an address abroad."""
    if _AT_HEAD.match(detail):
        return True
    if _CHINESE.search(detail) or _HERE.search(detail):
        return False
    return _LATIN.search(detail) is not None or _FOREIGN_CODE.search(detail) is not None


def abroad_before(before: str) -> bool:
    """Whether what stands before a district of here puts it abroad: 韩国首尔市 before 江南区."""
    if _ONE_WORD.fullmatch(before):
        return _ALL_BEFORE.fullmatch(before) is not None
    return _BEFORE.search(before) is not None
