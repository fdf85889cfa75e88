"""A day on which it may arrive, said without 送: 12月20号到就行, 3号生日,当天送到."""

from __future__ import annotations

import re
from typing import Final

from rules import delay_phrases as said_words
from rules.delay_spoken import Reading
from texts.days import Named

_ENOUGH: Final = r"(?:就|即)(?:行|好|可以?|成|ok|OK)"
_OVER: Final = r"(?=[了吧啦啊哈哦的]*(?:谢谢?|麻烦|辛苦|$|[,。!~;]))"
_ASKED: Final = r"(?![了吧]*,?(?:你们?|快递|应该)?(?:[能会行]|可以|没问题|来得及|赶得|到得)[^,。;!]{0,8}[吗么?])"
_MAY_ARRIVE: Final = re.compile(rf"再?到货?{_ENOUGH}{_OVER}{_ASKED}")
# 货款12月20号到就行, 我12月20号到就行: of something else. So between the comma and the day nothing but these may stand.
_OF_THE_PARCEL: Final = re.compile(
    r"(?:^|[,。;!?~])(?:请|麻烦|亲|[你您]好|老板|那|就|等|在|给我|帮我|希望|最好|大[概约]|差不多|反正|其实|不(?:用|着|太|是很)*急|慢慢来?"
    r"|我?(?:的|买的|拍的)?(?:货|东西|快递|包裹|宝贝|商品|衣服|(?:生日)?礼物|年货)|我?这[个单件])*$"
)
# Who may have it sooner asks nobody to wait; 什么时候补货 asks of the shop's own goods.
_SOONER_TOO: Final = re.compile(
    r"越[早快]越好|先[发寄]|现在就?[发寄]|[补有]货|(?:提前|早[点些到]?|早[一两几]天)[到送发]?(?:的话)?(?:也|都|更|最)(?:行|好|可以|没|成)"
)
_WHOSE: Final = (
    r"(?:就?是)?(?:[我她他你的们要过办家]|老[公婆爸妈]|爸爸?|妈妈?|女儿|儿子|孩子|宝宝|小孩|女?朋友|对象|闺蜜"
    r"|爷爷|奶奶|[弟妹哥姐]{1,2})*"
)
_EVENT: Final = r"(?:生日|结婚|婚礼|婚宴|订婚|纪念日|满月|周岁|百日|大寿|寿宴|过寿|乔迁|开业)[宴酒]?(?:礼物)?了?"
_THAT_DAY: Final = re.compile(
    rf"{_WHOSE}{_EVENT}[,。]?(?:请|麻烦|希望|最好|就|货|快递)*[当那][天日]"
    rf"(?:再?送[到达来](?:{_ENOUGH}|吧)?|再?(?:到货?|收到){_ENOUGH}){_OVER}{_ASKED}"
)


def may_arrive(words: str, day: Named, end: int) -> Reading | None:
    """12月20号到就行. Of the days of a week only 下周三, as everywhere with arrivals."""
    arrives = _MAY_ARRIVE.match(words, end)
    if arrives is None or day.first is None or day.kind in ("span", "workday") or words[day.end - 1] == "前":
        return None
    if not _OF_THE_PARCEL.search(words[: day.start]) or _SOONER_TOO.search(words):
        return None
    if day.kind == "week" and words[day.start] not in "下":
        return None
    return Reading(day.start, arrives.end(), day.first, arrives=True)


def that_day(words: str, day: Named, end: int) -> Reading | None:
    """3号生日,当天送到: on the day that was named before, and not on the day of the order."""
    there = _THAT_DAY.match(words, end)
    if there is None or said_words.DEADLINE_BEFORE.search(words[: day.start]) or _SOONER_TOO.search(words):
        return None
    return Reading(day.start, there.end(), day.first, arrives=True)
