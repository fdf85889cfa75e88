"""模板: business people change what customers are told, a line at a time, with a preview and an undo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import commands
from handlers.customers import account, filling, notices
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.views import TextView
from tests.cast import Cast
from tests.factories import make_line, make_order, typed

LISTED: list[dict[str, Any]] = [
    {
        "template_id": "tmpl-shipped-0001", "title": "订单发货通知",
        "content": "订单编号：{{character_string1.DATA}}\n商品名称：{{thing2.DATA}}\n快递公司：{{thing3.DATA}}\n"
        "快递单号：{{character_string4.DATA}}\n发货时间：{{time5.DATA}}",
    },
    {
        "template_id": "tmpl-solved-0001", "title": "订单处理进度提醒",
        "content": "订单编号：{{character_string1.DATA}}\n处理结果：{{phrase2.DATA}}\n处理时间：{{time3.DATA}}",
    },
    {
        "template_id": "tmpl-delayed-0001", "title": "订单延期通知",
        "content": "{{first.DATA}}\n订单编号：{{character_string1.DATA}}\n商品名称：{{thing2.DATA}}\n"
        "延期原因：{{const3.DATA}}\n原定发货时间：{{time4.DATA}}\n{{remark.DATA}}",
        "keywordEnumValueList": [{"keywordCode": "const3.DATA", "enumValueList": ["仓库延误", "商品缺货"]}],
    },
]  # fmt: skip


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words), actor)
    assert isinstance(view, TextView)
    return view.text


@pytest.fixture
def read(desk: Desk) -> None:
    account.keep(desk, LISTED)


@pytest.mark.usefixtures("read")
class TestRead:
    def test_the_accounts_keys_and_approved_words(self, desk: Desk) -> None:
        delayed = notices.templates(desk)["tmpl-delayed-0001"]
        assert [(key.key, key.label, key.words) for key in delayed.keys] == [
            ("character_string1", "订单编号", ()),
            ("thing2", "商品名称", ()),
            ("const3", "延期原因", ("仓库延误", "商品缺货")),
            ("time4", "原定发货时间", ()),
        ]

    def test_what_the_account_shows_no_more_is_gone_and_supervisors_hear(self, desk: Desk, cast: Cast) -> None:
        account.keep(desk, LISTED[1:])

        assert "开，但模板在公众号后台已不存在" in say(desk, "模板", cast.xiaoli)
        letter = filling.letter(desk, "shipped", [{"number": "1"}])
        assert "已不存在" in letter.filled["wechat_oa"].problem

    def test_it_is_read_again_when_somebody_asks(self, desk: Desk, cast: Cast) -> None:
        say(desk, "模板 读取", cast.chenjie)
        assert (Job.READ_TEMPLATES, ()) in desk.later


@pytest.mark.usefixtures("read")
class TestShown:
    def test_all_events_at_a_glance(self, desk: Desk, cast: Cast) -> None:
        said = say(desk, "模板", cast.xiaoli)
        assert "- 发货：开，模板「订单发货通知」，第 1 版" in said
        assert "- 延期：开，没有选模板" in said
        assert "还有这些模板没用：订单延期通知" in said

    def test_one_event_line_by_line_with_the_limits(self, desk: Desk, cast: Cast) -> None:
        said = say(desk, "模板 发货", cast.xiaoli)
        assert "- 商品名称（thing2）：{商品}　最多 20 个字，不能换行" in said
        assert "可以放的内容：{订单号} {商品} {快递} {单号} {时间}" in said

    def test_a_preview_with_a_real_order_shows_what_the_customer_sees(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_order(
            session, external_id="2000000000000077777", tag="TB-20251222-401", stage="done", courier="shunfeng",
            waybill="SF1234567890123", shipped_at=desk.now,
            lines=[make_line(title="北欧风陶瓷餐盘 8 寸 白色 两只装")],
        )  # fmt: skip

        said = say(desk, "模板 发货 预览 TB-20251222-401", cast.xiaoli)

        assert "- 订单编号：2000****7777" in said
        assert "- 商品名称：北欧风陶瓷餐盘 8 寸 白色 两只装 …　已截短" in said
        assert "- 快递公司：顺丰速运" in said
        assert "可以发送" in said
        assert "2000000000000077777" not in said

    def test_a_preview_says_what_stands_in_the_way(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_order(session, tag="TB-20251222-402")
        said = say(desk, "模板 发货 预览 TB-20251222-402", cast.xiaoli)
        assert "> 这样发不出去：模板里 快递公司（thing3）、快递单号（character_string4） 没有内容" in said


@pytest.mark.usefixtures("read")
class TestChanged:
    def test_a_line_by_its_label(self, desk: Desk, cast: Cast) -> None:
        said = say(desk, "模板 发货 商品名称 {商品} 已打包", cast.chenjie)

        assert said.startswith("发货通知已改：商品名称：{商品} → {商品} 已打包")
        letter = filling.letter(desk, "shipped", [{"goods": "马克杯"}])
        assert letter.filled["wechat_oa"].values["thing2"] == "马克杯 已打包"
        assert "第 2 版" in say(desk, "模板 发货", cast.xiaoli)

    def test_and_taken_back(self, desk: Desk, cast: Cast) -> None:
        say(desk, "模板 发货 商品名称 您的{商品}", cast.chenjie)
        say(desk, "模板 延期 关", cast.chenjie)

        assert say(desk, "模板 撤销", cast.chenjie) == "已撤销延期通知的改动：关闭"
        assert "商品名称：{商品} → 您的{商品}" in say(desk, "模板 撤销", cast.chenjie)
        assert notices.notice(desk, "shipped") == notices.usual(desk, "shipped")
        with pytest.raises(Refusal, match="没有可以撤销的改动"):
            say(desk, "模板 撤销", cast.chenjie)
        assert "已由陈姐撤销" in say(desk, "模板 发货", cast.xiaoli)

    def test_another_template_is_filled_by_what_its_labels_mean(self, desk: Desk, cast: Cast) -> None:
        said = say(desk, "模板 延期 换 订单延期通知", cast.chenjie)

        assert "还要写好这些行，否则发不出去：延期原因" in said
        say(desk, "模板 延期 延期原因 仓库延误", cast.chenjie)
        values = {"number": "2000000000000077777", "goods": "马克杯", "deadline": "2025年12月22日 10:00"}
        filled = filling.letter(desk, "delayed", [values]).filled["wechat_oa"]
        assert (filled.problem, filled.values["const3"], filled.values["time4"]) == (
            "", "仓库延误", "2025年12月22日 10:00",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            (
                "发货 商品名称 这一行的内容实在是太长太长太长太长太长了放不下",
                r"商品名称（thing2）：thing2 要求最多 20 个字",
            ),
            ("发货 订单编号 单号{订单号}", "不能有汉字"),
            ("发货 发货时间 尽快", "日期或时间"),
            ("处理 处理结果 第{订单号}单", "这样写出来是"),
            ("发货 商品名称 {地址}", "没有 {地址} 这个内容，可以写：{订单号}"),
            ("发货 商品名称 {商品", "括号没有成对"),
            ("发货 颜色 红", "没有「颜色」这一行，可以改：订单编号、商品名称"),
            ("发货 商品名称", "改成什么"),
            ("发货 商品名称 {商品}", "没有改动"),
            ("火星 关", "没有「火星 关」这种客户通知"),
            ("延期 换 不存在的模板", "可以换成：订单发货通知、订单处理进度提醒、订单延期通知"),
            ("延期 商品名称 {商品}", "还没有选模板"),
            ("发货 文字 看 https://example.com 网页吧", "不能有网址"),
        ],
    )
    def test_what_cannot_be_sent_is_explained_when_it_is_written(
        self, desk: Desk, cast: Cast, words: str, why: str
    ) -> None:
        before = notices.notices(desk)
        with pytest.raises(Refusal) as refused:
            say(desk, f"模板 {words}", cast.chenjie)
        assert why in str(refused.value)
        assert notices.notices(desk) == before

    def test_a_word_that_the_account_did_not_approve(self, desk: Desk, cast: Cast) -> None:
        say(desk, "模板 延期 换 订单延期通知", cast.chenjie)
        with pytest.raises(Refusal, match="只能填审核过的词：仓库延误、商品缺货"):
            say(desk, "模板 延期 延期原因 老板出差", cast.chenjie)
        with pytest.raises(Refusal, match="不能放会变的内容"):
            say(desk, "模板 延期 延期原因 {原因}", cast.chenjie)

    def test_only_a_supervisor_changes(self, desk: Desk, cast: Cast) -> None:
        for words in ("发货 商品名称 好", "延期 关", "撤销", "读取"):
            with pytest.raises(Refusal, match="改客户通知由主管操作"):
                say(desk, f"模板 {words}", cast.xiaoli)


def test_of_two_who_change_it_at_once_the_second_is_asked_to_look_again(desk: Desk, cast: Cast) -> None:
    seen = notices.notice(desk, "shipped")
    notices.put(desk, cast.chenjie, (seen, replace(seen, plain="您的订单 {订单号} 已出库")), "文字")

    with pytest.raises(Refusal, match="刚才有人改过"):
        notices.put(desk, cast.chenjie, (seen, replace(seen, on=False)), "关闭")

    assert notices.notice(desk, "shipped").plain == "您的订单 {订单号} 已出库"
