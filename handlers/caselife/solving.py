"""What 完成 does not end, because it would be a forced pass by another word: what nobody may pass, as long as the order
still is as it was found; a short order, as long as the shelf does not reach. Who made a reship is not who lets it
go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text

from handlers import gather
from handlers.caselife.changing import Matter
from handlers.caselife.forcing import INSTEAD, OTHERWISE
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import force_of
from models import Role
from models.case import short_code
from models.draft import draft_of
from models.people import ROLE_TITLES
from models.stages import Stage
from rules import RULES
from rules.judge import judge
from rules.short_stock import LATER
from rules.verdict import Outcome, Verdict

_SHORT: Final = "short_stock"
"""It ends by its goods alone, or by two people (强制通过)."""
_CHECKED: Final = "resend_check"
"""What is looked at because of whoever made the order here."""

_MAKER: Final = text("SELECT staff_id FROM drafts WHERE id = :id AND order_id = :order_id")


def offered(kind: str, evidence: Mapping[str, Any]) -> bool:
    """Whether a button that says it is done can do anything: what is judged ends by itself the moment it is."""
    return kind not in RULES or (kind != _SHORT and force_of(kind, evidence) != "N")


def check(desk: Desk, matter: Matter, actor: Actor) -> None:
    """Raises Refusal with what to do instead, where the rule still finds it, or the actor made the order."""
    case, order = matter.case, matter.order
    if order is None or not case.blocks:
        return
    if case.kind == _CHECKED:
        _check_maker(desk, matter, actor)
    verdict = _now(desk, order.id, case.kind) if case.kind in RULES else None
    if verdict is None or verdict.outcome is not Outcome.HIT:
        return
    if case.kind == _SHORT:
        raise Refusal(_short(matter, verdict))
    if force_of(case.kind, verdict.evidence) == "N":
        raise Refusal(f"「{matter.title}」还没处理好，不能完成：{INSTEAD.get(case.kind, OTHERWISE)}")


def _check_maker(desk: Desk, matter: Matter, actor: Actor) -> None:
    assert matter.order is not None  # what is made here is an order
    draft = draft_of(matter.order.external_id)
    values = {"id": draft, "order_id": matter.order.id}
    maker = desk.session.execute(_MAKER, values).scalar_one_or_none() if draft is not None else None
    if maker is None or maker != actor.staff_id:
        return
    whose = dict.fromkeys((ROLE_TITLES[matter.role], ROLE_TITLES[Role.SUPERVISOR]))
    raise Refusal(
        f"「{matter.title}」这一单是您自己下的，要另一位{'或'.join(whose)}来确认；"
        f"没有别人的，请发：{short_code(matter.case.id)} 强制 原因，再由一位同事同意"
    )


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
