from __future__ import annotations

import pytest

from bot.card import Text
from bot.cards import draw
from handlers import commands
from handlers.commands.command import Group
from handlers.desk import Actor, Desk, Refusal
from handlers.views import HelpView
from tests.bot.samples import PEN
from tests.cast import Cast
from tests.factories import typed


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
