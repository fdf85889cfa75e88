"""Orders that colleagues make in chat: what a customer wrote becomes an order, what mends one is linked to it, and
orders for one receiver leave in one parcel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

import jobs
from models import Draft, Notification, Order
from models.case import short_code
from sandbox.chat_store import Message
from tests.flows import house as building
from tests.flows.chats import shown
from tests.flows.house import Document, Ground, House, open_house

CHAT = {"slug": "chat", "platform": "chat", "prefix": "CHAT", "name": "青禾微信群"}
WHO = "王小明 13800001234 浙江省杭州市西湖区文三路 1 号"
WHOLE = f"{WHO} QH-CUP-RED ×2 共138元"
STOCK = {"QH-CUP-RED": 40, "QH-CUP-BLU": 40, "QH-CUP-WHT": 40}
WAYBILL = "SF1234567890123"


@pytest.fixture
def shop(ground: Ground, chat: str) -> Iterator[House]:
    """A house with a shop of chat orders, and cups that its platforms have sold before."""
    made = building.document_for

    def with_chat(*given: Any) -> Document:
        document = made(*given)
        return document | {"shops": [*document["shops"], CHAT]}

    ground.patch.setattr(building, "document_for", with_chat)
    with open_house(ground, chat=chat, online=False, stock=STOCK) as opened:
        for number, sku in enumerate(STOCK):
            opened.order_in("taobao", sku=sku, ago_seconds=1800 + number)
        opened.pull("taobao")
        yield opened


def made(house: House) -> list[Order]:
    """The chat shop's orders, after the job that was asked for."""
    house.move(seconds=1)  # a pull asks for whole seconds
    jobs.pull_shop("chat")
    house.work()
    with house.hub.sessions() as session:
        return list(session.scalars(select(Order).where(Order.platform == "chat").order_by(Order.id)))


def draft_card(house: House, *words: str) -> Message:
    return house.card("app:xiaoli", "单", *words)


def ordered(house: House, text: str = WHOLE, press: str = "确认") -> Order:
    """An order made in chat, from its text to its tag."""
    house.ask("xiaoli", text)
    house.pressed("xiaoli", draft_card(house, "请核对后确认"), press)
    return made(house)[-1]


def sold(house: House, **wishes: Any) -> Order:
    """An order that Taobao shows since the last pull."""
    house.move(minutes=20)
    return house.arrived("taobao", ago_seconds=600, **wishes)


def both(house: House, platform: str = "taobao") -> list[Order]:
    """Two orders of the same buyer, and one of somebody else."""
    house.move(minutes=20)
    placed = [  # of other goods: the same bought twice would be asked about first
        house.order_in(platform, buyer="hero", sku=sku, ago_seconds=600 + age)
        for age, sku in enumerate(("QH-CUP-RED", "QH-CUP-BLU"))
    ]
    house.order_in(platform, buyer="somebody", sku="QH-CUP-RED", ago_seconds=650)
    house.pull(platform)
    return [house.order(one.id) for one in placed]


def drafts(house: House) -> list[tuple[str, str]]:
    with house.hub.sessions() as session:
        return [(one.kind, one.state) for one in session.scalars(select(Draft).order_by(Draft.id))]


def test_a_forwarded_text_is_asked_about_confirmed_and_stands_with_its_tag(shop: House) -> None:
    said = shop.ask("xiaoli", WHO)
    assert "什么货" in said
    assert "13800001234" in said, "she must be able to check what was understood"
    assert "哪一个" in shop.ask("xiaoli", "马克杯 2个")
    assert "多少钱" in shop.ask("xiaoli", "2")
    said = shop.ask("xiaoli", "138")
    assert "请核对后确认" in said
    assert made(shop) == [], "nobody has confirmed it"
    card = draft_card(shop, "请核对后确认")
    shop.pressed("xiaoli", card, "确认")
    assert "13800001234" not in shown(card, "xiaoli"), "what is over needs nobody's phone"
    (order,) = made(shop)
    assert (order.tag, order.paid_fen, order.city) == ("CHAT-20251222-001", 13800, "杭州市")
    assert order.tag in shown(shop.card("app:xiaoli", order.tag, "待审核"), "xiaoli"), "the asker hears the tag"
    assert "聊天下单" in shop.actions(order)
    said = shop.ask("laowang", f"查 {order.tag}")
    assert "138****1234" in said
    assert "手工单" in said
    assert drafts(shop) == [("normal", "made")]
    assert not shop.complaints()


def test_a_filled_in_form_wins_over_the_command_of_the_same_name(shop: House) -> None:
    said = shop.ask(
        "xiaoli",
        "收件人：李雷\n电话：18877771111转1234\n地址：深圳市南山区科技园南路 88 号\n商品：QH-CUP-BLU 1件\n金额：69",
    )
    assert "18877771111-1234" in said
    assert "请核对后确认" in said


def test_what_is_wrong_is_changed_in_words_and_confirmed_in_words(shop: House) -> None:
    shop.ask("xiaoli", f"新单 {WHOLE}")
    assert "直接回复" in shop.ask("xiaoli", "改")
    assert "13900001111" in shop.ask("xiaoli", "电话：13900001111")
    assert "送礼盒" in shop.ask("xiaoli", "备注：送礼盒")
    assert "×3" in shop.ask("xiaoli", "商品：QH-CUP-WHT 3个")
    assert "已确认" in shop.ask("xiaoli", "确认")
    (order,) = made(shop)
    assert order.seller_memo == "送礼盒"
    assert order.phone_hash == shop.hub.sessions().info["vault"].lookup("phone", "13900001111")


def test_an_answer_that_is_none_asks_again_and_other_commands_still_work(shop: House) -> None:
    shop.ask("xiaoli", "新单 13800001234 杭州市西湖区文三路 1 号")
    assert "不像姓名" in shop.ask("xiaoli", "13800001234")
    assert "待处理" in shop.ask("xiaoli", "看板")
    assert "什么货" in shop.ask("xiaoli", "王小明")
    assert "没有找到「电饭煲」" in shop.ask("xiaoli", "电饭煲 1个")
    assert "多少钱" in shop.ask("xiaoli", "0"), "kept as it is written"
    assert "不像金额" in shop.ask("xiaoli", "很多")
    assert "请核对后确认" in shop.ask("xiaoli", "138")


def test_a_forgotten_draft_ends_with_a_word(shop: House) -> None:
    shop.ask("xiaoli", WHOLE)
    card = draft_card(shop, "请核对后确认")
    shop.move(minutes=31)
    shop.look()
    assert drafts(shop) == [("normal", "expired")]
    assert "30 分钟没有确认" in shown(shop.said("app:xiaoli")[-1])
    assert "已过期" in shown(card, "xiaoli")
    assert made(shop) == []
    assert "没有等您" in shop.ask("xiaoli", "确认")


def test_nobody_but_its_maker_confirms_a_draft(shop: House) -> None:
    shop.ask("xiaoli", WHOLE)
    assert "由客服操作" in shop.ask("laowang", f"新单 {WHOLE}")
    assert "没有等您" in shop.ask("chenjie", "确认")
    shop.pressed("xiaoli", draft_card(shop, "请核对后确认"), "取消")
    assert drafts(shop) == [("normal", "cancelled")]
    assert made(shop) == []


def test_a_likely_duplicate_is_pointed_out_before_it_is_one(shop: House) -> None:
    first = ordered(shop)
    shop.move(minutes=2)
    said = shop.ask("xiaoli", WHOLE)
    assert first.tag in said
    assert "可能重复" in said
    card = draft_card(shop, "可能重复")
    shop.pressed("xiaoli", card, "不重复，下单")
    assert len(made(shop)) == 2
    shop.move(minutes=11)
    assert "可能重复" not in shop.ask("xiaoli", WHOLE)


def test_a_duplicate_that_somebody_else_confirms_meanwhile_is_pointed_out_at_the_last_moment(shop: House) -> None:
    shop.ask("xiaoli", WHOLE)
    card = draft_card(shop, "请核对后确认")
    shop.ask("chenjie", WHOLE)
    shop.ask("chenjie", "确认")
    said = shop.pressed("xiaoli", card, "确认")
    assert "刚确认过一张" in said
    assert drafts(shop) == [("normal", "open"), ("normal", "confirmed")]
    shop.pressed("xiaoli", card, "不重复，下单")
    assert len(made(shop)) == 2


def test_words_of_a_reship_are_asked_about_and_the_original_is_found_by_the_phone(shop: House) -> None:
    first = ordered(shop)
    shop.move(hours=20)
    said = shop.ask("xiaoli", f"{WHO} QH-CUP-RED 1个 0元 备注：漏发补一个")
    assert f"下过 {first.tag}" in said
    shop.pressed("xiaoli", draft_card(shop, "漏发"), "是补发")
    shop.pressed("xiaoli", draft_card(shop, "还没有发出"), "仍要补发")
    order = made(shop)[-1]
    assert (order.kind, order.original_id, order.paid_fen) == ("reship", first.external_id, 0)
    assert f"原单 {first.tag}" in shop.ask("xiaoli", f"查 {order.tag}")


def test_a_reship_copies_the_order_is_linked_both_ways_and_a_second_one_goes_to_the_supervisor(shop: House) -> None:
    order = sold(shop, buyer="hero", sku="QH-CUP-BLU", quantity=2)
    said = shop.ask("xiaoli", f"补发 {order.tag} QH-CUP-BLU 1 运输破损")
    assert "请核对后确认" in said
    assert f"原单 {order.tag} 还没有发出" in said
    shop.pressed("xiaoli", draft_card(shop, "补发单"), "仍要补发")
    reship = made(shop)[-1]
    assert (reship.kind, reship.original_id, reship.paid_fen) == ("reship", order.external_id, 0)
    assert "运输破损" in reship.kind_evidence
    assert reship.receiver_key == order.receiver_key
    assert reship.tag in shop.ask("xiaoli", f"查 {order.tag}")
    assert order.tag in shop.ask("xiaoli", f"查 {reship.tag}")
    assert reship.lock_reason == ""

    shop.move(minutes=20)
    assert "已经补发过 1 次" in shop.ask("xiaoli", f"补发 {order.tag}")
    shop.pressed("xiaoli", draft_card(shop, "已经补发过"), "仍要补发")
    second = made(shop)[-1]
    assert "补发核对" in second.lock_reason
    card = shop.card("app:chenjie", "补发核对", second.tag)
    assert "主管" in shop.ask("xiaoli", f"{short_code(shop.cases('resend_check')[0].id)} 完成")
    shop.pressed("chenjie", card, "同意补发")
    assert shop.order(second.external_id).lock_reason == ""
    shop.trail(second)


def test_an_exchange_waits_for_what_comes_back_unless_the_supervisor_says_so(shop: House) -> None:
    order = sold(shop, buyer="hero", sku="QH-CUP-BLU")
    shop.ask("xiaoli", f"换货 {order.tag} QH-CUP-RED 1 颜色拍错")
    shop.pressed("xiaoli", draft_card(shop, "换货单", "还没有发出"), "仍要换货")
    exchange = made(shop)[-1]
    assert "退货未入库" in exchange.lock_reason
    code = short_code(shop.cases("return_not_in")[0].id)
    assert "主管" in shop.ask("xiaoli", f"{code} 先发")
    assert "同意先发" in shop.ask("chenjie", f"{code} 先发")
    assert shop.order(exchange.external_id).lock_reason == ""


def test_an_order_that_should_not_have_been_made_is_withdrawn(shop: House) -> None:
    order = ordered(shop)
    assert "为什么" in shop.ask("xiaoli", f"作废 {order.tag}")
    assert "已作废" in shop.ask("xiaoli", f"作废 {order.tag} 客户不要了")
    made(shop)
    assert shop.order(order.external_id).stage == "cancelled"
    platform = sold(shop)
    assert "平台后台" in shop.ask("xiaoli", f"作废 {platform.tag} 试试")


def test_no_receiver_of_a_draft_lies_about_in_clear(shop: House) -> None:
    shop.ask("xiaoli", WHOLE)
    with shop.hub.sessions() as session:
        bodies = str(list(session.scalars(select(Notification.body))))
        contents = b"".join(session.scalars(select(Draft.content)))
    assert "13800001234" not in bodies
    assert "王小明" not in bodies
    assert "王小明".encode() not in contents


@pytest.mark.parametrize("platform", ["taobao", "pdd"])
def test_orders_for_one_receiver_are_one_matter_and_leave_by_one_waybill(shop: House, platform: str) -> None:
    one, other = both(shop, platform)
    (case,) = shop.cases("unmerged", "open")
    assert sorted(case.evidence["tags"]) == sorted([one.tag, other.tag])
    shop.ask("xiaoli", short_code(case.id))
    card = shop.card("app:xiaoli", one.tag, other.tag)
    shop.pressed("xiaoli", card, "合并发货")
    assert f"与 {other.tag}" in shop.ask("xiaoli", f"查 {one.tag}")
    for order in (one, other):
        shop.ask("xiaoli", f"审核 {order.tag}")
        shop.ask("laowang", f"配货 {order.tag}")
    shop.ask("laowang", f"发货 {one.tag} 顺丰 {WAYBILL}")
    done = shop.pressed("laowang", shop.card("app:laowang", one.tag, "已完成"), "同单号发其余1单")
    assert shop.order(other.external_id).waybill == WAYBILL, done
    assert {sent.waybill for sent in shop.world.shipments} == {WAYBILL}
    assert "合并发货" in shop.actions(one)
    assert not shop.complaints()


def test_what_is_kept_apart_is_not_asked_again_until_somebody_joins(shop: House) -> None:
    both(shop)
    code = short_code(shop.cases("unmerged", "open")[0].id)
    assert "不合并" in shop.ask("xiaoli", f"{code} 不合并 送两个人")
    shop.move(hours=1)
    shop.look()
    assert not shop.cases("unmerged", "open")
    sold(shop, buyer="hero")
    (again,) = shop.cases("unmerged", "open")
    assert len(again.evidence["tags"]) == 3


def test_a_merged_order_whose_address_changes_is_taken_out(shop: House) -> None:
    orders = both(shop)
    shop.ask("xiaoli", f"{short_code(shop.cases('unmerged')[0].id)} 合并")
    shop.move(minutes=5)
    shop.world.edit(orders[0].external_id, detail="文三路 99 号 5 幢 301")
    shop.move(minutes=10)
    shop.pull("taobao")
    moved = shop.order(orders[0].external_id)
    assert "合单地址不一致" in moved.lock_reason
    assert "合并发货" not in shop.ask("xiaoli", f"查 {orders[1].tag}").partition("关联")[2]
    shop.trail(moved)


def test_a_matter_of_which_one_order_is_left_ends_by_itself(shop: House) -> None:
    orders = both(shop)
    shop.world.cancel(orders[0].external_id)
    shop.move(minutes=10)
    shop.pull("taobao")
    shop.look()
    assert [case.state for case in shop.cases("unmerged")] == ["solved"]


def test_chat_orders_of_one_phone_and_address_can_leave_together_too(shop: House) -> None:
    one = ordered(shop)
    shop.move(minutes=20)
    other = ordered(shop)
    assert sorted(shop.cases("unmerged", "open")[0].evidence["tags"]) == [one.tag, other.tag]
    shop.move(minutes=20)
    elsewhere = WHOLE.replace("文三路 1 号", "文二路 9 号")
    ordered(shop, elsewhere)
    assert len(shop.cases("unmerged", "open")[0].evidence["tags"]) == 2, "another address is another parcel"


def test_a_chat_order_goes_its_way_and_no_platform_is_told(shop: House) -> None:
    order = ordered(shop)
    shop.ask("xiaoli", f"审核 {order.tag}")
    shop.ask("laowang", f"配货 {order.tag}")
    said = shop.ask("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}")
    assert WAYBILL in said
    assert "回传" not in said
    shop.move(minutes=30)
    shop.look()
    assert shop.order(order.external_id).stage == "done"
    assert shop.cases("writeback_fail") == []
    assert "回传失败" not in shop.actions(order)
