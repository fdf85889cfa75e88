"""The current view of a subject, "order:5", "case:12" or "draft:3": to answer, to draw a card, to update one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final, Protocol

from sqlalchemy import text

from handlers import groups, mask, offers, picks, show_case, subjects
from handlers.actions.action import CaseState, OrderState
from handlers.batches import show as show_batch
from handlers.completeness import show as show_proof
from handlers.desk import Actor, Desk, Refusal
from handlers.dispatch import dispatch
from handlers.drafts import show as drafts_show
from handlers.duty import show_absence, show_handover
from handlers.fields.living import FIELDS
from handlers.fields.living import shown as shown_fields
from handlers.gather import known, receiver_of
from handlers.kinds import title_of
from handlers.mishaps import album
from handlers.related.show import RELATED, merged_waiting, related, special
from handlers.rulebook import marks
from handlers.rulebook import show as show_rule
from handlers.rulebook.marks import MARKS
from handlers.supply import way as show_way
from handlers.supply.way import WAY
from handlers.usefulness import show as show_advice
from handlers.views import LineView, OrderCase, OrderView, View
from handlers.wording import ORDER_KINDS, PARTINGS, REFUNDS
from models import Receiver, Role
from models.case import short_code
from models.couriers import courier_name
from models.people import ROLE_TITLES
from models.stages import OPEN, Stage
from rules import RULES
from rules.facts import LineFacts, OrderFacts
from rules.judge import judge
from rules.verdict import Outcome

# One statement, whatever is shown, and one column of it: an answer must cost neither a round trip per table nor the
# driver's work per column.
_ORDER: Final = f"""
    SELECT row_to_json(shown) FROM (SELECT o.id, o.revision, o.tag, o.external_id, o.kind, o.kind_evidence,
        o.kind_by_person, o.stage, o.stage_entered_at, o.created_at, o.paid_fen, o.paid_at, o.ship_by_at,
        o.not_before_at, o.buyer_message, o.seller_memo, o.receiver, o.province, o.city, o.district, o.town, o.hold,
        o.refund, o.lock_reason, o.waybill, o.courier, {RELATED}, {WAY}, {FIELDS}, {MARKS},
        coalesce(s.name, o.platform) AS shop, coalesce(w.name, '') AS owner,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(l.title, l.spec, l.sku, l.quantity, l.refund,
                l.shipped OR l.parting = 'gone', (SELECT on_hand FROM stock k WHERE k.sku = l.sku), l.parting,
                l.swapped_from) ORDER BY l.position), '[]')
            FROM order_lines l WHERE l.order_id = o.id) AS lines,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(c.id, c.kind, c.reason, c.evidence, c.revision, c.role,
                c.state, c.blocks, c.owner_id, coalesce(p.name, '')) ORDER BY c.id), '[]')
            FROM cases c LEFT JOIN staff p ON p.id = c.owner_id
            WHERE c.order_id = o.id AND c.state IN ('open', 'claimed')) AS cases,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(t.actor, t.detail) ORDER BY t.id), '[]') FROM (
            SELECT n.id, n.actor, n.detail::jsonb ->> '备注' AS detail FROM trail n
            WHERE n.subject = 'order:' || o.shop_id || ':' || o.external_id AND n.action = '备注' AND NOT EXISTS (
                SELECT FROM trail u WHERE u.subject = n.subject AND u.action = '撤销备注' AND u.id > n.id
                    AND u.detail::jsonb ->> '备注' = n.detail::jsonb ->> '备注')
            ORDER BY n.id DESC LIMIT 3) t) AS notes
    FROM orders o LEFT JOIN shops s ON s.id = o.shop_id LEFT JOIN staff w ON w.id = o.owner_id
    WHERE {{which}}) shown
"""
_BY_ID: Final = text(_ORDER.format(which="o.id = :id"))
_BY_TAG: Final = text(_ORDER.format(which="o.tag = :tag"))
_MOMENTS: Final = ("stage_entered_at", "created_at", "paid_at", "ship_by_at", "not_before_at")


class _Shows(Protocol):
    def __call__(self, desk: Desk, number: int, actor: Actor | None, /, *, note: str = "") -> View: ...


_SHOWS: Final[dict[str, _Shows]] = {
    "case": show_case.show,
    "draft": drafts_show.show,
    "proof": show_proof.show,
    "batch": show_batch.show,
    "handover": show_handover.show,
    "absence": show_absence.show,
    "rule": show_rule.show,
    "advice": show_advice.show,
}
"""What a subject's own folder shows; an order is shown here."""


def show(desk: Desk, subject: str, actor: Actor | None, *, note: str = "") -> View:
    """What a subject is now; `actor` is None for a card that many see; a settled case keeps its own note,
    which says by whom. Raises Refusal for nothing."""
    kind, number = subjects.split(subject)
    if kind == "dispatch":
        return dispatch.show(desk, note=note)
    shown = _SHOWS.get(kind)
    if shown is not None:
        return shown(desk, number, actor, note=note)
    return show_order(desk, number, actor, note=note)


def show_order(desk: Desk, order_id: int, actor: Actor | None, *, note: str = "") -> OrderView:
    """`查`. Raises Refusal when there is no such order."""
    found = desk.session.execute(_BY_ID, {"id": order_id}).scalar()
    if found is None:
        raise Refusal("没有找到这个订单")
    return _view(desk, _row(found), actor, note)


def show_tag(desk: Desk, tag: str, actor: Actor) -> OrderView | None:
    """The same by the whole tag, which is what people and cards name most; None when there is no such order."""
    found = desk.session.execute(_BY_TAG, {"tag": tag}).scalar()
    return None if found is None else _view(desk, _row(found), actor, "")


def _row(found: dict[str, Any]) -> SimpleNamespace:
    """The order's columns as they would have come one by one."""
    row = SimpleNamespace(**found)
    for name in _MOMENTS:
        if found[name] is not None:
            setattr(row, name, datetime.fromisoformat(found[name]))
    row.receiver = bytes.fromhex(row.receiver[2:]) if row.receiver else None
    return row


def _view(desk: Desk, row: Any, actor: Actor | None, note: str) -> OrderView:
    stage = Stage(row.stage)
    seen = receiver_of(desk.vault, row.receiver)
    locked = bool(row.lock_reason or row.hold or row.refund in ("asked", "refunded"))
    shown, more = offers.of_order(OrderState(row.id, row.revision, stage, locked, row.kind, merged_waiting(row)), actor)
    live = tuple(_case(desk, case, (stage, locked), actor) for case in row.cases)
    return OrderView(
        order_id=row.id,
        revision=row.revision,
        tag=row.tag,
        external_id=row.external_id,
        shop=row.shop,
        kind=ORDER_KINDS.get(row.kind, row.kind),
        kind_evidence=_evidence(row),
        stage=stage,
        stage_entered_at=row.stage_entered_at,
        stale=groups.is_stale(desk, row),
        paid_fen=row.paid_fen,
        paid_at=row.paid_at,
        ship_by_at=row.ship_by_at,
        lines=tuple(_line(line) for line in row.lines),
        buyer_message=mask.phones(row.buyer_message),
        seller_memo=_memo(row),
        receiver=_masked(row, seen),
        hold=row.hold,
        refund=REFUNDS.get(row.refund, row.refund),
        lock_reason=row.lock_reason,
        owner=row.owner,
        waybill=row.waybill,
        courier=courier_name(row.courier),
        cases=tuple(f"{case.title}：{case.reason}（{case.code}）" for case in live),
        offers=shown,
        more=more,
        note=note,
        at=desk.now,
        unknown=_unknown(desk, row, stage, seen),
        live=live,
        parcels=show_way.parcels(row),
        erp=show_way.erp(desk, row),
        related=related(row),
        special=special(row, seen),
        fields=(*marks.shown(row.marks), *shown_fields(row.own_fields)),
    )


def _case(desk: Desk, case: Sequence[Any], order: tuple[Stage, bool], actor: Actor | None) -> OrderCase:
    """A case of `_ORDER`; `order`: its stage, and whether it is locked."""
    number, kind, reason, evidence, revision, role, status, blocks, owner_id, owner = case
    is_mine = actor is None or actor.staff_id == owner_id
    state = CaseState(number, revision, kind, Role(role), status, owner_id, is_mine, *order, evidence)
    shown, more = offers.of_case(state, actor)
    return OrderCase(
        case_id=number,
        revision=revision,
        code=short_code(number),
        title=title_of(kind, evidence),
        reason=mask.phones(reason),
        role=ROLE_TITLES[Role(role)],
        owner=owner,
        blocks=blocks,
        offers=shown,
        more=more,
        choice=picks.of_case(state, (), desk.now),
        pictures=len(album.ids_of(evidence)),
    )


def _line(line: Sequence[Any]) -> LineView:
    """With what people decided of it, beside its refund."""
    title, spec, sku, quantity, refund, *_, parting, swapped_from = line
    swapped = f"代替 {swapped_from}" if swapped_from else ""
    said = [REFUNDS.get(refund, refund), PARTINGS.get(parting, parting), swapped]
    return LineView(title, spec, sku, quantity, "，".join(part for part in said if part))


def _masked(row: Any, seen: Receiver) -> str:
    """Region and masks, whatever the source gave."""
    return mask.receiver((row.province, row.city, row.district, row.town), seen)


def _evidence(row: Any) -> str:
    if not row.kind_by_person:
        return str(row.kind_evidence)
    return f"{row.kind_evidence}（人工确认：{ORDER_KINDS.get(row.kind) or '普通订单'}）"


def _memo(row: Any) -> str:
    """The platform's memo, then what people noted here and it does not bear yet."""
    noted = [f"{actor}：{words}" for actor, words in row.notes if words and words not in row.seller_memo]
    return mask.phones("；".join(part for part in (row.seller_memo, *noted) if part))


def _unknown(desk: Desk, row: Any, stage: Stage, seen: Receiver) -> tuple[str, ...]:
    """What the rules cannot tell about this order: said, because it is not the same as fine. They have nothing to say
    about one that is no longer open."""
    if stage not in OPEN:
        return ()
    facts = OrderFacts(
        row.id, stage, row.stage_entered_at, row.created_at,
        tuple(LineFacts(line[2], line[0], line[3], line[4], line[5], line[6]) for line in row.lines),
        refund=row.refund, province=row.province, city=row.city, district=row.district, town=row.town,
        address_seen=seen.address or seen.address_mask, address_whole=bool(seen.address),
        buyer_message=row.buyer_message, seller_memo=row.seller_memo,
        name_known=known(seen, seen.name or seen.name_mask), phone_known=known(seen, seen.phone or seen.phone_mask),
    )  # fmt: skip
    unsure = {slug: rule for slug, rule in RULES.items() if not (rule.sure or rule.after_shipping)}
    found = judge(facts, desk.now, unsure)
    return tuple(verdict.reason for verdict in found.values() if verdict.outcome is Outcome.UNKNOWN)
