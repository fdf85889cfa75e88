"""What 完成 does not end, because it would be a forced pass by another word: what nobody may pass, as long as the order
still is as it was found; a short order, as long as the shelf does not reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from handlers import gather
from handlers.caselife.changing import Matter
from handlers.caselife.forcing import INSTEAD, OTHERWISE
from handlers.desk import Desk, Refusal
from handlers.kinds import force_of
from models.case import short_code
from models.stages import Stage
from rules import RULES
from rules.judge import judge
from rules.short_stock import LATER
from rules.verdict import Outcome, Verdict

_SHORT: Final = "short_stock"
"""It ends by its goods alone, or by two people (强制通过)."""


def offered(kind: str, evidence: Mapping[str, Any]) -> bool:
    """Whether a button that says it is done can do anything: what is judged ends by itself the moment it is."""
    return kind not in RULES or (kind != _SHORT and force_of(kind, evidence) != "N")


def check(desk: Desk, matter: Matter) -> None:
    """Raises Refusal with what to do instead, where the rule still finds it."""
    case, order = matter.case, matter.order
    if order is None or case.kind not in RULES or not case.blocks:
        return
    verdict = _now(desk, order.id, case.kind)
    if verdict is None or verdict.outcome is not Outcome.HIT:
        return
    if case.kind == _SHORT:
        raise Refusal(_short(matter, verdict))
    if force_of(case.kind, verdict.evidence) == "N":
        raise Refusal(f"「{matter.title}」还没处理好，不能完成：{INSTEAD.get(case.kind, OTHERWISE)}")


def _now(desk: Desk, order_id: int, kind: str) -> Verdict | None:
    rows = gather.read_orders(desk, [order_id])
    if not rows:
        return None
    facts = gather.Facts(desk, [order_id], gather.read_lines(desk, [order_id]), {})
    found = facts.of(rows[0], Stage(rows[0].stage), rows[0].stage_entered_at)
    return judge(found, desk.now, {kind: RULES[kind]})[kind]


def _short(matter: Matter, verdict: Verdict) -> str:
    sku = verdict.evidence["skus"][0]
    words = f"「{matter.title}」库存还不够：{verdict.reason}。货到了请采购发：入库 {sku} 件数，够了会自动解除"
    if verdict.evidence.get(LATER):
        return words
    return f"{words}；库存不改也要发请发：{short_code(matter.case.id)} 强制 原因"
