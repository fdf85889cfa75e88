"""What a buyer's message or a seller's memo asks for, as far as words tell. Several things may be asked at once."""

from __future__ import annotations

import re
from typing import Final

from models.narrow import NARROW
from rules.facts import OrderFacts
from texts.negation import first_meant

TITLES: Final = {
    "readdress": "要改收件信息",
    "invoice": "要发票",
    "courier": "指定快递",
    "gift": "送礼、贺卡",
    "urge": "催发",
    "test": "测试或勿发",
    "other": "有留言",
}
_LONGEST: Final = 40
_JOINTS: Final = re.compile(r"\s*[；;\n]\s*")
_DIGITS: Final = re.compile(r"\d[\d\s-]{4,}\d")
_PLACES: Final = re.compile(r"[省市区县镇乡村路街巷弄号栋幢楼室苑]|小区|单元|大厦")
_HOUSES: Final = re.compile(r"[\dA-Za-z一二三四五六七八九十]\s*[座期栋幢]|[座期栋幢]\s*\d")
_NAMES: Final = re.compile(
    r"(?:收件人|收货人)[\s:：是为叫]*[^\W\d_]"
    r"|寄(?!顺丰|京东|德邦|邮政|EMS|ems|中通|圆通|申通|韵达|极兔|到付|发票|贺卡|出|一?下|了|吗|快|走|来|的)"
    r"[\s:：]*[^\W\d_]"
)

# In the order in which people are told of them.
_ASKS: Final[dict[str, re.Pattern[str]]] = {
    "readdress": re.compile(
        r"(改|换|变更|修改|更改)(一下|下)?(收货)?(地址|电话|收货人|收件人|手机号)|地址(错|写错|填错)|(寄|送|发)(到|去)(新|另)"
    ),
    "invoice": re.compile(r"(?:开|要|补|给|附|寄){0,3}(?:个|张)?(?:发票|专票|普票)|开票|抬头|税号"),
    "courier": re.compile(
        r"(发|走|用|寄|要|选|指定)(?:个|下|一下)?\s*(顺丰|京东快递|京东物流|德邦|邮政|EMS|ems|中通|圆通|申通|韵达|极兔)"
        r"|(顺丰|京东快递|京东物流|德邦|邮政|EMS|ems|中通|圆通|申通|韵达|极兔)\s*(到付|发货|快递|寄)"
    ),
    "gift": re.compile(r"贺卡|代写|送礼|礼物|礼盒|赠品|小票|价格单|礼品袋|手写"),
    "urge": re.compile(r"催|怎么还(不|没)发|还(不|没)发货|什么时候(能)?发|几时发|尽快|加急|赶紧|马上发|急用|快点"),
    "test": re.compile(r"测试|勿发|不要发货|试单|刷单"),
}
_FOR_COURIERS: Final = re.compile(
    r"(不要|别|勿|拒|不)(发|用|走|寄)?\s*(顺丰|京东快递|京东物流|德邦|邮政|EMS|ems|中通|圆通|申通|韵达|极兔)"
)
_A_TEST: Final = re.compile(r"测试|试单|刷单")
_WAITS: Final = re.compile(
    r"[先暂等再晚前后]|[这本下]个?(?:周|星期|礼拜|月)|今天|明天|这[几两]天|最近|目前|\d[号日月]|[\d一二两三几][天周]|[一二三四五六七八九十][号月]|周[一二三四五六日末]"
    r"|通知|允许|[未没][^,，。]{0,6}同意|消息|[我没]确认|回来|出差"
)
_POLITE: Final = re.compile(
    r"谢谢|感谢|多谢|辛苦了?|麻烦了?|拜托|亲|哦|呢|啦|哈|吧|您|你好|老板|好评|一定|五星|期待|收货|收到|好的|ok|OK|"
    r"[\s,，.。!！~～、;；:：…]"
)


def asks(words: str) -> tuple[str, ...]:
    """The slugs of what is asked: readdress, invoice, courier, gift, urge, test; and other, where there are words that
    none of them covers."""
    line = words.translate(NARROW).strip()
    if not line:
        return ()
    found = [slug for slug, pattern in _ASKS.items() if first_meant(pattern, line)]
    if "courier" not in found and _FOR_COURIERS.search(line):
        found.append("courier")
    if not found and len(_POLITE.sub("", line)) > 1:
        found.append("other")
    return tuple(found)


def must_never_leave(words: str) -> bool:
    """Whether it is a test or a mistake. Whoever says what to wait for wants it later, and that is another matter."""
    line = words.translate(NARROW)
    return "test" in asks(words) and bool(_A_TEST.search(line) or not _WAITS.search(line))


def parts(memo: str) -> list[str]:
    """A memo's parts, as platforms and people join them."""
    return [part for part in _JOINTS.split(memo.strip()) if part]


def shown(words: str) -> str:
    """The words as anybody may read them: short, without numbers to call; an address or a name is not shown at all."""
    line = " ".join(words.split())
    if len(_PLACES.findall(line)) >= 2 or _HOUSES.search(line) or _NAMES.search(line) or _readdresses(line):
        return "内容请看订单"
    return _DIGITS.sub("***", line)[:_LONGEST]


def _readdresses(line: str) -> bool:
    """Whether another receiver is asked for, and more is said than that: a name, most likely."""
    rest, asked = _ASKS["readdress"].subn("", line)
    return asked > 0 and len(_POLITE.sub("", rest)) > 1


def asked_where(facts: OrderFacts, slug: str) -> str:
    """Where `slug` is asked, with the words (买家留言「请发顺丰」); "" where nobody asks it."""
    memo = "；".join(part for part in parts(facts.seller_memo) if part not in facts.noted)  # ours ask nothing of us
    for where, words in (("买家留言", facts.buyer_message), ("卖家备注", memo)):
        if slug in asks(words):
            return f"{where}「{shown(words)}」"
    return ""
