"""`查`: one order with what can be done to it now."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.card import Card, Field, Tone
from bot.pen import Pen, drop_down
from bot.phrases import left, moment, stayed, yuan
from handlers.buttons import Offer
from handlers.views import LineView, OrderView
from models.stages import OPEN, TITLES, Stage

_MOST_BUTTONS: Final = 6  # what every chat draws on one card


def draw(view: OrderView, pen: Pen) -> Card:
    now = view.at or pen.now
    buttons, menu = pen.controls((*_of_matter(view), *view.offers), view.more)
    return Card(
        title=_title(view, now),
        subject=f"order:{view.order_id}",
        revision=view.revision,
        subtitle=" · ".join(part for part in (view.shop, view.kind, yuan(view.paid_fen)) if part),
        source=pen.name,
        tone=_tone(view),
        quote=view.note,
        fields=_fields(view, now)[:5],
        body=_body(view),
        buttons=buttons,
        menu=menu,
        drop_down=drop_down(view.choice),
        link=pen.page_of(view.order_id),
        code=view.tag,
    )


def _of_matter(view: OrderView) -> tuple[Offer, ...]:
    """Of an order that one matter locks the buttons that free it: a reader need not look for the matter's card."""
    locking = [case for case in view.live if case.blocks]
    room = _MOST_BUTTONS - len(view.offers) - len(view.more)
    return locking[0].offers[: max(room, 0)] if len(locking) == 1 else ()


def _title(view: OrderView, now: datetime) -> str:
    words = f"{view.tag} {TITLES[view.stage]}"
    if view.stage in OPEN and view.ship_by_at is not None:
        words += f" {left(view.ship_by_at, now).replace(' ', '')}"  # 26 characters are all a phone shows
    return words


def _tone(view: OrderView) -> Tone:
    if view.stale or view.lock_reason or view.hold or view.refund:
        return Tone.WARN
    return Tone.GOOD if view.stage is Stage.DONE else Tone.PLAIN


def _fields(view: OrderView, now: datetime) -> tuple[Field, ...]:
    found = [Field("环节", _stage(view, now))]
    if view.ship_by_at is not None and view.stage in OPEN:
        found.append(Field("发货期限", moment(view.ship_by_at, now)))
    if view.waybill:
        found.append(Field("物流", f"{view.courier} {view.waybill}".strip()))
    found += [Field("商品", _goods(view.lines)), Field("收件", view.receiver or "未知")]
    if view.owner:
        found.append(Field("负责", view.owner))
    return tuple(field for field in found if field.value)


def _stage(view: OrderView, now: datetime) -> str:
    title = TITLES[view.stage]
    if view.stage not in OPEN:
        return f"{title}，{moment(view.stage_entered_at, now)}"
    return f"{title}，{stayed(view.stage_entered_at, now)}"


def _goods(lines: tuple[LineView, ...]) -> str:
    if not lines:
        return ""
    first = f"{lines[0].title} {lines[0].spec}".strip()
    rest = sum(line.quantity for line in lines)
    return f"{first} ×{lines[0].quantity}" if len(lines) == 1 else f"共 {rest} 件：{first} ×{lines[0].quantity} 等"


def _locked(view: OrderView) -> str:
    """The matters that lock it, each with its code, and what else the lock says."""
    locking = [words for words, case in zip(view.cases, view.live, strict=False) if case.blocks]
    code = next((case.code for case in view.live if case.blocks), "")
    hint = f"。处理请回复短码，例如：{code}" if len(locking) > 1 else ""
    return "；".join([*locking, *view.locked_besides]) + hint


def _others(view: OrderView) -> str:
    """The matters that do not lock it."""
    locking = {words for words, case in zip(view.cases, view.live, strict=False) if case.blocks}
    return "；".join(words for words in view.cases if words not in locking)


def _body(view: OrderView) -> str:
    said = (
        ("锁定", _locked(view)),
        ("平台暂停", view.hold),
        ("退款", view.refund),
        ("ERP", view.erp),
        ("轨迹", "；".join(view.parcels)),
        ("异常", _others(view)),
        ("未知", "；".join(view.unknown)),
        ("买家留言", view.buyer_message),
        ("备注", view.seller_memo),
        ("字段", "；".join(f"{name} {value}" for name, value in view.fields)),
        ("依据", view.kind_evidence),
        ("关联", "；".join(view.related)),
        ("类型", "；".join(view.special)),
    )
    return "\n".join(f"{label}：{value}" for label, value in said if value)
