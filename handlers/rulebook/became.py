"""What became of a rule's hit on an order: the matter of it that is open, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import groups, mask
from handlers.desk import Desk
from handlers.holding import race
from handlers.supply import sku_map
from handlers.tuning import switches
from handlers.tuning.tuned import tuned
from handlers.wording import day
from models.case import LIVE, short_code
from rules.own import OwnRule
from rules.rule import Rule
from rules.verdict import Outcome, Verdict

# Those of the order, and those of many orders to which what it has in common with them belongs.
_CASES: Final = text("""
    SELECT c.kind, c.id, c.order_id, c.group_key, c.state, c.evidence, c.solved_by, c.solved_at, c.solution,
        s.name AS ended_by
    FROM cases c LEFT JOIN staff s ON s.id = c.solved_by
    WHERE c.order_id = :id OR (c.order_id IS NULL AND c.state IN ('open', 'claimed')
        AND (c.kind = :stale AND c.group_key = :stage OR c.kind = :unmapped AND c.group_key = ANY(:goods)))
    ORDER BY c.id DESC
""")


class Became:
    """Of one order as it was read (gather); its matters are asked for once. `verdicts`: what the rules said of it."""

    def __init__(self, desk: Desk, order: Row[Any], verdicts: Mapping[str, Verdict]) -> None:
        self._desk, self._stage = desk, str(order.stage)
        unmapped = verdicts.get(sku_map.KIND)
        goods = unmapped.evidence.get("goods", ()) if unmapped is not None else ()
        keys = [sku_map.Unmapped(order.platform, order.shop_id, *one).key for one in goods]
        values = {
            "id": order.id, "stale": groups.KIND, "stage": self._stage, "unmapped": sku_map.KIND, "goods": keys,
        }  # fmt: skip
        self._cases: Sequence[Row[Any]] = desk.session.execute(_CASES, values).all()

    def said(self, rule: Rule, verdict: Verdict) -> str:
        """已开异常 NJA7; 陈姐 12-22 已忽略：误报，不再开; 这类提醒已关闭; "" where nothing is to be said."""
        codes = [short_code(row.id) for row in self._cases if row.state in LIVE and self._is_of(row, rule.slug)]
        if codes:
            return f"已开异常 {'、'.join(codes)}"
        if verdict.outcome is not Outcome.HIT:
            return ""
        if isinstance(rule, OwnRule) and (rule.shadow or rule.quiet):
            return "" if rule.shadow else "这条规则不开异常"
        for row in self._cases:
            if race.settled([row], rule.slug, verdict):
                return f"{_ended(row)}，不再开"
        off = tuned(self._desk).is_off(switches.about_of(rule.slug, self._stage))
        return "这类提醒已关闭" if off else ""

    def _is_of(self, row: Row[Any], kind: str) -> bool:
        return bool(row.kind == kind or (row.kind == groups.KIND and kind == switches.STALE))


def _ended(row: Row[Any]) -> str:
    """陈姐 12-22 已忽略：误报"""
    words = mask.phones(row.solution)
    forced = words.startswith("强制通过")
    how = "已忽略" if row.state == "dismissed" else "" if forced else "已处理"
    when = f" {day(row.solved_at)}" if row.solved_at else ""
    return f"{row.ended_by or '同事'}{when} {how}{'：' if how and words else ''}{words}"
