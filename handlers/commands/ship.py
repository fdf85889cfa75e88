"""发货: the waybill's number, and the parcel is gone."""

from __future__ import annotations

from handlers import find, shipping, show, stages, waybill
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import STEPS
from handlers.views import View
from models.stages import Verb

CONFIRMED = "确认"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted, rest = find.first_in(request.rest)
    order_id = find.one(desk, wanted)
    subject = f"order:{order_id}"
    tag = stages.may_move(desk, subject, Verb.SHIP, actor)  # what forbids it comes before what is mistyped
    confirmed = rest.rstrip().endswith(CONFIRMED)
    shipment = waybill.read(rest.rstrip().removesuffix(CONFIRMED), shipping.couriers_of(desk, order_id))
    if not shipment.fits and not confirmed:
        raise Refusal(
            f"{shipment.waybill} 不像{shipment.courier.title}的单号，请核对。没错的话请发：\n"
            f"发货 {tag} {shipment.courier.short} {shipment.waybill} {CONFIRMED}"
        )
    moved = stages.move(desk, subject, Verb.SHIP, actor, shipment=shipment)
    said = f"{actor.name}已发货：{shipment.courier.title} {shipment.waybill}，正在回传平台"
    return show.show_order(desk, moved.order_id, actor, note=said)


COMMAND = Command(
    ("发货", "已发", "发出"),
    "发货 编号 快递 运单号",
    "例如：发货 JD-20251222-001 顺丰 SF1234567890123",
    run,
    STEPS[Verb.SHIP],
    about_order=True,
)
