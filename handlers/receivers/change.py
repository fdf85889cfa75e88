"""改地址, 改电话: of orders that no platform holds; a platform's own are changed by their buyers there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, trail, watch
from handlers.batches.remember import remember
from handlers.desk import Actor, Desk, Refusal
from handlers.matter import Opening
from handlers.permissions import Permit
from handlers.receivers import place
from handlers.receivers.place import Place
from models import Role, sources
from models.couriers import courier_name
from models.stages import TITLES, Stage
from texts import order as order_text
from texts.order import OrderText

MAY: Final = Permit("改收件信息", frozenset({Role.SERVICE}))
IN_A_GROUP: Final = "收件信息不在群里说，大家都看得到。请到与我的单聊里发，我来改；群里这一条建议撤回"
_FOR_THE_BUYER: Final = (
    "亲，收货信息需要您自己在订单详情里点“修改地址”改一下，改好我们这边会自动更新，按新的给您发货~ "
    "如果页面上改不了，请告诉我们，我们帮您处理"
)
_WITH_WAREHOUSE: Final = (Stage.PENDING_PICK, Stage.PENDING_SHIP)
_KIND: Final = "receiver_changed"

_ORDER: Final = text("""
    SELECT o.id, o.tag, o.platform, o.stage, o.waybill, o.courier, o.receiver, o.province, o.city, o.district, o.town,
        coalesce(s.name, o.platform) AS shop
    FROM orders o LEFT JOIN shops s ON s.id = o.shop_id WHERE o.id = :id FOR NO KEY UPDATE OF o
""")
_OWN: Final = text("""
    INSERT INTO own_receivers (order_id, theirs, ours, staff_id, at) VALUES (:id, :theirs, :ours, :staff_id, :now)
    ON CONFLICT (order_id) DO UPDATE SET ours = excluded.ours, staff_id = excluded.staff_id, at = excluded.at
""")
_REVISION: Final = text("UPDATE orders SET revision = revision + 1 WHERE id = :id RETURNING revision")
_NOW: Final = text("SELECT revision FROM orders WHERE id = :id")
_LIVE: Final = text("""
    SELECT id FROM cases WHERE order_id = :id AND kind = 'receiver_changed' AND state IN ('open', 'claimed')
""")


def address(desk: Desk, order_id: int, actor: Actor, words: str) -> str:
    """The order goes elsewhere, perhaps to somebody else. What was done, in words for a card. Raises Refusal."""
    row = _own_order(desk, order_id)
    known = place.of_row(desk.vault, row)
    parts = _parts(known, words)
    if not parts.address or len(parts.address) < 3:
        raise Refusal(f"地址还缺路名、门牌，请写全，例如：改地址 {row.tag} 浙江省杭州市西湖区文三路 1 号")
    receiver = replace(
        known.receiver, address=parts.address, address_mask="", name=parts.name or known.receiver.name,
        phone=parts.phone or known.receiver.phone, cipher={},
    )  # fmt: skip
    hidden = not (receiver.name and receiver.phone)
    if hidden:
        raise Refusal(f"这一单的姓名或电话看不到，改地址时要一起写：改地址 {row.tag} 姓名 电话 新地址")
    receiver = replace(receiver, name_mask="", phone_mask="")
    new = Place(receiver, parts.province, parts.city, parts.district, parts.town)
    _change(desk, row, actor, _Change("改地址", known, new))
    return f"{actor.name}：收件信息已改，{new.masked()}"


def phone(desk: Desk, order_id: int, actor: Actor, words: str) -> str:
    """Another number. Raises Refusal."""
    row = _own_order(desk, order_id)
    known = place.of_row(desk.vault, row)
    number = order_text.phone_in(words)
    if not number:
        raise Refusal(f"「{words[:20]}」不像电话，手机、座机、带分机的虚拟号都可以，例如：改电话 {row.tag} 13800001234")
    if not known.receiver.address:
        raise Refusal(f"这一单的地址看不到，要一起写：改地址 {row.tag} 姓名 {number} 新地址")
    new = replace(known, receiver=replace(known.receiver, phone=number, phone_mask="", cipher={}))
    _change(desk, row, actor, _Change("改电话", known, new))
    return f"{actor.name}：电话已改，{new.masked()}"


def _own_order(desk: Desk, order_id: int) -> Row[Any]:
    """Raises Refusal for one that cannot be changed here any more, or never could."""
    row = desk.session.execute(_ORDER, {"id": order_id}).one()
    stage = Stage(row.stage)
    if stage is Stage.DONE:
        parcel = f"{courier_name(row.courier)} {row.waybill}".strip()
        raise Refusal(f"{row.tag} 已经发出（{parcel}），改不了了。请联系快递改派，或者退回后补发：补发 {row.tag}")
    if stage is Stage.CANCELLED:
        raise Refusal(f"{row.tag} 已取消，不用改")
    if sources.is_told(row.platform):
        raise Refusal(
            f"{row.tag} 是{row.shop}的平台订单，收件信息要买家在平台自己改，改好会自动同步过来，这里改了平台也不认。"
            f"可以把这句话发给买家：\n{_FOR_THE_BUYER}"
        )
    return row


def _parts(known: Place, words: str) -> OrderText:
    """The new address, and whatever else was said of who gets it."""
    if order_text.phone_in(words):
        parts = order_text.read(words)
        if parts.goods or parts.remark:
            raise Refusal(f"「{(parts.remark or parts.goods[0].words)[:20]}」看不懂，请只写姓名、电话和地址")
        return parts if parts.city or parts.district else _in_the_same_place(known, parts)
    placed = order_text.with_address(OrderText(), words)
    return placed if placed.city or placed.district else _in_the_same_place(known, placed)


def _in_the_same_place(known: Place, parts: OrderText) -> OrderText:
    """Where no region is said, it is the one that is known."""
    return replace(parts, province=known.province, city=known.city, district=known.district, town=known.town)


@dataclass(frozen=True, slots=True)
class _Change:
    action: str
    known: Place
    new: Place

    def masked(self) -> dict[str, list[str]]:
        """Before and after, for the trail."""
        said = {"收件": [self.known.masked(), self.new.masked()]}
        same = self.known.receiver.address == self.new.receiver.address
        return said if same else {**said, "详细地址": ["***", "*** 已改"]}


def _change(desk: Desk, row: Row[Any], actor: Actor, change: _Change) -> None:
    if change.new == change.known:
        raise Refusal(f"{row.tag} 现在就是这样，没有改动")
    sealed = {"theirs": place.seal(desk.vault, change.known), "ours": place.seal(desk.vault, change.new)}
    desk.session.execute(_OWN, {"id": row.id, "now": desk.now, "staff_id": actor.staff_id, **sealed})
    place.write(desk, row.id, change.new)
    trail.write_order(desk, row.id, actor=actor, action=change.action, detail=change.masked())
    desk.session.execute(_REVISION, {"id": row.id})
    _tell_warehouse(desk, row, actor, change.action)
    watch.arrived(desk, [row.id])
    owe.order_edits(desk, [row.id])
    remember(desk, actor, "receiver", row.id, revision=desk.session.execute(_NOW, {"id": row.id}).scalar_one())


def _tell_warehouse(desk: Desk, row: Row[Any], actor: Actor, action: str) -> None:
    """Whoever packs it may have printed the old label."""
    stage = Stage(row.stage)
    if stage not in _WITH_WAREHOUSE:
        return
    reason = f"{actor.name}{action}，现在{TITLES[stage]}：旧面单不能用，请按新的重打"
    live = [(one.id, reason, {"mark": reason}) for one in desk.session.execute(_LIVE, {"id": row.id})]
    opening.change_many(desk, live)
    if not live:
        opening.open_many(desk, [Opening(_KIND, reason, Role.WAREHOUSE, row.id, evidence={"mark": reason})], by=actor)
