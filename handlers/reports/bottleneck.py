"""`瓶颈`: where orders waited in the last days, who or what they waited for, and a sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.reports.lately import first_id
from handlers.reports.view import BottleneckView, Stay
from handlers.rulebook.book import title_of
from models import Role
from models.people import ROLE_TITLES
from models.stages import OPEN, TITLES, Stage
from rules.stale import OWNERS

DAYS: Final = 7
_SHOWN: Final = 5
_MOST_OF_IT: Final = 0.5  # a share from which one shop is named in the sentence

# A step says since when the order had stood there; where it does not (a platform's move), the move before it does, or
# the order's first row. What a person took back is not a way on.
_STAYS: Final = text("""
    WITH moves AS (
        SELECT t.id, t.subject, t.at, t.detail::jsonb AS detail FROM trail t
        WHERE t.id >= :first AND t.at >= :since AND t.subject LIKE 'order:%' AND t.detail LIKE '%"环节"%'
            AND t.action <> '撤销'
    ), stays AS (
        SELECT s.stage, cast(split_part(m.subject, ':', 2) AS int) AS shop_id, NULL::timestamptz AS since,
            m.at - coalesce(cast(m.detail ->> '_since' AS timestamptz),
                (SELECT p.at FROM trail p WHERE p.subject = m.subject AND p.id < m.id AND p.detail LIKE '%"环节"%'
                    ORDER BY p.id DESC LIMIT 1),
                (SELECT p.at FROM trail p WHERE p.subject = m.subject ORDER BY p.id LIMIT 1)) AS stayed
        FROM moves m JOIN unnest(cast(:titles AS text[]), cast(:stages AS text[])) AS s(title, stage)
            ON s.title = m.detail -> '环节' ->> 0
        UNION ALL
        SELECT o.stage, o.shop_id, o.stage_entered_at, :now - greatest(o.stage_entered_at, o.not_before_at)
        FROM orders o WHERE o.stage IN ('pending_review', 'pending_pick', 'pending_ship') AND o.hold = ''
            AND (o.not_before_at IS NULL OR o.not_before_at <= :now)
    )
    SELECT stage, shop_id, count(*) FILTER (WHERE since IS NULL) AS finished, count(since) AS waiting,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY stayed) AS middle,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY stayed) AS p90,
        min(since) AS oldest, extract(epoch FROM sum(stayed)) AS seconds
    FROM stays GROUP BY GROUPING SETS ((stage), (shop_id), (stage, shop_id))
""")
_KINDS: Final = text("""
    SELECT kind, min(role) AS role, count(*) FILTER (WHERE NOT live) AS finished,
        count(*) FILTER (WHERE live) AS waiting,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY stayed) AS middle,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY stayed) AS p90,
        min(opened_at) FILTER (WHERE live) AS oldest, extract(epoch FROM sum(stayed)) AS seconds
    FROM (SELECT kind, role, opened_at, state IN ('open', 'claimed') AS live,
            coalesce(solved_at, :now) - opened_at AS stayed
        FROM cases WHERE (state IN ('open', 'claimed') OR solved_at >= :since)
            AND kind NOT IN ('stale_stage', 'stale_group')) c
    GROUP BY kind ORDER BY seconds DESC, kind
""")
_WAITS: Final = text("""
    SELECT kind, role, count(DISTINCT order_id) AS orders FROM cases
    WHERE state IN ('open', 'claimed') AND blocks AND order_id IS NOT NULL
    GROUP BY kind, role ORDER BY orders DESC, kind
""")
_SHOPS: Final = text("SELECT id, name FROM shops")


def bottleneck(desk: Desk) -> BottleneckView:
    """Of the last seven days up to now."""
    since = desk.now - timedelta(days=DAYS)
    values = {
        "first": first_id(desk, since), "since": since, "now": desk.now, "titles": [TITLES[stage] for stage in OPEN],
        "stages": [str(stage) for stage in OPEN],
    }  # fmt: skip
    found = desk.session.execute(_STAYS, values).all()
    names = {row.id: row.name for row in desk.session.execute(_SHOPS)}
    stages = _stages([row for row in found if row.shop_id is None])
    shops = _shops([row for row in found if row.stage is None], names)
    kinds = _kinds(desk, desk.session.execute(_KINDS, values).all())
    worst = max(stages, key=lambda stay: stay.share, default=None)
    return BottleneckView(
        at=desk.now,
        days=DAYS,
        verdict=_verdict(worst, _shop_of(worst, found, names), kinds),
        stages=stages,
        shops=shops[:_SHOWN],
        kinds=kinds[:_SHOWN],
        waits=tuple(
            (f"{title_of(desk, row.kind)}，等{ROLE_TITLES[Role(row.role)]}", row.orders)
            for row in desk.session.execute(_WAITS)
        ),
    )


def _stages(rows: Sequence[Row[Any]]) -> tuple[Stay, ...]:
    by_stage = {row.stage: row for row in rows}
    total = _total(rows)
    return tuple(
        _stay(TITLES[stage], ROLE_TITLES[OWNERS[stage]], by_stage[stage], total) for stage in OPEN if stage in by_stage
    )


def _shops(rows: Sequence[Row[Any]], names: Mapping[int, str]) -> tuple[Stay, ...]:
    total = _total(rows)
    stays = [_stay(names.get(row.shop_id, ""), "", row, total) for row in rows]
    return tuple(sorted((stay for stay in stays if stay.title), key=lambda stay: (-stay.share, stay.title)))


def _kinds(desk: Desk, rows: Sequence[Row[Any]]) -> tuple[Stay, ...]:
    total = _total(rows)
    return tuple(_stay(title_of(desk, row.kind), ROLE_TITLES[Role(row.role)], row, total) for row in rows)


def _total(rows: Sequence[Row[Any]]) -> float:
    return float(sum(row.seconds for row in rows)) or 1.0


def _stay(title: str, who: str, row: Row[Any], total: float) -> Stay:
    share = float(row.seconds) / total
    return Stay(title, who, row.finished, row.waiting, row.middle, row.p90, row.oldest, share)


def _shop_of(worst: Stay | None, found: Sequence[Row[Any]], names: Mapping[int, str]) -> tuple[str, float]:
    """The shop in which most of the worst stage's waiting was, and how much of it; "" where none stands out."""
    stage = next((one for one in OPEN if worst is not None and TITLES[one] == worst.title), None)
    rows = [row for row in found if row.stage is not None and row.shop_id is not None and Stage(row.stage) is stage]
    if len(rows) < 2:
        return "", 0.0
    most = max(rows, key=lambda row: row.seconds)
    share = float(most.seconds) / _total(rows)
    return (names.get(most.shop_id, ""), share) if share >= _MOST_OF_IT else ("", 0.0)


def _verdict(worst: Stay | None, shop: tuple[str, float], kinds: Sequence[Stay]) -> str:
    """One plain sentence: the stage, who has it, how much of the waiting; the shop and the kind that stand out."""
    if worst is None or worst.p90 is None:
        return f"最近 {DAYS} 天没有订单走过流程，看不出瓶颈"
    words = [f"最近 {DAYS} 天最堵的是{worst.title}（{worst.who}）：占全部等待的 {worst.share:.0%}"]
    if shop[0]:
        words.append(f"其中{shop[0]}占 {shop[1]:.0%}")
    if kinds:
        words.append(f"异常里最耗时的是{kinds[0].title}（{kinds[0].who}）")
    return "，".join(words)
