"""What people read first and what they can press; the exact drawing is golden, see tests/bot/channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.card import Card, Style, Text, Tone
from bot.cards import draw
from bot.payload import Payload
from handlers.buttons import Offer
from handlers.dispatch.view import DispatchView
from handlers.reports.view import DailyView
from handlers.views import BoardView, OrderView, View
from models.stages import Stage
from tests.bot.samples import KEY, NOW, PEN, VIEWS, case, order


def card(view: View) -> Card:
    drawing = draw(view, PEN)
    assert isinstance(drawing, Card)
    return drawing


def text(view: View) -> Text:
    drawing = draw(view, PEN)
    assert isinstance(drawing, Text)
    return drawing


def offers(count: int) -> tuple[Offer, ...]:
    return tuple(Offer(f"按钮{number}", "claim", "case:12", 3, str(number)) for number in range(count))


def test_the_first_line_says_what_time_left_and_money() -> None:
    assert card(case()).title == "待审核超时 · 剩 5 小时 · ¥318"
    assert card(case(ship_by_at=NOW - timedelta(hours=2))).title == "待审核超时 · 已超 2 小时 · ¥318"
    assert card(VIEWS["case_group"]).title == "待发货超时 · 50 单 · ¥318"
    assert card(VIEWS["board"]).title == "待处理 17 单，超时 3 单"
    assert card(VIEWS["board_calm"]).title == "待处理 1 单，没有超时"
    assert card(order()).title == "JD-20251222-001 待审核 剩46小时"


def test_the_board_says_what_is_wrong_with_shops() -> None:
    stopped, unreadable = (
        "已停止同步：青禾拼多多店",
        "有 4 条平台记录读不懂（青禾京东店 3 条、青禾淘宝店 1 条），请联系管理员",
    )
    board = VIEWS["board_calm"]
    assert isinstance(board, BoardView)
    assert card(VIEWS["board"]).quote == f"{stopped}；{unreadable}"
    assert card(board).quote == ""
    worried = card(replace(board, unreadable=(("青禾京东店", 1),)))
    assert (worried.quote, worried.tone) == ("有 1 条平台记录读不懂（青禾京东店 1 条），请联系管理员", Tone.WARN)


def test_the_form_says_who_has_no_room_on_it() -> None:
    form = VIEWS["dispatch"]
    assert isinstance(form, DispatchView)
    assert card(form).body == ""
    assert card(replace(form, unlisted=3)).body == "另有 3 人没列出，请发：指派 短码 人名"


def test_never_more_than_five_fields() -> None:
    for name, view in VIEWS.items():
        drawing = draw(view, PEN)
        assert isinstance(drawing, Text) or len(drawing.fields) <= 5, name


def test_two_main_buttons_the_rest_in_the_menu_and_none_lost() -> None:
    for count, more, shown in [(0, 0, 0), (1, 3, 1), (2, 3, 2), (3, 0, 2), (4, 3, 4), (6, 3, 6), (1, 5, 3)]:
        drawn = card(case(offers=offers(count), more=offers(count + more)[count:]))
        assert (len(drawn.buttons), len(drawn.menu)) == (shown, count + more - shown)


def test_buttons_carry_what_the_person_saw() -> None:
    drawn = card(case())
    assert [button.text for button in drawn.buttons] == ["认领", "审核通过"]
    assert drawn.buttons[0].style is Style.MAIN
    assert drawn.menu[2].style is Style.DANGER
    assert Payload.unpack(drawn.buttons[0].payload, KEY) == Payload("claim", "case:12", 3)
    assert card(case(offers=(Offer("认领", "claim", "case:12", 3, style="neon"),))).buttons[0].style is Style.PLAIN


def test_the_same_offer_twice_is_one_button() -> None:
    drawn = card(case(offers=offers(1) + offers(1), more=()))
    assert len(drawn.buttons) + len(drawn.menu) == 1


def test_a_case_shows_its_code_its_owner_and_how_long_it_stayed() -> None:
    drawn = card(case())
    fields = {field.label: field for field in drawn.fields}
    assert drawn.code == "A7F2"
    assert fields["环节"].value == "待审核 已停留 3 小时 12 分"
    assert fields["发货期限"].value == "15:00，剩 5 小时"
    assert (fields["负责"].value, fields["负责"].userids["wecom"]) == ("小李", "xiaoli")
    claimed = {field.label: field.value for field in card(VIEWS["case_claimed"]).fields}
    assert claimed["负责"] == "老王，11:30 前"
    free = {field.label: field.value for field in card(case(owner="")).fields}
    assert free["负责"] == "客服（待认领）"


def test_a_settled_case_says_who_and_offers_nothing() -> None:
    drawn = card(VIEWS["case_settled"])
    assert drawn.done_text == "小李 10:00 处理：已确认"
    assert (drawn.buttons, drawn.menu, drawn.drop_down, drawn.tone) == ((), (), None, Tone.GOOD)
    assert card(case(settled=True, note="")).done_text == "已处理"


def test_a_group_matter_lists_some_and_counts_all() -> None:
    body = card(VIEWS["case_group"]).body
    assert "JD-20251222-001 已停留 3 小时" in body
    assert body.endswith("…共 50 单")


def test_a_card_of_one_order_leads_to_its_page_and_any_other_to_the_board() -> None:
    assert card(case()).link == card(order()).link == "http://127.0.0.1:8780/orders/5"
    assert card(case(order_id=None)).link == "http://127.0.0.1:8780"


def test_tones_follow_urgency() -> None:
    assert card(case()).tone is Tone.WARN
    assert card(case(severity="P3")).tone is Tone.PLAIN
    assert card(order()).tone is Tone.PLAIN
    assert card(VIEWS["order_shipped"]).tone is Tone.GOOD
    assert card(VIEWS["order_locked"]).tone is Tone.WARN


def test_an_order_shows_what_stands_in_its_way() -> None:
    body = card(VIEWS["order_locked"]).body
    for words in (
        "锁定：缺货",
        "平台暂停：平台风控审核中",
        "退款：买家申请退款",
        "异常：地址模糊",
        "买家留言：请放门卫",
    ):
        assert words in body
    assert card(VIEWS["order_shipped"]).quote == "老王 10:00 已发货"


def test_an_order_shows_goods_in_a_few_words() -> None:
    fields = {field.label: field.value for field in card(order()).fields}
    assert fields["商品"] == "共 3 件：北欧风陶瓷餐盘 8 寸 白 ×2 等"
    view = order()
    single = {field.label: field.value for field in card(replace(view, lines=view.lines[:1])).fields}
    assert single["商品"] == "北欧风陶瓷餐盘 8 寸 白 ×2"
    bare = {field.label: field.value for field in card(replace(view, lines=(), receiver="", at=None)).fields}
    assert "商品" not in bare
    assert bare["收件"] == "未知"
    shipped = {field.label: field.value for field in card(VIEWS["order_shipped"]).fields}
    assert shipped["物流"] == "顺丰 SF1234567890123"
    assert card(order(stage=Stage.CANCELLED)).fields[0].value == "已取消，08:55"


def test_lists_tell_how_many_are_left_out() -> None:
    assert "还有 3 单没有列出" in text(VIEWS["order_list"]).markdown
    assert "（超时）" in text(VIEWS["order_list"]).markdown
    mine = text(VIEWS["mine"]).markdown
    assert "`A7F2` 地址模糊 JD-20251222-001，已开 30 分：缺区县" in mine
    assert "还有 3 件异常没有列出" in mine
    assert "没有待办" in text(VIEWS["mine_empty"]).markdown
    assert "还有 7 条" in text(VIEWS["trail"]).markdown


def test_a_broken_trail_is_said() -> None:
    assert "被改动过" in text(VIEWS["trail_broken"]).markdown
    assert "被改动过" not in text(VIEWS["trail"]).markdown


def test_receiver_data_in_clear_is_always_private() -> None:
    for name in ("reveal", "reveal_unknown"):
        assert text(VIEWS[name]).private
    assert "13812341234" in text(VIEWS["reveal"]).markdown
    assert "平台只给密文" in text(VIEWS["reveal_unknown"]).markdown


def test_nothing_counts_down_to_a_deadline_that_was_met() -> None:
    gone = card(case(stage=Stage.DONE))
    assert gone.title == "待审核超时 · ¥318"
    fields = {field.label: field.value for field in gone.fields}
    assert "发货期限" not in fields
    assert fields["环节"] == "已完成 06:48"
    assert card(order(stage=Stage.DONE)).title == "JD-20251222-001 已完成"


def test_an_order_that_one_matter_locks_offers_what_frees_it_and_says_it_once() -> None:
    drawn = card(VIEWS["order_one_matter"])

    buttons = [Payload.unpack(one.payload, KEY) for one in (*drawn.buttons, *drawn.menu)]
    assert buttons[:2] == [Payload("claim", "case:12", 2), Payload("solve", "case:12", 2)]
    assert buttons[2].subject == "order:5"
    assert drawn.body.count("货品、收件人相同") == 1
    assert "锁定：重复单：与 JD-20251222-002 货品、收件人相同（A7F2）" in drawn.body
    assert "异常：付款后没人审核：已停留 3 小时（B7F3）" in drawn.body


def test_an_order_that_several_matters_lock_says_how_to_reach_each() -> None:
    view = VIEWS["order_one_matter"]
    assert isinstance(view, OrderView)
    drawn = card(replace(view, live=tuple(replace(one, blocks=True) for one in view.live)))

    assert [button.text for button in (*drawn.buttons, *drawn.menu)] == ["刷新"]
    assert "处理请回复短码，例如：A7F2" in drawn.body
    assert "异常：" not in drawn.body


def test_the_share_that_passed_by_itself_is_told_of_none_as_well() -> None:
    daily = VIEWS["daily"]
    assert isinstance(daily, DailyView)
    for alone, passed, line in ((3, 4, "自动审核 3 单，占审核 75%"), (0, 4, "自动审核 0 单，占审核 0%")):
        assert line in text(replace(daily, passed_alone=alone, passed=passed)).markdown
    for nobody in (replace(daily, passed_alone=None, passed=4), replace(daily, passed_alone=0, passed=0)):
        assert "自动审核" not in text(nobody).markdown
