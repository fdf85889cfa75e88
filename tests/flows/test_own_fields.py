"""Fields that a company defines itself, through real callbacks on both platforms: defined, filled, a rule's case,
found, shown on the card, taken back."""

from __future__ import annotations

import re

from tests.flows.house import House
from tests.flows.test_batches import arrived


def test_a_field_is_made_filled_found_and_finds_its_person(office: House) -> None:
    orders = arrived(office, 3)

    assert "已新增字段「礼盒」（是否）" in office.ask("chenjie", "字段 新增 礼盒 是否")
    assert "由主管操作" in office.ask("xiaoli", "字段 新增 等级 选项 普通/VIP")
    office.ask("chenjie", "字段 新增 等级 选项 普通/VIP")
    draft = office.ask("chenjie", "规则 新增 礼盒 且 等级 == 'VIP'；标题 贵客礼盒；角色 仓库")
    number = re.search(r"规则(\d+)", draft)
    assert number is not None, draft
    office.ask("chenjie", f"规则 启 {number[1]}")

    said = office.ask("xiaoli", f"字段 {orders[0].tag} 礼盒 是 等级 vip")
    assert "礼盒 是；等级 VIP" in said
    office.look()
    assert "贵客礼盒" in office.ask("laowang", "我的")
    assert "您是想写「VIP」吗" in office.ask("xiaoli", f"字段 {orders[1].tag} 等级 VIPP")
    office.ask("xiaoli", f"{orders[1].tag} 礼盒=是")

    found = office.ask("laowang", "查 礼盒=是")
    assert all(order.tag in found for order in orders[:2])
    assert orders[2].tag not in found
    office.ask("xiaoli", "撤销")
    assert office.actions(orders[1])[-2:] == ["填字段", "撤销填字段"]
    assert "礼盒（是否）：1 单在用" in office.ask("laowang", "字段")
    assert not office.complaints()
