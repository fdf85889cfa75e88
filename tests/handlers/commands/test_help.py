from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bot.card import Text
from bot.cards import draw
from config import parse
from handlers import commands
from handlers.commands.command import Group
from handlers.desk import Actor, Desk, Refusal
from handlers.views import HelpView
from tests.bot.samples import PEN
from tests.cast import Cast
from tests.conftest import settings_document, shop
from tests.factories import make_order, typed


def helped(desk: Desk, text: str, by: Actor) -> HelpView:
    view = commands.run(desk, typed(text), by)
    assert isinstance(view, HelpView)
    return view


def drawn(view: HelpView) -> str:
    drawing = draw(view, PEN)
    assert isinstance(drawing, Text)
    return drawing.markdown


def test_it_shows_only_what_one_may_under_its_heading(desk: Desk, cast: Cast) -> None:
    for actor in cast:
        view = helped(desk, "帮助", actor)

        groups = [entry.group for entry in view.commands]
        assert groups == sorted(groups, key=[str(group) for group in Group].index)
        may = {entry.usage for entry in view.commands}
        assert ("日报 [日期]" in may) == (actor is cast.chenjie)
        assert ("发货 编号 快递 运单号" in may) == (actor in (cast.laowang, cast.chenjie))
        assert all(entry.example for entry in view.commands)


def test_however_much_one_may_it_fits_a_message_and_every_command_has_its_example(desk: Desk, cast: Cast) -> None:
    for actor in cast:
        view = helped(desk, "帮助", actor)
        text = drawn(view)

        assert len(text.encode()) <= 2000
        assert text.count("`") >= 2 * len(view.commands)
    for group in Group:
        assert len(drawn(helped(desk, f"帮助 {group}", cast.chenjie)).encode()) <= 2000


def test_one_command_in_detail_also_where_somebody_else_gives_it(desk: Desk, cast: Cast) -> None:
    text = drawn(helped(desk, "帮助 发货", cast.xiaoli))

    assert text.startswith("**发货 编号 快递 运单号**：")
    assert "例如：`发货 JD-20251222-001 顺丰 SF1234567890123`" in text
    assert "由仓库操作" in text
    assert drawn(helped(desk, "怎么用 发货", cast.xiaoli)) == text
    assert drawn(helped(desk, "帮助 已发", cast.xiaoli)) == text


def test_one_group(desk: Desk, cast: Cast) -> None:
    view = helped(desk, "帮助 查询", cast.zhaojie)

    assert {entry.group for entry in view.commands} == {"查询"}
    assert "- `查 编号/单号/尾号/姓名`：" in drawn(view)


def test_what_there_is_not_gets_a_hint(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="没有「发或」这个命令。您是想看「帮助 发货」吗"):
        helped(desk, "帮助 发或", cast.xiaoli)
    with pytest.raises(Refusal, match="没有「🙂」这个命令。发「帮助」看可以用的命令"):
        helped(desk, "帮助 🙂", cast.xiaoli)


CHAT, TABLES = ("新单", "补发", "换货", "作废"), ("导入", "列")


def listed(desk: Desk, by: Actor) -> set[str]:
    return {entry.names[0] for entry in helped(desk, "帮助", by).commands if entry.names}


@pytest.mark.parametrize(("platform", "names"), [("chat", CHAT), ("sheet", TABLES)])
def test_what_this_installation_cannot_do_is_not_listed_and_says_why_when_it_is_typed(
    desk: Desk, session: Session, cast: Cast, platform: str, names: tuple[str, ...]
) -> None:
    assert not listed(desk, cast.chenjie) & set(names)
    order = make_order(session)
    for name in names:
        if name == "作废":  # says of the order where it was made
            continue
        with pytest.raises(Refusal, match=f'请管理员在 hub.toml 里加一个.*platform = "{platform}"'):
            commands.run(desk, typed(f"{name} {order.tag}", is_group=False), cast.xiaoli)

    document = settings_document()
    document["shops"] = [*document["shops"], shop("more", platform, "MORE", "再一家")]  # type: ignore[misc]
    desk.settings = parse(document)

    assert set(names) <= listed(desk, cast.chenjie)


def test_a_picture_to_bind_by_is_listed_where_there_is_a_service_account(desk: Desk, cast: Cast) -> None:
    assert "绑定码" in listed(desk, cast.chenjie)

    document = settings_document()
    del document["weixin"]
    desk.settings = parse(document)

    assert "绑定码" not in listed(desk, cast.chenjie)


def answered(desk: Desk, line: str, by: Actor) -> str:
    try:
        return str(commands.run(desk, typed(line, is_group=False), by))
    except Refusal as refusal:
        return str(refusal)


def test_nobody_is_shown_what_they_would_be_refused(desk: Desk, cast: Cast) -> None:
    """Whatever 帮助 gives as an example may be answered or fail for its numbers, but not for who asks."""
    for actor in cast:
        for entry in helped(desk, "帮助", actor).commands:
            assert "操作，您是" not in answered(desk, entry.example, actor), entry.example


def test_who_may_only_look_is_shown_the_part_that_asks_and_told_who_changes_it(desk: Desk, cast: Cast) -> None:
    usages = {entry.names[0]: entry.usage for entry in helped(desk, "帮助", cast.xiaoli).commands if entry.names}
    assert {usages[name] for name in ("阈值", "派单", "大促", "黑名单", "组长")} == {
        "阈值", "派单", "大促", "黑名单", "组长",
    }  # fmt: skip
    detail = drawn(helped(desk, "帮助 阈值", cast.xiaoli))
    assert "阈值 待审核 3h" not in detail
    assert "改动由主管操作" in detail
    assert "阈值 待审核 3h" in drawn(helped(desk, "帮助 阈值", cast.chenjie))


def test_it_names_what_is_refused_by_its_own_name(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="改派单方式由主管操作"):
        commands.run(desk, typed("派单 自动"), cast.xiaoli)
    with pytest.raises(Refusal, match="指定组长由主管操作"):
        commands.run(desk, typed("组长 客服 陈姐"), cast.xiaoli)


def test_every_command_stands_there_with_a_few_characters_on_what_it_does(desk: Desk, cast: Cast) -> None:
    assert all(0 < len(command.brief) <= 6 for command in commands.COMMANDS.values())
    document = settings_document()
    more = (shop("chat", "chat", "CHAT", "聊天"), shop("sheet", "sheet", "SHEET", "表格"))
    document["shops"] = [*document["shops"], *more]  # type: ignore[misc]
    desk.settings = parse(document)

    text = drawn(helped(desk, "帮助", cast.chenjie))

    assert len(text.encode()) <= 1900
    assert "`审核` 放行配货、`配货` 配好了" in text
    assert "帮助 处理" in text
    assert "- `审核 001`" in drawn(helped(desk, "帮助 处理", cast.chenjie))
