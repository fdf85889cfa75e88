"""`周报`, manner 15: how much the hub disturbed people in a week, and how well they could answer. Every number is
counted from rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people
from handlers.desk import Desk
from handlers.kinds import OTHERS
from handlers.mishaps import counts as mishaps
from handlers.usefulness import counts, proposals
from handlers.wording import day_of
from models import Role, Urgency
from models.beijing import day_start

AIM: Final = 20
"""Alerts for one person on one day, at most."""
_TOLD_AT: Final = timedelta(hours=9, minutes=30)
_WEEK: Final = timedelta(days=7)
_KEY: Final = "weekly:"
_OF_OURS: Final = (Urgency.ALERT, Urgency.CARD, Urgency.DIGEST)
_GROUPS: Final = {"group": "群", "group_dingtalk": "钉钉群"}

# What the hub told of its own accord; neither answers nor changes of cards.
_ALERTS: Final = text("""
    SELECT n.channel, n.recipient, coalesce(s.name, '') AS name, (n.sent_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
        count(*) AS sent
    FROM notifications n LEFT JOIN staff s ON n.channel = 'staff' AND s.id::text = n.recipient
    WHERE n.sent_at >= :from_at AND n.sent_at < :to_at AND n.state IN ('sent', 'delivered')
        AND n.channel <> 'customer' AND n.purpose IN ('card', 'text') AND n.urgency = ANY(:alerts)
    GROUP BY 1, 2, 3, 4
""")
_SPARED: Final = text("""
    SELECT count(*) FILTER (WHERE state = 'merged') AS merged,
        count(*) FILTER (WHERE state = 'dropped' AND problem IN ('发出前已处理完', '发出前已有人认领')) AS healed,
        count(*) FILTER (WHERE state = 'dropped' AND problem LIKE '已静音%') AS muted,
        count(*) FILTER (WHERE state = 'dropped' AND problem LIKE '消息太多%') AS crowded,
        count(*) FILTER (WHERE state = 'failed') AS failed
    FROM notifications WHERE created_at >= :from_at AND created_at < :to_at AND channel <> 'customer'
        AND purpose IN ('card', 'text') AND urgency = ANY(:alerts)
""")
# Of what people were told; the members of a group matter are told by it alone.
_CASES: Final = text(f"""
    SELECT count(*) AS opened,
        count(*) FILTER (WHERE taken_at IS NULL AND state IN ('open', 'claimed')) AS unclaimed,
        count(*) FILTER (WHERE state = 'dismissed' OR {counts.FALSE_ALARM}) AS useless,
        count(*) FILTER (WHERE {counts.FALSE_ALARM}) AS wrong,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY taken_at - opened_at) AS middle,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY taken_at - opened_at) AS p90
    FROM (
        SELECT state, solution, opened_at,
            coalesce(claimed_at, CASE WHEN solved_by IS NOT NULL THEN solved_at END) AS taken_at
        FROM cases WHERE opened_at >= :from_at AND opened_at < :to_at AND NOT evidence ? 'group'
            AND NOT kind = ANY(:silent)
    ) c
""")
_TOLD: Final = text("SELECT true FROM notifications WHERE dedupe_key = :key")


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody, or a group: how many alerts in all, and on the worst day."""

    name: str
    sent: int
    most: int


@dataclass(frozen=True, slots=True)
class Week:
    """`days`: how many of it are counted, the running one as a whole. `spared`: merged, healed, muted, crowded out and
    failed messages. `middle`, `p90`: from a case's opening until somebody took it, None where nobody took any."""

    first: date
    last: date
    days: int
    people: tuple[Listener, ...]
    groups: tuple[Listener, ...]
    merged: int
    healed: int
    muted: int
    crowded: int
    failed: int
    opened: int
    unclaimed: int
    useless: int
    wrong: int
    middle: timedelta | None
    p90: timedelta | None

    @property
    def alerts(self) -> int:
        return sum(one.sent for one in (*self.people, *self.groups))


def week(desk: Desk, first: date, last: date) -> Week:
    """From the beginning of one day to the end of another."""
    span = {
        "from_at": day_start(first), "to_at": day_start(last + timedelta(days=1)), "alerts": list(map(int, _OF_OURS)),
        "silent": [slug for slug in OTHERS if not OTHERS[slug].tells],
    }  # fmt: skip
    told = desk.session.execute(_ALERTS, span).all()
    spared = desk.session.execute(_SPARED, span).one()
    found = desk.session.execute(_CASES, span).one()
    return Week(
        first, last, (last - first).days + 1, _listeners(told, staff=True), _listeners(told, staff=False),
        spared.merged, spared.healed, spared.muted, spared.crowded, spared.failed,
        found.opened, found.unclaimed, found.useless, found.wrong, found.middle, found.p90,
    )  # fmt: skip


def _listeners(told: Sequence[Row[Any]], *, staff: bool) -> tuple[Listener, ...]:
    days: dict[str, list[int]] = defaultdict(list)
    for row in told:
        if (row.channel == "staff") is staff:
            days[row.name if staff else _GROUPS.get(row.channel, row.channel)].append(row.sent)
    found = [Listener(name, sum(counts), max(counts)) for name, counts in days.items()]
    return tuple(sorted(found, key=lambda one: (-one.sent, one.name)))


def words(found: Week) -> str:
    """As the card says it, lines of markdown."""
    lines = [f"**周报 {found.first:%m-%d} 至 {found.last:%m-%d}：提醒得怎么样**"]
    lines.append(f"每人每天的提醒（目标不超过 {AIM} 条）：" + ("" if found.people else "没有发过"))
    lines += [f"- {_person(one, found.days)}" for one in found.people]
    lines += [f"- {one.name}：{one.sent} 条，最多一天 {one.most} 条" for one in found.groups]
    lines.append(f"认领用时：一半在 {span(found.middle)}内，九成在 {span(found.p90)}内" if found.middle is not None and
                 found.p90 is not None else "认领用时：没有人认领过")  # fmt: skip
    lines.append(_cases(found))
    lines.append(
        f"没有打扰：合并 {found.merged} 条，发出前已处理完 {found.healed} 条，被静音 {found.muted} 条；"
        f"因消息太多没发 {found.crowded} 条，没有送达 {found.failed} 条"
    )
    return "\n".join(lines)


def told(desk: Desk, found: Week) -> str:
    """The same with what people said of the alerts."""
    begins, ends = day_start(found.first), day_start(found.last + timedelta(days=1))
    parts = (words(found), counts.line(desk, begins, ends), mishaps.line(desk, begins, ends))
    return "\n".join(part for part in parts if part)


def _person(one: Listener, days: int) -> str:
    average = one.sent / days
    over = "，偏多，可以调「阈值」或「静音」" if average > AIM else ""
    return f"{one.name}：平均 {average:.1f} 条，最多一天 {one.most} 条{over}"


def _cases(found: Week) -> str:
    if not found.opened:
        return "这周没有需要人处理的事"
    share = found.useless / found.opened
    return (
        f"{found.opened} 件事：标为没用 {found.useless} 件（{share:.0%}，其中误报 {found.wrong} 件），"
        f"至今没人认领 {found.unclaimed} 件"
    )


def span(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    if minutes < 60:
        return f"{max(minutes, 1)} 分钟"
    return f"{minutes / 60:.1f} 小时"


def look(desk: Desk) -> None:
    """On Monday from 09:30 on, and later where the hub was down: once to each supervisor."""
    monday = day_of(desk.now) - timedelta(days=day_of(desk.now).weekday())
    if desk.now < day_start(monday) + _TOLD_AT:
        return
    supervisors = people.with_role(people.staff(desk), Role.SUPERVISOR)
    keys = {person.id: f"{_KEY}{monday:%Y%m%d}:staff:{person.id}" for person in supervisors}
    untold = [one for one in keys if desk.session.execute(_TOLD, {"key": keys[one]}).first() is None]
    if not untold or not (said := _said(desk, monday)):
        return
    for one in untold:
        body = {"text": said}
        owe.owe(desk, [owe.Owed(keys[one], "staff", "text", "weekly", str(one), body, Urgency.CARD)])
    if len(untold) == len(keys):  # who became supervisor in the middle of the week hears of the next ones
        proposals.propose(desk, monday, untold)


def _said(desk: Desk, monday: date) -> str:
    """ "" for a week in which there was nothing, as before the hub's first day."""
    first, last = monday - _WEEK, monday - timedelta(days=1)
    found = week(desk, first, last)
    return told(desk, found) if found.alerts or found.opened else ""
