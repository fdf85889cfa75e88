"""`日报`: what came, what left, what went wrong and who did what on one Beijing day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.mishaps import counts as mishaps
from handlers.reports import waiting
from handlers.reports.lately import beyond, first_id
from handlers.reports.view import DailyView, PersonDay
from handlers.rulebook.book import title_of
from handlers.wording import day_of
from models.beijing import day_start
from models.stages import TITLES, Stage

_HANDLED: Final = "处理异常"
_SAID: Final = {"处理完成": _HANDLED, "忽略": _HANDLED, "确认下单": "下单"}
_SHOWN: Final = ("审核", "配货", "发货", _HANDLED, "认领", "下单", "备注", "盘点")
_OTHER: Final = "其他"

_NEW: Final = text("SELECT prefix, last FROM tag_counters WHERE day = :day")
_SHOPS: Final = text("SELECT id, prefix, name FROM shops ORDER BY id")
_SHIPPED: Final = text("""
    SELECT shop_id, count(*) AS orders, coalesce(sum(paid_fen), 0) AS fen,
        count(*) FILTER (WHERE ship_by_at < coalesce(shipped_at, stage_entered_at)) AS late
    FROM orders WHERE stage = 'done' AND stage_entered_at >= :from_at AND stage_entered_at < :to_at GROUP BY shop_id
""")
_CASES: Final = text("""
    SELECT kind, count(*) FILTER (WHERE opened) AS opened, count(*) FILTER (WHERE solved) AS solved,
        count(*) FILTER (WHERE solved AND solved_by IS NULL) AS by_itself
    FROM (SELECT kind, solved_by, opened_at >= :from_at AND opened_at < :to_at AS opened,
            coalesce(solved_at >= :from_at AND solved_at < :to_at, false) AS solved FROM cases) c
    WHERE opened OR solved GROUP BY kind
""")
_SOLVE: Final = text("""
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY solved_at - opened_at) AS middle FROM cases
    WHERE solved_at >= :from_at AND solved_at < :to_at AND solved_by IS NOT NULL
""")
_DONE: Final = text("""
    SELECT actor, action, count(*) AS times FROM trail
    WHERE id >= :first AND id < :beyond AND at >= :from_at AND at < :to_at AND actor_id IS NOT NULL
    GROUP BY actor, action
""")
_REVIEW: Final = text("""
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY at - cast(detail::jsonb ->> '_since' AS timestamptz)) AS middle
    FROM trail WHERE id >= :first AND id < :beyond AND at >= :from_at AND at < :to_at AND action = '审核'
        AND actor_id IS NOT NULL
""")
# Orders, each by its last way out of review on that day; one that was sent back there on the same day passed by none.
_PASSED: Final = text(f"""
    SELECT count(*) FILTER (WHERE action = '自动审核') AS alone, count(*) AS all
    FROM (SELECT DISTINCT ON (subject) subject, id, action FROM trail
        WHERE id >= :first AND id < :beyond AND at >= :from_at AND at < :to_at AND action IN ('审核', '自动审核')
        ORDER BY subject, id DESC) t
    WHERE NOT EXISTS (SELECT FROM trail b
        WHERE b.subject = t.subject AND b.id > t.id AND b.id >= :first AND b.id < :beyond AND b.at < :to_at
            AND b.detail LIKE '%"环节"%' AND b.detail::jsonb -> '环节' ->> 1 = '{TITLES[Stage.PENDING_REVIEW]}')
""")
_OPEN: Final = text(f"""
    SELECT count(*) AS orders, count(*) FILTER (WHERE {waiting.STALE}) AS stale,
        count(*) FILTER (WHERE o.hold = '' AND o.ship_by_at <= :now) AS late
    FROM orders o WHERE o.stage IN ('pending_review', 'pending_pick', 'pending_ship')
""")


def daily(desk: Desk, day: date) -> DailyView:
    """A day that is over, or today up to now."""
    span: dict[str, Any] = {"from_at": day_start(day), "to_at": day_start(day + timedelta(days=1))}
    today = day == day_of(desk.now)
    in_trail = {**span, "first": first_id(desk, span["from_at"]), "beyond": beyond(desk, span["to_at"])}
    shipped = desk.session.execute(_SHIPPED, span).all()
    new = {row.prefix: row.last for row in desk.session.execute(_NEW, {"day": f"{day:%Y%m%d}"})}
    cases = desk.session.execute(_CASES, span).all()
    passed = desk.session.execute(_PASSED, in_trail).one()
    standing = desk.session.execute(_OPEN, {**waiting.cutoffs(desk), "now": desk.now}).one() if today else None
    return DailyView(
        day=day,
        at=desk.now,
        new=sum(new.values()),
        shipped=sum(row.orders for row in shipped),
        shipped_late=sum(row.late for row in shipped),
        shipped_fen=int(sum(row.fen for row in shipped)),
        shops=_by_shop(desk, new, {row.shop_id: row.orders for row in shipped}),
        opened=sum(row.opened for row in cases),
        solved=sum(row.solved for row in cases),
        by_itself=sum(row.by_itself for row in cases),
        kinds=_kinds(desk, cases),
        review=desk.session.execute(_REVIEW, in_trail).scalar_one(),
        solve=desk.session.execute(_SOLVE, span).scalar_one(),
        open_orders=standing.orders if standing else None,
        stale=standing.stale if standing else None,
        open_late=standing.late if standing else None,
        passed_alone=passed.alone if passed.alone or desk.settings.autopass.on else None,
        passed=passed.all,
        mishaps=mishaps.line(desk, span["from_at"], span["to_at"]),
        people=_people(desk.session.execute(_DONE, in_trail).all()),
    )


def _by_shop(desk: Desk, new: dict[str, int], shipped: dict[int, int]) -> tuple[tuple[str, int, int], ...]:
    """Tags are counted by prefix, which shops of one kind may share: then they stand together."""
    names: dict[str, list[str]] = defaultdict(list)
    left: Counter[str] = Counter()
    for shop in desk.session.execute(_SHOPS):
        names[shop.prefix].append(shop.name)
        left[shop.prefix] += shipped.pop(shop.id, 0)
    left[_OTHER] = sum(shipped.values())
    rows = [
        ("、".join(names[prefix]) or prefix, new.get(prefix, 0), left[prefix])
        for prefix in dict.fromkeys((*new, *left))
    ]
    return tuple(sorted((row for row in rows if row[1] or row[2]), key=lambda row: (-row[1], row[0])))


def _kinds(desk: Desk, cases: Any) -> tuple[tuple[str, int], ...]:
    opened: Counter[str] = Counter()
    for row in cases:
        opened[title_of(desk, row.kind)] += row.opened
    return tuple((title, count) for title, count in opened.most_common() if count)


def _people(found: Any) -> tuple[PersonDay, ...]:
    by_name: dict[str, Counter[str]] = defaultdict(Counter)
    for row in found:
        action = _SAID.get(row.action, row.action)
        by_name[row.actor][action if action in _SHOWN else _OTHER] += row.times
    order = {action: place for place, action in enumerate((*_SHOWN, _OTHER))}
    people = [
        PersonDay(name, tuple(sorted(done.items(), key=lambda one: order[one[0]]))) for name, done in by_name.items()
    ]
    return tuple(sorted(people, key=lambda one: (-sum(count for _, count in one.done), one.name)))
