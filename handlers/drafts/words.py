"""What a draft asks for and how, and how an answer changes it. Pure: texts and contents in, contents out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from handlers.desk import Refusal
from models.draft import DraftContent, DraftLine
from texts.goods import Wanted, goods_in
from texts.order import OrderText, fen_of, normal, phone_in, read, with_address

STATES: Final = {"confirmed": "已确认，正在建单", "made": "已建单", "cancelled": "已作废", "expired": "已过期作废"}
EXPIRED: Final = "新单草稿 30 分钟没有确认，已作废，没有建单。要继续请重新发一次"
_LONGEST_NAME: Final = 30

QUESTIONS: Final = {
    "original": "补的是哪一单？请回复原单编号；没有原单回复 0",
    "name": "收件人叫什么？",
    "phone": "收件人电话多少？手机、座机、带分机的虚拟号都可以",
    "region": "送到哪里？请发完整地址，例如：浙江省杭州市西湖区文三路 1 号",
    "address": "地址还缺路名、门牌，请补上",
    "goods": "要什么货、几件？例如：QH-CUP-RED 2件，或 红色马克杯 ×2",
    "sku": "",  # show.py names the choices
    "paid": "一共多少钱（元）？例如 138；不收钱回复 0",
}
EXCHANGED: Final = "换成什么货、几件？例如：QH-CUP-RED 1件；还是原来的货就回复：同款"
CHANGE: Final = (
    "要改哪一项？直接回复，写明是什么，例如：\n"
    "姓名：王小明\n电话：13800001234\n地址：浙江省杭州市西湖区文三路 1 号\n"
    "商品：QH-CUP-RED 2件\n金额：138\n备注：送礼盒"
)
_NO_ORIGINAL: Final = "-"


def next_question(content: DraftContent, kind: str, original_order_id: int | None) -> str:
    """The first thing that is missing, "" when nothing is. A receiver whom a platform hides was taken over whole."""
    hidden = bool(content.receiver.cipher)
    missing = {
        "original": kind != "normal" and original_order_id is None and content.original_number != _NO_ORIGINAL,
        "name": not (content.receiver.name or content.receiver.name_mask or hidden),
        "phone": not (content.receiver.phone or content.receiver.phone_mask or hidden),
        "region": not (content.city or content.district),
        "address": not (content.receiver.address or content.receiver.address_mask or hidden),
        "goods": not content.lines,
        "sku": not all(line.settled for line in content.lines),
        "paid": content.paid_fen is None,
    }
    return next((question for question, is_missing in missing.items() if is_missing), "")


def begun(text: str) -> DraftContent:
    """A draft of whatever stands in a text."""
    return merged(DraftContent(), read(text))


def merged(content: DraftContent, parts: OrderText) -> DraftContent:
    """What `parts` say replaces what was known; what they do not say stays."""
    known = content.receiver
    receiver = replace(
        known, name=parts.name or known.name, phone=parts.phone or known.phone, address=parts.address or known.address
    )
    changes: dict[str, object] = {"receiver": receiver}
    if parts.city or parts.district:
        changes |= {name: getattr(parts, name) for name in ("province", "city", "district", "town")}
    if parts.goods:
        changes["lines"] = lines_of(parts.goods)
    if parts.paid_fen is not None:
        changes["paid_fen"] = parts.paid_fen
    if parts.remark:
        changes["remark"] = parts.remark
    return replace(content, **changes)  # type: ignore[arg-type]


def lines_of(goods: Sequence[Wanted]) -> tuple[DraftLine, ...]:
    return tuple(DraftLine(one.words, one.quantity) for one in goods)


def without_original(content: DraftContent) -> DraftContent:
    return replace(content, original_number=_NO_ORIGINAL)


def original_of(content: DraftContent) -> str | None:
    """The platform number of the order that it mends."""
    return content.original_number if content.original_number not in ("", _NO_ORIGINAL) else None


def answered(content: DraftContent, question: str, text: str) -> DraftContent:
    """The content with a plain answer to `question`, which is neither "original" nor "sku". Raises Refusal saying what
    is wanted."""
    words = normal(text)
    said = read(words)
    if sum(map(bool, (said.name, said.phone, said.address, said.goods))) > 1:
        return merged(content, said)  # more than was asked for
    match question:
        case "name":
            return _named(content, words)
        case "phone":
            return _called(content, words)
        case "region" | "address":
            return _placed(content, question, words)
        case "goods":
            goods = goods_in(words)[0] or (Wanted(words),)
            return replace(content, lines=lines_of(goods))
        case _:
            return _priced(content, words)


def _named(content: DraftContent, words: str) -> DraftContent:
    if len(words) > _LONGEST_NAME or any(letter.isdigit() for letter in words):
        raise Refusal(f"「{words[:20]}」不像姓名。{QUESTIONS['name']}")
    return replace(content, receiver=replace(content.receiver, name=words))


def _called(content: DraftContent, words: str) -> DraftContent:
    phone = phone_in(words)
    if not phone:
        raise Refusal(f"「{words[:20]}」不像电话。{QUESTIONS['phone']}")
    return replace(content, receiver=replace(content.receiver, phone=phone))


def _placed(content: DraftContent, question: str, words: str) -> DraftContent:
    """Behind the region that is known; where none is, the answer's own address takes the place of what was written."""
    known = OrderText()
    if question == "address":
        known = OrderText(
            province=content.province, city=content.city, district=content.district, town=content.town,
            address=content.receiver.address,
        )  # fmt: skip
    placed = with_address(known, words)
    if not (placed.city or placed.district):
        raise Refusal(f"看不出是哪个城市。{QUESTIONS['region']}")
    return merged(content, placed)


def _priced(content: DraftContent, words: str) -> DraftContent:
    fen = fen_of(words)
    if fen is None:
        raise Refusal(f"「{words[:20]}」不像金额。{QUESTIONS['paid']}")
    return replace(content, paid_fen=fen)
