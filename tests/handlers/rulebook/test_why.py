from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers.desk import Desk, Refusal
from tests.cast import Cast
from tests.factories import make_order, masked
from tests.handlers.rulebook.office import look, rule, said, words


def test_hits_come_first_then_what_nobody_can_tell_then_all_the_others_in_one_line(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session, receiver=masked(), paid_fen=150_000, buyer_message="电话 13800001234 要发票")
    for line in ("金额 > 1000 且 买家留言 包含 '发票'；标题 大额开票", "地址 包含 '部队'", "金额 > 9000；标题 更大的"):
        view = rule(desk, f"规则 新增 {line}", cast.chenjie)
        rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
    number = view.rule_id

    lines = words(desk, f"为什么 {order.tag}", cast.xiaoli).splitlines()

    assert lines[0] == f"**{order.tag}（待审核）**"
    hits, unknown = lines.index("命中："), lines.index("不能确定（不等于没问题）：")
    assert f"- 规则{number - 2} 大额开票：金额 > 1000 ✓（金额=1500）；买家留言 包含 '发票' ✓" in lines[hits:unknown]
    assert f"- 规则{number - 1}：地址 包含 '部队' ？（详细地址由平台隐藏）" in lines[unknown:]
    assert lines[-1].startswith("看过没问题：")
    assert "停留超时" in lines[-1]
    assert f"规则{number} 更大的" in lines[-1]
    assert "13800001234" not in "\n".join(lines)


def test_one_rule_is_told_comparison_by_comparison_whatever_it_said(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    number = rule(desk, "规则 新增 金额 > 1000 且 省 == '浙江'", cast.chenjie).rule_id

    assert words(desk, f"为什么 {order.tag} 规则{number}", cast.xiaoli).splitlines() == [
        f"**{order.tag}（待审核）· 规则{number}「规则{number}」[草稿]：没命中**",
        "- 金额 > 1000 ✗（金额=138）", "- 省 == '浙江' ✓（省=浙江）", "> 不符合条件",
    ]  # fmt: skip


def test_a_rule_in_shadow_is_told_to_supervisors_alone(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    number = rule(desk, "规则 新增 金额 > 100", cast.chenjie).rule_id
    rule(desk, f"规则 影子 {number}", cast.chenjie)
    look(desk)

    assert f"规则{number}[影子]：金额 > 100 ✓" in words(desk, f"为什么 {order.tag}", cast.chenjie)
    assert f"规则{number}" not in words(desk, f"为什么 {order.tag}", cast.xiaoli)


def test_an_order_that_left_is_looked_at_by_no_rule(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="done")

    assert words(desk, f"{order.tag} 为什么", cast.xiaoli) == f"{order.tag} 已完成，规则不再看它"


def test_it_is_for_customer_service_and_supervisors(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    with pytest.raises(Refusal, match="为什么由客服操作"):
        said(desk, f"为什么 {order.tag}", cast.laowang)
    with pytest.raises(Refusal, match="没有找到"):
        said(desk, "为什么 TB-20251222-999", cast.xiaoli)
