"""A rule as it is shown, and the list of all."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers import mask
from handlers.buttons import Choice, Offer
from handlers.desk import Actor, Desk
from handlers.rulebook import deeds, store, wording
from handlers.rulebook.store import Version, Wish
from handlers.rulebook.view import RuleView
from handlers.wording import day_of, moment
from models import Role
from models.people import ROLE_TITLES

WEEK: Final = timedelta(days=7)
ROLE: Final = "role"
"""The key of the drop-down on a draft's card."""
_VERSIONS: Final = 5
_LISTED: Final = 30
_BUTTONS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "draft": (("启用", "rule_on", "main"), ("影子", "rule_shadow", "plain"), ("预演", "rule_try", "plain"),
              ("取消", "rule_drop", "danger")),
    "on": (("预演", "rule_try", "plain"), ("影子", "rule_shadow", "plain"), ("停用", "rule_off", "danger")),
    "shadow": (("启用", "rule_on", "main"), ("预演", "rule_try", "plain"), ("停用", "rule_off", "danger")),
    "off": (("启用", "rule_on", "main"), ("影子", "rule_shadow", "plain"), ("预演", "rule_try", "plain")),
}  # fmt: skip
_LINE: Final = 46


def show(desk: Desk, rule_id: int, actor: Actor | None, *, note: str = "") -> RuleView:
    """Raises Refusal when there is no such rule."""
    now = store.newest(desk, rule_id)
    over = _over(desk, now)
    may = actor is None or actor.may(Role.SUPERVISOR)
    offers = tuple(
        Offer(words, action, f"rule:{rule_id}", now.revision, style=style)
        for words, action, style in _BUTTONS.get(now.wish.state, ())
    )  # fmt: skip
    return RuleView(
        rule_id=rule_id,
        revision=now.revision,
        title=now.wish.title,
        condition=mask.phones(now.wish.condition),
        state=wording.standing(now.wish, desk.now),
        judges=now.wish.state in store.LIVE,
        whose=whose(now.wish),
        limits="" if now.wish.quiet else limits(now.wish),
        hits=_hits(desk, now),
        period=wording.period(now.wish.valid_from, now.wish.valid_to, day_of(desk.now)),
        owner=now.wish.owner,
        said=mask.phones(now.wish.note),
        versions=tuple(_version(one) for one in store.versions(desk, rule_id)[:_VERSIONS]),
        over=over,
        expires_at=now.expires_at,
        at=desk.now,
        note=note,
        offers=offers if may and not over else (),
        choice=_whose(now) if may and not over and now.wish.state == "draft" and not now.wish.quiet else None,
        does=mask.phones("、".join(deeds.said(one) for one in now.wish.actions)),
    )


def listed(desk: Desk) -> str:
    """All rules, a line each."""
    found = store.everything(desk)
    if not found:
        how = "要加一条请发：规则 新增 金额 > 1000 且 省 属于 ['新疆', '西藏']"
        return f"还没有自己的规则。{how}\n能用的字段请发：规则 字段"
    hits = store.hits(desk, [one.rule_id for one in found], desk.now - WEEK)
    lines = [_line(desk, one, hits[one.rule_id]) for one in found[:_LISTED]]
    more = [f"…共 {len(found)} 条"] if len(found) > _LISTED else []
    return "\n".join(
        ["**规则**（后面是近 7 天的命中）", *lines, *more, "> 发「规则 3」看一条；能用的字段请发：规则 字段"]
    )


def _whose(now: Version) -> Choice:
    options = tuple((str(role), title) for role, title in ROLE_TITLES.items())
    return Choice(ROLE, "归谁", options, now.wish.role)


def _over(desk: Desk, now: Version) -> str:
    if now.wish.state == "dropped":
        return "已取消"
    expired = now.expires_at is not None and now.expires_at <= desk.now
    return "草稿已过期" if expired else ""


def _hits(desk: Desk, now: Version) -> str:
    opened, shadowed = store.hits(desk, [now.rule_id], desk.now - WEEK).get(now.rule_id, (0, 0))
    return counted(opened, shadowed)


def limits(wish: Wish) -> str:
    return f"{wording.minutes(wish.claim_minutes)}认领，{wording.minutes(wish.solve_minutes)}处理"


def whose(wish: Wish) -> str:
    return "不开异常" if wish.quiet else f"{wish.role_title} · {wish.severity} · {'锁单' if wish.blocks else '不锁单'}"


def counted(opened: int, shadowed: int) -> str:
    """Hits in words."""
    return f"{opened} 件" + (f"，影子 {shadowed} 单" if shadowed else "")


def _line(desk: Desk, one: Version, hits: tuple[int, int]) -> str:
    words = mask.phones(" ".join(one.wish.condition.split()))
    words = words if len(words) <= _LINE else f"{words[: _LINE - 1]}…"
    title = "" if one.wish.title == one.code else f"{one.wish.title} "
    return f"- **{one.rule_id}** {title}[{wording.standing(one.wish, desk.now)}] {counted(*hits)}：{words}"


def _version(one: Version) -> str:
    return f"第 {one.number} 版 {moment(one.made_at)} {one.made_by}：{mask.phones(one.change)}"
