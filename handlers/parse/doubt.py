"""Words behind a wish that ask about it, take it back, or name other orders than were read: a change is not made on
them."""

from __future__ import annotations

import re
from typing import Final

from handlers.parse.naming import reference, references
from handlers.parse.plain import BETWEEN, normal

_ASKS: Final = re.compile(
    r"(?:[了过好完]*(?:吗|么|没有?|\?)|得?不(?:了|成|行|到|掉|要|用|能|可以)?|先?别|先不|算了|等等|等一下|还没)(?=$|[\s,.。、;?!])"
)
# Behind a first order or a range: JD-20251221-018 到 JD-20251222-003, TB 001 到 JD 003, 020-001.
_TO: Final = re.compile(r"(?:-+|–+|—+|~|到|至)\s*(?:[A-Za-z]{2,5}[ \-_]*\d|20\d{6}(?!\d)|\d{3,6}(?![\d元块年月号]))")
_EXCEPT: Final = re.compile(r"(?:但是?|就)?(?:除了|除去|除开|除|不含|不包括|不包含|排除|去掉|跳过)[\s:]*")
_BUT: Final = re.compile(r"的?(?:以外|之外)")

ASKS: Final = "「{words}」像是在问，或者不想做，所以没有动。确定要做，请去掉它再发一次"
ACROSS: Final = "范围请从小的写到大的，而且只在同一家店、同一天里，例如：JD 001-020。跨天或跨店请分几次发"
BUT: Final = "看不懂「{words}」，所以没有动：不能写除了哪些，请直接写要办的编号，例如：JD 001-004、006-020"


def asks(words: str) -> bool:
    """Whether `words`, which stand behind a verb, ask or say no: 完成吗, 完成不了."""
    return _ASKS.match(words.strip(BETWEEN)) is not None


def misread(rest: str, *, orders: bool) -> str:
    """What to say to a change that must not be made on what stands behind its name, "" where nothing speaks against
    it. `orders`: it is about those that are named at the beginning."""
    named, words = references(normal(rest), many=True) if orders else ([], rest)
    words = words.strip(BETWEEN)
    shown = words[:20]
    if asks(words):
        return ASKS.format(words=shown)
    if not named:
        return ""
    if _TO.match(words):
        return ACROSS
    left_out = _EXCEPT.match(words)
    behind = reference(words[left_out.end() :]) if left_out is not None else None
    if _BUT.match(words) or (behind is not None and behind[0].kind != "name"):
        return BUT.format(words=shown)
    return ""
