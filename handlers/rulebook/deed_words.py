"""What a rule shall do, as people write it among its settings: 动作 标记 大额, or 标记 大额 alone where nothing else is
called so. What is wrong is told at its place, as of a condition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from handlers.desk import Refusal
from handlers.parse import as_typed, normal
from handlers.rulebook import deeds
from handlers.rulebook.deeds import Wrong
from rules.language import ConditionError

_COMPARED: Final = r"\s*(?:[=!<>≥≤≠]|(?:是|不是|不?等于|不?包含|不?含|不?属于|不?在)[\s'\"“‘「\[【])"
_JOINED: Final = r"\s*(?:且|或|并且|或者|and |or )"
_NAMED: Final = re.compile(rf"动作(?!{_COMPARED})(?!{_JOINED})[\s:：=,，]*(.*)", re.DOTALL)
# Of a day nothing need stand between: 延到12-25, 暂缓到下周三. 备注 and 锁单 alone are settings of the rule itself.
_ALONE: Final = re.compile(
    rf"(?!备注|锁单|锁定)(?P<word>{'|'.join(re.escape(word) for word in deeds.words())})"
    rf"(?!{_COMPARED})(?!{_JOINED})(?=[\s:：=,，]|$|客服|仓库|采购|主管|(?<=到)[\d下本这明后周星])[\s:：=,，]*(?P<rest>.*)",
    re.DOTALL,
)
_NONE: Final = ("无", "没有", "取消", "清空", "不要")


def read(part: str, today: date) -> dict[str, Any] | None:
    """Fields of store.Wish, `actions` with the one action that was written, () for none at all; None where the part
    names no action. Raises Refusal."""
    words = normal(part)
    named = _NAMED.fullmatch(words)
    if named is None:
        alone = _ALONE.fullmatch(words)
        return _read(part, alone["word"], alone["rest"], today) if alone is not None else None
    if named[1].strip() in _NONE:
        return {"actions": ()}
    begun = deeds.begun(named[1])
    if begun is None:
        hint = f"可以是：{'、'.join(deeds.titles())}"
        raise refusal(part, named[1].strip() or "动作", Wrong("没有这个动作", hint))
    return _read(part, named[1].removesuffix(begun[1]), begun[1], today)


def added(found: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both together; the same action twice is one."""
    if "actions" not in more:
        return {**found, **more}
    before: tuple[Any, ...] = found.get("actions", ())
    new = tuple(one for one in more["actions"] if one not in before)
    return {**found, **more, "actions": (*before, *new)}


def refusal(part: str, place: str, wrong: Wrong) -> Refusal:
    """`place`: what is wrong within the part."""
    at = max(part.rfind(place), 0)
    error = ConditionError(wrong.message, part, at, len(place), hint=wrong.hint)
    return Refusal(f"动作有问题，没有保存。\n{error.shown}")


def _read(part: str, word: str, rest: str, today: date) -> dict[str, Any]:
    slug, _ = deeds.begun(word) or ("", "")
    written = as_typed(part, rest.strip())
    try:
        made = deeds.read(slug, written if slug == "note" else rest, today)
    except Wrong as wrong:
        raise refusal(part, written.strip() or word.strip(), wrong) from None
    return made if deeds.DEEDS[slug].setting else {"actions": (made,)}
