"""A proposal as it is shown, and the list of those that wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.buttons import Offer
from handlers.desk import Actor, Desk
from handlers.tuning import limits
from handlers.usefulness import deciding
from handlers.usefulness.proposals import LIMIT, OFF, QUIET
from handlers.usefulness.view import AdviceView
from handlers.usefulness.wording import how_to_stop, title_of
from handlers.wording import moment
from models import Role

ACTIONS: Final = {LIMIT: "advice_limit", QUIET: "advice_quiet", OFF: "advice_off"}
_LASTS: Final = timedelta(days=28)

_OPEN: Final = text("""
    SELECT id, about, counted FROM advices WHERE state = 'open' AND made_at > :since ORDER BY id DESC LIMIT 10
""")


def show(desk: Desk, advice_id: int, actor: Actor | None, *, note: str = "") -> AdviceView:
    """Raises Refusal when there is no such proposal."""
    advice = deciding.read(desk, advice_id)
    counted: Mapping[str, Any] = advice.counted
    may = actor is None or actor.may(Role.SUPERVISOR)
    share = counted["wrong"] / counted["alerts"]
    return AdviceView(
        advice_id=advice_id,
        revision=advice.revision,
        title=title_of(desk, advice.about),
        alerts=counted["alerts"],
        days=counted["days"],
        said=f"误报 {counted['wrong']} 件（{share:.0%}），有用 {counted['useful']} 件，有人处理 {counted['acted']} 件",
        lines=(*(_line(way, run) for way, run in ways_of(counted)), *_stop(advice)),
        over=_over(advice),
        at=desk.now,
        note=note,
        offers=_offers(desk, advice) if may else (),
    )


def listed(desk: Desk) -> str:
    """Those that wait for a decision, a line each."""
    found = desk.session.execute(_OPEN, {"since": desk.now - _LASTS}).all()
    if not found:
        return "没有等您决定的建议。每周一会看近 4 周哪类提醒误报多、没人处理"
    lines = [f"- 建议{row.id} {_waiting(desk, row)}" for row in found]
    return "\n".join(["**等您决定的建议**", *lines, f"> 发「建议{found[0].id}」看详情和按钮"])


def _waiting(desk: Desk, row: Row[Any]) -> str:
    """待审核超时：10 件，误报 6 件，可选 改为 3h、只进日报、关闭."""
    counted = row.counted
    chosen = "、".join(words_of(way, run) for way, run in ways_of(counted))
    how = how_to_stop(row.about)
    stop = f"，或发「{how}」停用" if how else ""
    return f"{title_of(desk, row.about)}：{counted['alerts']} 件，误报 {counted['wrong']} 件，可选 {chosen}{stop}"


def ways_of(counted: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """What was proposed, the mildest first: the database keeps no order."""
    return [(way, counted["ways"][way]) for way in ACTIONS if way in counted["ways"]]


def words_of(way: str, run: Mapping[str, Any]) -> str:
    """As the button says it: 改为 3h."""
    if way == LIMIT:
        hours, minutes = divmod(int(run["value"]), 60)
        return f"改为 {hours}h" if not minutes else f"改为 {hours * 60 + minutes}分钟"
    return {QUIET: "只进日报", OFF: "关闭"}[way]


def _line(way: str, run: Mapping[str, Any]) -> str:
    """What the last weeks would have been like."""
    words = f"{words_of(way, run)}：{run['now']} 次单独提醒 → {run['then']} 次"
    if way == QUIET:
        return f"{words}，其余在 09:00、14:00 的汇总里"
    return f"{words}，不再开这类异常" if way == OFF else words


def _stop(advice: Row[Any]) -> tuple[str, ...]:
    how = how_to_stop(advice.about)
    return (f"要停用这条规则请发：{how}",) if how and advice.state == "open" else ()


def _over(advice: Row[Any]) -> str:
    if advice.state == "open":
        return ""
    when = moment(advice.decided_at)
    if advice.way == deciding.KEEP:
        return f"{advice.decided_by}已决定保持不变 {when}"
    run = advice.counted["ways"][advice.way]
    before, after = (limits.shown(run["name"], value) for value in (run["before"], run["value"]))
    return f"{advice.decided_by}已改：{before} → {after} {when}"


def _offers(desk: Desk, advice: Row[Any]) -> tuple[Offer, ...]:
    subject, seen = f"advice:{advice.id}", advice.revision
    if advice.state != "open":
        young = desk.now - advice.decided_at <= deciding.UNDO
        return (Offer("撤销", "advice_undo", subject, seen),) if young else ()
    return (
        *(Offer(words_of(way, run), ACTIONS[way], subject, seen, style="danger" if way == OFF else "plain")
          for way, run in ways_of(advice.counted)),
        Offer("保持", "advice_keep", subject, seen),
    )  # fmt: skip
