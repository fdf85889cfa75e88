"""拦截: an order that the warehouse has in its hands already is stopped, if it still can be; the warehouse says whether
it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import cases, opening, owe, people, stages, watch
from handlers.batches import orders
from handlers.batches.doing import Act
from handlers.batches.remember import remember
from handlers.caselife.changing import Change, change, read
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.duty import duty
from handlers.holding import lock, race
from handlers.kinds import kind_of
from handlers.matter import Opening
from handlers.permissions import Permit
from handlers.wording import moment
from models import Role
from models.case_life import Turn
from models.couriers import courier_name
from models.stages import TITLES, Stage

KIND: Final = race.KIND
MAY: Final = Permit("拦截", frozenset({Role.SERVICE}))
_BEHIND: Final = text("""
    SELECT owner_id FROM cases WHERE kind = :kind AND order_id = :id AND state IN ('open', 'claimed')
""")
_CAUSES: Final = text("""
    SELECT id, kind FROM cases WHERE order_id = :id AND kind = ANY(:kinds) AND state IN ('open', 'claimed') ORDER BY id
""")
_OLD_PLACE: Final = "包裹是按原来的地址发的，买家改的新地址没有用上。"
_HELD: Final = (Stage.PENDING_PICK, Stage.PENDING_SHIP)


def intercept(desk: Desk, order_id: int, actor: Actor, reason: str) -> int:
    """The matter that the warehouse now has. Raises Refusal, saying what can be done instead."""
    stages.lock(desk, f"order:{order_id}")
    row = orders.read(desk, [order_id])[order_id]
    if Stage(row.stage) not in _HELD:
        raise Refusal(_instead(row, reason))
    evidence = {"mark": reason, "by": actor.name, "asked_by": actor.staff_id}
    steps = race.STEPS if race.is_manned(desk) else None  # at night the role reads it in the morning
    wanted = Opening(KIND, reason, Role.WAREHOUSE, order_id, evidence=evidence, steps=steps)
    made = opening.open_many(desk, [wanted], by=actor)
    if not made:
        raise Late(f"{row.tag} 已经在拦截，结果出来会告诉您")
    orders.extend(desk, actor, [(row, "拦截", {"原因": reason})])
    watch.watch(desk, [order_id])
    remember(desk, actor, KIND, order_id, revision=orders.revisions(desk, [order_id])[order_id])
    return int(made[0].id)


def _instead(row: Row[Any], reason: str) -> str:
    stage = Stage(row.stage)
    if stage is Stage.PENDING_REVIEW:
        return f"{row.tag} 还没有审核，仓库没有动，锁住就行，请发：锁定 {row.tag} {reason}"
    if stage is not Stage.DONE:
        return f"{row.tag} 现在是{TITLES[stage]}，不用拦截"
    parcel = f"{courier_name(row.courier)} {row.waybill}".strip() or "没有运单号"
    when = f"，{moment(row.shipped_at)}" if row.shipped_at is not None else ""
    return (
        f"{row.tag} 已经发出（{parcel}{when}），仓库拦不住了。可以：\n"
        "1. 打电话给快递网点，报运单号，请他们拦截或改派\n"
        "2. 请客户拒收，退回仓库后再处理\n3. 要退款的，走平台售后"
    )


def stopped(desk: Desk, case_id: int, actor: Actor) -> None:
    """It is still here. It stays locked until whoever wanted it stopped says what becomes of it."""
    matter = _take_up(desk, case_id, actor)
    cases.solve(desk, case_id, actor, "拦住了")
    row = orders.read(desk, [matter.order_id])[matter.order_id]
    asked_by = matter.evidence.get("asked_by")
    if matter.evidence.get(race.CAUSE):  # the refund, or the new receiver, locks it still, and lets it go by itself
        cause = kind_of(matter.evidence[race.CAUSE]).title
        said = f"{row.tag} 拦住了（{actor.name}），「{cause}」处理好以后自动放行"
        _tell(desk, actor, matter, said, hears=_hearing(desk, matter))
        return
    if row.lock_id is None:
        act = Act(actor, desk.now, words=f"{lock.STOPPED}：{matter.reason}")
        lock.lock(desk, act, [row], role=Role.SERVICE, owner_id=asked_by)
    said = f"{row.tag} 拦住了（{actor.name}），已锁定。处理好以后请发：解锁 {row.tag}"
    _tell(desk, actor, matter, said, hears=_hearing(desk, matter))


def missed(desk: Desk, case_id: int, actor: Actor) -> None:
    """It was too late: what it was to be stopped for is over too, which is no good news to the customer, and the parcel
    may be recorded (handlers/stages.py)."""
    matter = _take_up(desk, case_id, actor)
    hears = _hearing(desk, matter)
    causes = _end_causes(desk, matter, actor)
    cases.solve(desk, case_id, actor, race.GOT_AWAY)
    row = orders.read(desk, [matter.order_id])[matter.order_id]
    place = _OLD_PLACE if "address_changed" in causes else ""
    said = (
        f"{row.tag} 没拦住（{actor.name}），包裹已经出去。{place}可以联系快递拦截改派，或者请客户拒收；"
        f"仓库还没有登记单号的，请发：发货 {row.tag} 快递 运单号"
    )
    _tell(desk, actor, matter, said, hears=hears)


def _end_causes(desk: Desk, matter: Row[Any], actor: Actor) -> set[str]:
    """Which they were."""
    found = desk.session.execute(_CAUSES, {"id": matter.order_id, "kinds": list(race.CAUSES)}).all()
    for row in found:
        cause = read(desk, row.id)
        assert cause is not None  # cases are never deleted
        values = {"solved_at": desk.now, "solved_by": actor.staff_id, "solution": race.GONE, "due_at": None}
        change(desk, cause, actor, Change(Turn.SOLVE, "处理完成", race.GONE, values))
    return {row.kind for row in found}


def _take_up(desk: Desk, case_id: int, actor: Actor) -> Row[Any]:
    case = cases.take_up(desk, case_id, cases.SOLVE, actor).case
    if case.kind != KIND:
        raise Refusal("只有「拦截」可以回复拦住、没拦住")
    return case


def _tell(desk: Desk, actor: Actor, case: Row[Any], words: str, *, hears: Sequence[int]) -> None:
    owed = [owe.note(f"case:{case.id}:result:{case.revision}", one, f"order:{case.order_id}", words) for one in hears]
    owe.owe(desk, owed, by=actor)


def _hearing(desk: Desk, case: Row[Any]) -> list[int]:
    """Who asked for it, or of an intercept that the hub asked for who has its cause; and service, who speak with the
    customer, in any case."""
    asked_by = case.evidence.get("asked_by")
    told = [asked_by] if asked_by is not None else _behind(desk, case)
    service = {one.id for one in people.with_role(people.staff(desk), Role.SERVICE)}
    if not service.intersection(told):
        told += [one.id for one in duty.on_duty(desk, Role.SERVICE, desk.now)]
    return list(dict.fromkeys(told))


def _behind(desk: Desk, case: Row[Any]) -> list[int]:
    cause = {"kind": case.evidence.get(race.CAUSE), "id": case.order_id}
    found = desk.session.execute(_BEHIND, cause).one_or_none()
    return [found.owner_id] if found is not None and found.owner_id is not None else []
