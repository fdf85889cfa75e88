"""阈值: the limits that hold; for supervisors also to set them, and to take that back."""

from __future__ import annotations

import re
from typing import Final

from handlers import permissions
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import duty
from handlers.kinds import kind_of, usual_minutes
from handlers.manners import mute
from handlers.permissions import Permit
from handlers.tuning import limits, promos, switches
from handlers.tuning.tuned import OFF, QUIET, STAGES, tuned
from handlers.views import TextView, View
from handlers.wording import moment

_HOW: Final = "请发：阈值 待审核 3h，或 阈值 地址模糊 认领 30"
_UNDO: Final = ("撤销", "恢复", "撤回")
_WHAT: Final = {"认领": "claim", "处理": "solve", "解决": "solve"}
_LENGTH: Final = re.compile(r"(\d{1,5}|半)\s*(天|个?小时|个?钟头?|h|分钟?|min|m|单|件|个)?(?:之?内)?", re.IGNORECASE)
_NIGHT: Final = re.compile(r"(\d{1,2})[:：](\d{2})\s*(?:-|–|—|~|到|至)\s*(\d{1,2})[:：](\d{2})")
_BETWEEN: Final = " ,，。:：=为改成设到"
_SHOWN: Final = 5
_SWITCHES: Final = {
    "只进日报": (QUIET, True), "进日报": (QUIET, True), "单独发": (QUIET, False), "单独提醒": (QUIET, False),
    "关闭": (OFF, True), "关": (OFF, True), "不提醒": (OFF, True), "打开": (OFF, False), "开": (OFF, False),
}  # fmt: skip
"""Behind the title of an alert → the tuning, and its value."""


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(" ,，。:：")
    if not rest:
        return TextView(shown(desk))
    permissions.check(desk, limits.SET, actor)
    if rest in _UNDO:
        return TextView(f"已撤销：{limits.undo(desk, actor).shown}")
    if (made := _switched(desk, rest, actor)) is not None:
        return TextView(f"{made.shown}，马上生效。要撤销请发：阈值 撤销")
    name, words = _named(rest)
    value, reason = _night(desk, words) if name == limits.NIGHT else _value(name, words)
    made = limits.put(desk, actor, name, value, reason=reason[:60])
    later = "；正在处理的事按原来的时限走" if ":" in name else ""
    return TextView(f"{made.shown}，马上生效{later}。要撤销请发：阈值 撤销")


def shown(desk: Desk) -> str:
    now = tuned(desk)
    lines = ["**现在的阈值**"]
    for title, name in {**limits.STAGES, **limits.OTHERS}.items():
        value = getattr(now.stale, name) if name in STAGES else limits.current(desk, name)
        lines.append(f"- {title}：{limits.shown(name, value)}")
    lines.append(f"- 免打扰：{duty.roster(desk).night.shown}")
    lines += [f"- {line}" for line in _kinds(desk)]
    for what, title in ((QUIET, "只进日报"), (OFF, "已关闭的提醒")):
        if there := switches.set_now(desk, what):
            lines.append(f"- {title}：{'、'.join(there)}")
    if running := promos.line(desk):
        lines.append(f"> {running}")
    lines += [f"> {line}" for line in _history(desk)]
    return "\n".join(lines)


def _kinds(desk: Desk) -> list[str]:
    """认领 / 处理 minutes of each kind; kinds that agree stand together."""
    now, alike = tuned(desk), dict[tuple[int, int], list[str]]()
    for slug in mute.KINDS:
        alike.setdefault(now.minutes(slug, usual_minutes(slug)), []).append(kind_of(slug).title)
    return [
        f"认领 {claim} 分、处理 {limits.shown('', solve)}：{'、'.join(titles)}"
        for (claim, solve), titles in sorted(alike.items())
    ]


def _history(desk: Desk) -> list[str]:
    lines = []
    for row in limits.newest(desk, _SHOWN):
        change = limits.Change(row.name, row.before, row.value).shown
        why = f"（{row.reason}）" if row.reason else ""
        undone = f"，已由{row.undone_by}撤销" if row.undone_by else ""
        lines.append(f"{moment(row.set_at)} {row.set_by}：{change}{why}{undone}")
    return lines


def _switched(desk: Desk, rest: str, actor: Actor) -> limits.Change | None:
    """地址模糊 只进日报, 待审核超时 关闭, 地址模糊 恢复: how a kind of alert is told at all; None for anything else.
    Raises Refusal."""
    found = switches.named(desk, rest)
    if found is None:
        return None
    about, words = found[0], found[1].removeprefix("提醒").strip(_BETWEEN)
    word, _, reason = words.partition(" ")
    if word == "恢复":
        word = "打开" if tuned(desk).is_off(about) else "单独发"
    if word not in _SWITCHES:
        return None
    what, value = _SWITCHES[word]
    return limits.put(desk, actor, f"{what}:{about}", value, reason=reason.strip(_BETWEEN)[:60])


def _named(rest: str) -> tuple[str, str]:
    """What is meant, and the rest. Raises Refusal naming what there is."""
    if rest.startswith("免打扰"):
        return limits.NIGHT, rest[3:].strip(_BETWEEN)
    for title, name in {**limits.STAGES, **limits.OTHERS}.items():
        if rest.startswith(title):
            return name, rest[len(title) :].strip(_BETWEEN)
    found = mute.kind_titled(rest)
    if found is None:
        known = "、".join((*limits.STAGES, *limits.OTHERS, "免打扰"))
        raise Refusal(f"没有「{rest[:12]}」这个阈值，可以是：{known}，或异常类型加 认领/处理。{_HOW}")
    kind, words = found
    for word, what in _WHAT.items():
        if words.startswith(word):
            return f"{what}:{kind}", words[len(word) :].strip(_BETWEEN)
    raise Refusal(f"要改「{kind_of(kind).title}」的认领还是处理时间？请发：阈值 {kind_of(kind).title} 认领 30")


def _value(name: str, words: str) -> tuple[int, str]:
    """In minutes or as a count, and the reason that stands behind it. Raises Refusal."""
    found = _LENGTH.match(words)
    if found is None:
        raise Refusal(f"「{words[:20]}」看不懂，请写 3h、90分钟 或数字。{_HOW}" if words else f"改成多少？{_HOW}")
    unit = (found[2] or "").lower()
    if found[1] == "半":
        if not unit.endswith(("小时", "钟", "钟头", "h")):
            raise Refusal(f"「{words[:20]}」看不懂，请写 3h、90分钟 或数字。{_HOW}")
        return 30, words[found.end() :].strip(_BETWEEN)
    number = int(found[1])
    if name in limits.COUNTS:
        if unit not in ("", "单", "件", "个"):
            title, counted = limits.title_of(name), limits.COUNTS[name]
            raise Refusal(f"{title}请写几{counted}，例如：阈值 {title} {limits.shown(name, 6).split()[0]}")
        return number, words[found.end() :].strip(_BETWEEN)
    if unit in ("单", "件", "个"):
        raise Refusal(f"{limits.title_of(name)}是时间，请写 3h、90分钟 或几分钟。{_HOW}")
    times = 24 * 60 if unit == "天" else 60 if unit.endswith(("小时", "钟", "钟头", "h")) and "分" not in unit else 1
    return number * times, words[found.end() :].strip(_BETWEEN)


def _night(desk: Desk, words: str) -> tuple[list[int], str]:
    """22:00-08:00; it is told an hour after its end. Raises Refusal."""
    if words in ("关", "不设", "取消"):
        return [0, 0, duty.roster(desk).night.release], ""
    found = _NIGHT.match(words)
    if found is None or int(found[1]) > 23 or int(found[3]) > 23 or int(found[2]) > 59 or int(found[4]) > 59:
        raise Refusal("请发：阈值 免打扰 22:00-08:00，不要免打扰就发：阈值 免打扰 关")
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if start == end:
        raise Refusal("开始和结束一样，不要免打扰请发：阈值 免打扰 关")
    return [start, end, (end + 60) % (24 * 60)], words[found.end() :].strip(_BETWEEN)


COMMAND = Command(
    ("阈值", "时限设置", "时限"),
    "阈值 [哪一项 多少]",
    "看现在的停留、认领、处理时限；主管可以改，例如：阈值 待审核 3h",
    run,
    Permit("阈值"),
    group=Group.STEER,
    example="阈值 待审核 3h",
    brief="各种时限",
    more=(
        "停留时限：阈值 待审核 3h、阈值 待配货 90分钟；升级主管、合并数量、合并时间、上限（每人最多派几件）也能改",
        "某类异常：阈值 地址模糊 认领 30、阈值 缺货 处理 6h；已经在处理的事不变",
        "阈值 免打扰 22:00-08:00 改公司的免打扰时间",
        "某类提醒：阈值 地址模糊 只进日报、阈值 待审核超时 关闭；改回来：阈值 待审核超时 恢复",
        "后面可以写原因；每次改动都有记录，阈值 撤销 取消最近一次",
    ),
    changes=limits.SET,
    looking=Looking("阈值", "看现在的停留、认领、处理时限", "阈值"),
)
