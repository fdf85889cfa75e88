"""What each kind of case is called, whose it is, how urgent, and what the customer hears when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from config_orders import Stale
from models import Role
from models.stages import TITLES, Stage
from rules import RULES
from rules.own import SOLVED, is_own
from rules.rule import Rule

NONE: Final[Mapping[str, Any]] = {}
LEAD: Final = "lead:"
OWN_CLAIM: Final = 30
OWN_SOLVE: Final = 240
"""Minutes to claim and to solve a case of a rule of the company's own, as long as nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`solved`, `customer`, `tells`: as rules/rule.py says. `near`: how long before the order's ship-by it is P1.
    `up_after`: minutes until the supervisor hears, where nobody claimed it. `ends_by`: the words that end it, where
    there is more than one way. `while_open`: it is over when its order has left, or will not. `force`, `up`: as
    rules/rule.py says."""

    title: str
    role: Role
    severity: str
    claim_minutes: int
    solve_minutes: int
    solved: str = ""
    customer: str = ""
    tells: tuple[str, ...] = ("group", "owner")
    blocks: bool = False
    near: timedelta | None = None
    up_after: int | None = None
    ends_by: str = ""
    while_open: bool = False
    force: str = ""
    up: Role | None = None


# What no rule finds; a rule's kind is the rule itself.
OTHERS: Final[dict[str, Kind]] = {
    "stale_group": Kind("多单停留超时", Role.SERVICE, "P2", 15, 60),
    "writeback_fail": Kind("回传失败", Role.WAREHOUSE, "P2", 10, 60, solved="已手工上传", near=timedelta(hours=4)),
    "shipped_on_platform": Kind("平台已发货", Role.SERVICE, "P1", 10, 60, solved="已核对"),
    "return_not_in": Kind(
        "退货未入库", Role.SERVICE, "P2", 60, 480, solved="退货已入库", customer="退货已收到", blocks=True, force="A"
    ),
    "resend_check": Kind(
        "补发核对",
        Role.SUPERVISOR,
        "P2",
        60,
        240,
        solved="同意补发",
        customer="补发已安排",
        tells=("supervisor",),
        blocks=True,
        force="A",
    ),
    "unmerged": Kind("同名未合并", Role.SERVICE, "P3", 60, 240),
    "merge_addr_diff": Kind("合单地址不一致", Role.SERVICE, "P1", 15, 60, solved="已分开", blocks=True, force="R"),
    "duplicate_order": Kind(
        "重复单", Role.SERVICE, "P2", 15, 60, solved="两单都发", tells=("owner",), blocks=True, force="R"
    ),
    "wrong_goods": Kind(
        "错发少件破损",
        Role.SERVICE,
        "P2",
        30,
        1440,
        customer="售后已处理",
        ends_by="补发 漏拣 / 退款 快递 / 不成立 原因",
        up=Role.WAREHOUSE,
    ),
    "look_failed": Kind("自动检查出错", Role.SUPERVISOR, "P1", 10, 60, solved="已核对", tells=("supervisor",)),
    "erp_conflict": Kind("ERP 与平台不一致", Role.SERVICE, "P1", 10, 60, solved="已核对"),
    "erp_stopped": Kind("ERP 停止读取", Role.SUPERVISOR, "P1", 10, 60, tells=("supervisor",)),
    "ship_jam": Kind("发货堵塞", Role.SUPERVISOR, "P1", 5, 30),
    "cause_group": Kind("同因多单", Role.SERVICE, "P2", 15, 60),
    "shortage": Kind("缺货", Role.PURCHASING, "P2", 30, 240, tells=("group", "owner", "role")),
    "upstream_down": Kind("接口故障", Role.SUPERVISOR, "P1", 5, 30, tells=("supervisor",)),
    "shop_stopped": Kind("店铺停止同步", Role.SUPERVISOR, "P1", 10, 60, tells=("supervisor",)),
    "order_gone": Kind("平台查不到订单", Role.SERVICE, "P2", 15, 60, solved="已核对", blocks=True),
    "pull_stopped": Kind("同步进程停止", Role.SUPERVISOR, "P1", 5, 30, tells=("supervisor",)),
    "missing_order": Kind("漏单", Role.SUPERVISOR, "P1", 10, 30, solved="已核对", tells=("supervisor",)),
    "auth_expiring": Kind("授权到期", Role.SUPERVISOR, "P2", 60, 240, tells=("supervisor",)),
    "sync_silent": Kind("店铺静默", Role.SUPERVISOR, "P2", 15, 60, solved="已核对", tells=("supervisor",)),
    "rule_ask": Kind(
        "问采购", Role.PURCHASING, "P2", 30, 240, solved="已答复", tells=("owner", "role"), while_open=True
    ),
    "person_lock": Kind(
        "人工锁定", Role.SERVICE, "P3", 480, 960, solved="解锁", tells=(), blocks=True, while_open=True
    ),
    "hold_until": Kind("延发", Role.SERVICE, "P3", 480, 960, tells=(), while_open=True),
    "intercept": Kind(
        "拦截",
        Role.WAREHOUSE,
        "P1",
        2,
        30,
        tells=("group", "role"),
        blocks=True,
        up_after=2,
        ends_by="拦住 / 没拦住",
        while_open=True,
    ),
    "receiver_changed": Kind(
        "收件信息已改",
        Role.WAREHOUSE,
        "P1",
        5,
        30,
        solved="已换面单",
        customer="地址已更新",
        tells=("group", "role"),
        blocks=True,
        while_open=True,
    ),
}

WITH_THE_ORDER: Final = tuple(slug for slug, kind in OTHERS.items() if kind.while_open)
"""What no rule finds, and what is over all the same when the order has left, or will not."""


def kind_of(slug: str, evidence: Mapping[str, Any] = NONE) -> Kind:
    """`evidence`: of the case, in which a rule of the company's own is described; without it that is any such rule.
    Raises LookupError for a kind that nobody described."""
    if slug in RULES:
        return _of(RULES[slug])
    if is_own(slug):
        return _own(evidence.get("rule") or {})
    try:
        return OTHERS[slug]
    except KeyError:
        raise LookupError(f"kind {slug!r} is no rule in rules/ and has no line in handlers/kinds.py") from None


def _of(rule: Rule) -> Kind:
    return Kind(
        rule.title, rule.role, rule.severity, rule.claim_minutes, rule.solve_minutes,
        solved=rule.solved, customer=rule.customer, tells=rule.tells, blocks=rule.blocks,
        force=rule.force, up=rule.up,
    )  # fmt: skip


def _own(rule: Mapping[str, Any]) -> Kind:
    claim, solve = rule.get("minutes") or (OWN_CLAIM, OWN_SOLVE)
    return Kind(
        rule.get("title") or "自定义规则", Role(rule.get("role") or Role.SERVICE), rule.get("severity") or "P3",
        claim, solve, solved=SOLVED, blocks=bool(rule.get("blocks")), force="R",
    )  # fmt: skip


def force_of(slug: str, evidence: Mapping[str, Any] = NONE) -> str:
    """Who may pass such a case by force (rules/rule.py); what was found may decide."""
    return RULES[slug].force_of(evidence) if slug in RULES else kind_of(slug, evidence).force


def severity_of(
    slug: str, ship_by_at: datetime | None, now: datetime, evidence: Mapping[str, Any] = NONE
) -> str:  # fmt: skip
    """How urgent it is now. Without a known ship-by the worst is taken. evidence["late"]: what it waits for comes after
    that."""
    kind = kind_of(slug, evidence)
    near = kind.near is not None and (ship_by_at is None or ship_by_at - kind.near <= now)
    return "P1" if near or evidence.get("late") else kind.severity


def title_of(slug: str, evidence: Mapping[str, Any]) -> str:
    """The title on the card; a stale one names its stage."""
    title = kind_of(slug, evidence).title
    stage = evidence.get("stage")
    if slug in ("stale_stage", "stale_group") and stage in set(Stage):
        return f"{TITLES[Stage(stage)]}超时"
    if slug == "cause_group" and "of" in evidence:
        return f"多单{evidence.get('title') or kind_of(evidence['of']).title}"
    return title


def usual_minutes(slug: str, evidence: Mapping[str, Any] = NONE) -> tuple[int, int]:
    """To claim and to solve, as long as nobody set something else."""
    kind = kind_of(slug, evidence)
    return kind.claim_minutes, kind.solve_minutes


def steps_of(slug: str, stale: Stale, minutes: tuple[int, int] | None = None) -> list[dict[str, Any]]:
    """The escalation policy that a case keeps for life: after how many minutes who is told. `minutes`: to claim and to
    solve, where they are not the usual ones."""
    kind = kind_of(slug)
    claim, solve = minutes or usual_minutes(slug)
    steps: list[dict[str, Any]] = [{"after": 0, "tell": list(kind.tells)}]
    if slug in ("stale_stage", "stale_group"):
        return [*steps, {"after": stale.supervisor_after_minutes, "tell": ["supervisor"]}]
    if kind.up_after is not None:
        return [*steps, {"after": kind.up_after, "tell": ["supervisor"]}]
    if "supervisor" in kind.tells:
        return steps
    if "role" not in kind.tells:
        steps.append({"after": claim, "tell": ["role"]})
    if kind.up is None:
        return [*steps, {"after": claim + solve, "tell": ["supervisor"]}]
    lead = {"after": claim + solve, "tell": [lead_of(kind.up)]}
    return [*steps, lead, {"after": 2 * claim + solve, "tell": ["supervisor"]}]


def lead_of(role: Role) -> str:
    """Another role's lead, as a step of the policy names them."""
    return f"{LEAD}{role}"


def limits(stale: Stale) -> dict[Stage, timedelta]:
    """How long an order may stay in each open stage."""
    return {
        Stage.PENDING_REVIEW: timedelta(minutes=stale.pending_review_minutes),
        Stage.PENDING_PICK: timedelta(minutes=stale.pending_pick_minutes),
        Stage.PENDING_SHIP: timedelta(minutes=stale.pending_ship_minutes),
    }
