"""发货: the waybill's number, and the parcel is gone."""

from __future__ import annotations

from handlers import find, shipping, show, stages, waybill, waybill_use
from handlers.batches import parcels
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import STEPS
from handlers.views import View
from handlers.waybill import Shipment
from models.stages import Stage, Verb

CONFIRMED = "确认"
_EXAMPLE = "JD-20251222-001 顺丰 SF1234567890123"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    lines = parcels.lines_of(request.rest)
    if len(lines) > 1:
        return parcels.ship(desk, request, actor, lines)
    if find.wide_in(request.rest):
        raise Refusal(f"每一单的运单号不同，请每行写一单：编号 快递 运单号，例如：\n发货 {_EXAMPLE}")
    wanted, rest = find.first_in(request.rest)
    order_id = find.one(desk, wanted)
    subject = f"order:{order_id}"
    tag = stages.may_move(desk, subject, Verb.SHIP, actor)  # what forbids it comes before what is mistyped
    confirmed = rest.rstrip().endswith(CONFIRMED)
    shipment = waybill.read(rest.rstrip().removesuffix(CONFIRMED), shipping.couriers_of(desk, order_id))
    doubts = [] if confirmed else _doubts(desk, order_id, shipment)
    if doubts:
        raise Refusal(
            f"{''.join(doubts)}没错请发：\n发货 {tag} {shipment.courier.short} {shipment.waybill} {CONFIRMED}"
        )
    moved = stages.move(desk, subject, Verb.SHIP, actor, shipment=shipment)
    what = "已发货" if moved.stage is Stage.DONE else "已先发一部分，其余到货后再审核、补发"
    said = f"{actor.name}{what}：{shipment.courier.title} {shipment.waybill}"
    if shipping.platform_is_told(desk, order_id):
        said += "，正在回传平台"
    return show.show_order(desk, moved.order_id, actor, note=said)


def _doubts(desk: Desk, order_id: int, shipment: Shipment) -> list[str]:
    """All that must be looked at, in one question: who confirms has read it all."""
    found = []
    if not shipment.fits:
        found.append(f"{shipment.waybill} 不像{shipment.courier.title}的单号，请核对。")
    others = waybill_use.strangers_with(desk, order_id, shipment.waybill)
    if others:
        found.append(f"这个单号已用于 {'、'.join(others)}，是同一个包裹吗？")
    return found


COMMAND = Command(
    ("发货", "已发货", "已发", "发出"),
    "发货 编号 快递 运单号",
    "填上运单号，订单发出",
    run,
    STEPS[Verb.SHIP],
    about_order=True,
    group=Group.ACT,
    example=f"发货 {_EXAMPLE}",
    brief="填运单号",
    more=("发出后自动回传平台", "几单一起：每行一单，编号 快递 单号，直接粘贴，会先问一次；60 秒内可以撤销"),
)
