"""What has to come before a day, beside words that would only make it wait: 后天要出差,明天务必送到. And urging that
is none any more: 本来想催你的,算了."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from rules import delay_phrases as said_words
from rules.delay_readings import Found
from texts.days import days_in

# A phrase that says itself when to ship, or to wait; 后天要出差 and 月底搬家 only say what happens on that day.
_SAYS_WHEN: Final = re.compile(r"[发寄送邮等再迟推延缓别暂停先才货]|晚(?!上)|收到|到(?=$|就|即|达)|不要|不用")
_THERE: Final = (
    r"(?:送到|送达|送货|送过?来|寄到|发到|收到|拿到|到货|到达|到(?=$|[,。!?~;啊哈吧哦了呀]))"
    r"(?!驿站|门口|物业|前台|代收|菜鸟|丰巢|柜|楼下|我?(?:本人)?(?:的|亲)?手|我?(?:的|再)?(?:通知|消息|电话)|不了|之?前|时|后(?!天)|[之以]后|再)"
)
# 务必等我走后再发, 务必先联系: none of that may stand between.
_MUST_BE_THERE: Final = re.compile(
    rf"(?<!不)(?:务必|一定|必须)(?:(?!之后|以后|过后|号后|后(?!天)|[再等别先联打电]|不)[^,。;!?~]){{0,10}}?{_THERE}货?"
)
_CUT: Final = re.compile(r"[,。;!?~]")
_SOONER: Final = re.compile(r"前(?![面台天说写备买拍])|以内|之内")
_NEEDED: Final = r"(?:要|急|等着|急着|着急|赶着|需要)(?:用到?|带[走去]?|穿)(?=$|[,。!~;?的了呢啊哈吧呀])"
_NEEDED_THEN: Final = re.compile(rf"(?:的?时候?|那天|当天)?(?:回老?家)?(?:就|我|马上|的|也)*{_NEEDED}")
_NEED: Final = re.compile(_NEEDED)
_NO_DELAY: Final = re.compile(
    r"(?:别|勿|莫|不要|不能|可别)(?:再|给我|又|太)?(?:耽误|耽搁|延误|误|晚|迟|拖)(?!上|饭)"
    r"|来得及|赶得上|误事"
)
# 本来想催你的, and then that it is no matter any more.
_MEANT_TO: Final = re.compile(
    r"(?:本来|原本|原先|原来|刚刚?|刚才|一开始)(?:是|还|也|就)?(?:想|要|打算|准备)(?:让|叫|请|要求?|跟|和|来|着|催|你们?|您|客服)*$"
)
_NO_MATTER: Final = re.compile(
    r"[^。;!?]{0,10}?(?:算了|(?<![能可])不(?:那么)?(?:急|催|着急|赶)了?|(?:现在|后来)(?:又|也)?不用了?|没事了)(?=$|[,。;!~吧哈])"
)
_SENT_TODAY: Final = re.compile(r"今天|当天|今晚")
_NOBODY_TAKES_IT: Final = re.compile(
    r"[货件出]?(?:的话,?)?(?:(?!没)[^,。;!?发寄送]){0,6}?"
    r"(?:没人(?:在?家)?(?:收货?|签收|取|拿)?(?=$|[,。;!~])|不在家?(?=$|[,。;!~])|收不(?:到|了)|没[法空]收|不方便收|无法收)"
    r"(?!.{0,2}(?:也?没(?:事|关系)|也?(?:行|可以)|不要紧|[吗么?]|放|驿站|就))"
)


def outdone(words: str, found: Found, said: date) -> bool:
    """Whether `found` says only what happens on a day, and the message wants the parcel by then: 月底搬家要用, or
    后天要出差,明天务必送到."""
    if _SAYS_WHEN.search(words, found.start, found.end):
        return False
    if _NEEDED_THEN.match(words, found.end) or (_NO_DELAY.search(words) and _needed(words)):
        return True
    return any(_comes_first(sooner, named, found.wish.day) for sooner, named in _musts(words, said))


def pressed(words: str, found: Found, said: date) -> bool:
    """后天要出差,请务必送到: it must be there, on no day that is told."""
    if _SAYS_WHEN.search(words, found.start, found.end):
        return False
    return any(not sooner and named is None for sooner, named in _musts(words, said))


def over(words: str, urging: re.Match[str]) -> bool:
    """Whether that urging is none: 本来想催你的,算了, or 今天发的话没人收."""
    if _MEANT_TO.search(words, 0, urging.start()):
        return _NO_MATTER.match(words, urging.end()) is not None
    return _SENT_TODAY.match(urging[0]) is not None and _NOBODY_TAKES_IT.match(words, urging.end()) is not None


def _needed(words: str) -> bool:
    return any(not said_words.CALM.search(words, 0, one.start()) for one in _NEED.finditer(words))


def _musts(words: str, said: date) -> list[tuple[bool, date | None]]:
    """What must be there: whether it is said 前, and the day that is named with it."""
    return [_must(words, one, said) for one in _MUST_BE_THERE.finditer(words)]


def _must(words: str, must: re.Match[str], said: date) -> tuple[bool, date | None]:
    thought = _CUT.split(words[: must.start()])[-1] + must[0]
    named = [one.first for one in days_in(thought, said) if one.first is not None]
    return _SOONER.search(thought) is not None, named[-1] if named else None


def _comes_first(sooner: bool, named: date | None, day: date | None) -> bool:
    if named is None or day is None:
        return sooner or named is not None
    return named < day or (sooner and named == day)
