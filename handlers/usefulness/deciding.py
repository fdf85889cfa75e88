"""One press accepts a way that was proposed, as a tuning like any other; another press takes it back within a minute,
and 阈值 at any time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.permissions import Permit
from handlers.tuning import limits, switches
from handlers.usefulness.proposals import LIMIT, OFF, QUIET
from handlers.usefulness.wording import title_of

UNDO: Final = timedelta(seconds=60)
KEEP: Final = "keep"
_WAYS: Final = (LIMIT, QUIET, OFF)


def _permit(title: str) -> Permit:
    """To accept a proposal is to set what it proposes: whoever may do the one may do the other."""
    return Permit(title, limits.SET.roles)


ASK: Final = _permit("提醒建议")
PERMITS: Final = {
    LIMIT: _permit("改时限"), QUIET: _permit("只进日报"), OFF: _permit("关闭提醒"), KEEP: _permit("保持不变"),
}  # fmt: skip
"""By the way that is decided for: a refusal speaks of what was pressed."""
TAKE_BACK: Final = _permit("撤销建议")

_READ: Final = """
    SELECT id, about, counted, state, way, tuning_id, decided_at, decided_by, revision FROM advices WHERE id = :id
"""
_ONE: Final = text(_READ)
_LOCKED: Final = text(f"{_READ} FOR UPDATE")
_DECIDE: Final = text("""
    UPDATE advices SET state = :state, way = :way, tuning_id = :tuning_id, decided_at = :now, decided_by = :by,
        revision = revision + 1
    WHERE id = :id
""")
_AGAIN: Final = text("""
    UPDATE advices SET state = 'open', way = '', tuning_id = NULL, decided_at = NULL, decided_by = '',
        revision = revision + 1
    WHERE id = :id
""")


def read(desk: Desk, advice_id: int) -> Row[Any]:
    """Raises Refusal when there is none."""
    return _found(desk.session.execute(_ONE, {"id": advice_id}).one_or_none())


def accept(desk: Desk, actor: Actor, advice_id: int, way: str) -> None:
    """Raises Late where it was decided, Refusal for a way that was not proposed, or that may not be."""
    advice = _open(desk, advice_id)
    wish = advice.counted["ways"].get(way) if way in _WAYS else None
    if wish is None:
        raise Refusal(_no_such(advice, way))
    if limits.current(desk, wish["name"]) != wish["before"]:
        raise Refusal(f"{limits.title_of(wish['name'])}之后改过了，这条建议不再合适；要改请发「阈值」")
    limits.put(desk, actor, wish["name"], wish["value"], reason=f"建议{advice_id}")
    made = {"tuning_id": limits.newest_of(desk, wish["name"])}
    _decide(desk, actor, advice, {"state": "accepted", "way": way, **made})


def keep(desk: Desk, actor: Actor, advice_id: int) -> None:
    """As it is: it is not proposed again for four weeks. Raises Late where it was decided."""
    advice = _open(desk, advice_id)
    _decide(desk, actor, advice, {"state": "kept", "way": KEEP, "tuning_id": None})
    said = {title_of(desk, advice.about): "保持不变"}
    trail.write(desk, f"advice:{advice_id}", actor, action="提醒建议", detail=said)


def take_back(desk: Desk, actor: Actor, advice_id: int) -> None:
    """As if nobody had decided. Raises Late where nobody has, Refusal after a minute."""
    advice = _found(desk.session.execute(_LOCKED, {"id": advice_id}).one_or_none())
    if advice.state == "open":
        raise Late("还没有决定，不用撤销")
    if desk.now - advice.decided_at > UNDO:
        raise Refusal("已超过 60 秒，不能撤销。要改回请发「阈值」看现在的设置，再改")
    if advice.tuning_id is not None:
        limits.undo(desk, actor, advice.tuning_id)
    else:
        said = {title_of(desk, advice.about): "撤销"}
        trail.write(desk, f"advice:{advice_id}", actor, action="提醒建议", detail=said)
    desk.session.execute(_AGAIN, {"id": advice_id})


def _open(desk: Desk, advice_id: int) -> Row[Any]:
    advice = _found(desk.session.execute(_LOCKED, {"id": advice_id}).one_or_none())
    if advice.state != "open":
        raise Late(f"{advice.decided_by}已经决定了")
    return advice


def _no_such(advice: Row[Any], way: str) -> str:
    """Why it was not proposed, where that says what to do instead."""
    why = switches.why_not_off(advice.about) if way == OFF else ""
    return why or f"建议{advice.id}没有这个选项，请看卡片上的按钮"


def _decide(desk: Desk, actor: Actor, advice: Row[Any], values: dict[str, Any]) -> None:
    desk.session.execute(_DECIDE, {"id": advice.id, "now": desk.now, "by": actor.name, **values})


def _found(advice: Row[Any] | None) -> Row[Any]:
    if advice is None:
        raise Refusal("没有这条建议，发「建议」看全部")
    return advice
