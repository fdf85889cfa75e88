"""What becomes of wrong, missing, short or damaged goods: sent once more, refunded, or found to be fine; and where it
went wrong, which is counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text

from handlers import cases
from handlers.caselife.changing import Change, Matter, change, check_mine
from handlers.desk import Actor, Desk, Refusal
from handlers.mishaps.registering import KIND
from handlers.related import mended_goods, mending
from handlers.views import View
from models.case import short_code
from models.case_life import Turn
from models.draft import DraftLine
from texts.goods import COUNT, UNITS, count_of
from texts.mishaps import CAUSES, TITLES, cause

CAUSE: Final = "cause"
_NOT_SO: Final = "不成立"
_LONGEST: Final = 60
_KIND: Final = text("SELECT kind FROM cases WHERE id = :id")
_PIECES: Final = re.compile(rf"{COUNT} *(?:{UNITS})?")


def reship(desk: Desk, case_id: int, actor: Actor, said: str) -> View:
    """A draft of what is sent once more; the matter is over when that order stands. Raises Refusal."""
    matter = taken_up(desk, case_id, actor)
    found = _keep_cause(desk, matter, actor, said)
    assert matter.order is not None  # taken_up sees to it
    if matter.case.state == "open":
        cases.claim(desk, case_id, actor)
    had = mended_goods.lines_of(desk, matter.order.id)
    goods = _goods(had, str(matter.case.evidence.get("words", "")))
    why = f"{TITLES[matter.case.evidence['what']]} {found}"
    return mending.begin(desk, f"{matter.order.tag} {goods} {why}", actor, "reship")


def refund(desk: Desk, case_id: int, actor: Actor, said: str) -> str:
    """The money goes back on the platform, by a person's hand. Raises Refusal."""
    matter = taken_up(desk, case_id, actor)
    found = _keep_cause(desk, matter, actor, said)
    assert matter.order is not None  # taken_up sees to it
    cases.solve(desk, case_id, actor, f"退款，原因：{found}")
    return f"请在平台后台同意 {matter.order.tag} 的退款；这里记为{found}"


def unfounded(desk: Desk, case_id: int, actor: Actor, why: str) -> None:
    """Nothing was wrong: the customer is answered where they complained, and no cause is counted. Raises Refusal."""
    taken_up(desk, case_id, actor)
    if not why:
        raise Refusal(f"为什么不成立？请发：{short_code(case_id)} 不成立 原因，例如：照片里两件都在")
    cases.dismiss(desk, case_id, actor, f"{_NOT_SO}：{why[:_LONGEST]}")


def name_cause(desk: Desk, case_id: int, actor: Actor, said: str) -> str:
    """Where it went wrong, while nobody has settled it. Raises Refusal."""
    return _keep_cause(desk, taken_up(desk, case_id, actor), actor, said)


def is_one(desk: Desk, case_id: int) -> bool:
    """Whether a case is about wrong, missing, short or damaged goods."""
    return desk.session.execute(_KIND, {"id": case_id}).scalar_one_or_none() == KIND


def taken_up(desk: Desk, case_id: int, actor: Actor) -> Matter:
    """Raises Refusal for a matter of another kind, Late for one that is over."""
    matter = cases.take_up(desk, case_id, cases.SOLVE, actor)
    if matter.case.kind != KIND or matter.order is None:
        raise Refusal("只有错发、漏发、少件、破损的事可以这样处理")
    check_mine(matter, actor)
    return matter


def _keep_cause(desk: Desk, matter: Matter, actor: Actor, said: str) -> str:
    """The cause that is said now, or was before. Raises Refusal where nobody has said any."""
    known, found = str(matter.case.evidence.get(CAUSE, "")), cause(said)
    if not (found or known):
        code = short_code(matter.case.id)
        raise Refusal(f"问题出在哪里？请先选原因，或者发：{code} 补发 漏拣。可以是：{'、'.join(CAUSES)}")
    if found and found != known:
        evidence: dict[str, Any] = {**matter.case.evidence, CAUSE: found}
        change(desk, matter, actor, Change(Turn.NOTE, "原因", found, {"evidence": evidence}))
    return found or known


def _goods(had: Sequence[DraftLine], words: str) -> str:
    """Of the order's lines those that `words` name by code, option or title, else the only one; as 补发 reads them. ""
    where it cannot be told: then all is proposed, and a person changes it."""
    named = [line for line in had if any(part and part in words for part in (line.sku, line.spec, line.title))]
    found = named or (list(had) if len(had) == 1 else [])
    return " ".join(f"{line.sku} {_pieces(line, words)}" for line in found if line.sku)


def _pieces(line: DraftLine, words: str) -> int:
    """As many as are said, never more than there were."""
    for part in (line.sku, line.spec, line.title):
        words = words.replace(part, " ") if part else words
    counted = _PIECES.search(words)
    said = count_of(counted[1]) if counted is not None else 1
    return min(max(said, 1), line.quantity)
