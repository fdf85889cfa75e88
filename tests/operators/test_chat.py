"""The conversation in a terminal, on the real database: lines in, answers and numbered buttons out."""

from __future__ import annotations

from dataclasses import replace

import click
import pytest
from click.testing import Result
from flask import Flask
from redis import Redis
from rq import Queue
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import app
from bot.card import Boxes, Button, Card, DropDown
from handlers import people
from models import Case, SeenMessage, Staff, StaffRole, TrailRow
from models.case import short_code
from operators.chat import Conversation, _lines
from operators.chat_card import Pad, drawn
from operators.hub import prepare
from tests.factories import make_case, make_order
from wire import Hub


@pytest.fixture
def prepared(hub: Hub) -> Hub:
    prepare(hub)
    return hub


def chat(flask: Flask, who: str, *lines: str, color: bool = False) -> Result:
    typed = "".join(f"{line}\n" for line in lines)
    return flask.test_cli_runner().invoke(args=["chat", "--as", who], input=typed, color=color)


def said(flask: Flask, who: str, *lines: str) -> str:
    result = chat(flask, who, *lines)
    assert result.exit_code == 0, result.output
    return result.output


def number_of(words: str, output: str) -> str:
    """By which a button of the last card is pressed."""
    return output.rpartition(f"] {words}")[0].rpartition("[")[2]


@pytest.fixture
def case_id(prepared: Hub) -> int:
    with prepared.sessions() as session:
        found = make_case(session, make_order(session)).id
        session.commit()
        return found


def the_case(here: Hub) -> Case:
    with here.sessions() as session:
        return session.scalars(select(Case)).one()


def test_a_piped_line_is_answered_and_reads_as_a_conversation(flask: Flask, prepared: Hub) -> None:
    output = said(flask, "陈姐", "看板", "我的")
    assert output.startswith("陈姐> 看板\n── 订单中枢")
    assert "陈姐> 我的\n" in output
    assert "\x1b" not in output, "no colours where nobody looks"
    assert "\x1b" in chat(flask, "陈姐", "看板", color=True).output


def test_a_button_is_pressed_by_its_number(flask: Flask, prepared: Hub, case_id: int) -> None:
    code = short_code(case_id)
    claim = number_of("认领", said(flask, "小李", code))
    output = said(flask, "小李", code, claim)
    assert "小李已认领" in output
    case = the_case(prepared)
    assert case.revision == 2
    with prepared.sessions() as session:
        assert session.scalars(select(TrailRow.source).where(TrailRow.action.like("%认领%"))).all() == ["terminal"]
        assert session.scalars(select(SeenMessage.channel).distinct()).all() == ["terminal"]


def test_whoever_is_not_known_is_told_whom_there_is(flask: Flask, prepared: Hub) -> None:
    for name in ("小明", ""):
        result = chat(flask, name, "看板")
        assert result.exit_code == 1
        assert "小李、老王、赵姐、陈姐" in result.output
    assert "老王> 我的" in said(flask, "王", "我的"), "a part of the name is enough where it is one person's"


def test_it_ends_at_a_word_and_at_the_end_of_what_comes_in(flask: Flask, prepared: Hub) -> None:
    assert "看板" not in said(flask, "陈姐", "退出", "看板")
    assert said(flask, "陈姐") == ""


def test_what_may_not_be_done_is_refused_in_words(flask: Flask, prepared: Hub, case_id: int) -> None:
    assert "主管" in said(flask, "老王", "角色 小李 仓库")
    assert "出了点问题" not in said(flask, "老王", "9", "\x00\x1b[31m", "，，，")


def test_jobs_that_were_asked_for_are_queued(flask: Flask, prepared: Hub, redis: Redis) -> None:
    said(flask, "陈姐", "补拉 青禾淘宝店 昨天")
    queued = Queue("pull", connection=redis).jobs
    assert [job.func_name for job in queued] == ["workers.completeness.backfill"]


def test_receiver_data_is_shown_to_the_one_who_may_and_recorded(flask: Flask, prepared: Hub, case_id: int) -> None:
    with prepared.sessions() as session:
        tag = session.execute(text("SELECT tag FROM orders")).scalar_one()
    output = said(flask, "陈姐", f"收件 {tag} 客户要改地址")
    assert "已单独发给您" not in output
    with prepared.sessions() as session:
        assert "terminal" in session.scalars(select(TrailRow.source)).all()


def test_a_database_that_is_away_ends_nothing(flask: Flask, prepared: Hub) -> None:
    class Away:
        def __call__(self) -> Session:
            raise OperationalError("x", {}, Exception("down"))

    gone = replace(prepared, sessions=Away())  # type: ignore[arg-type]
    result = chat(app.create_app(gone), "陈姐", "看板")
    assert (result.exit_code, "数据库没有应答" in result.output) == (1, True)
    with prepared.open_desk() as desk:
        person = people.staff(desk)[0]
    assert "请稍后再试" in Conversation(gone, person).hear("看板")


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_at_a_terminal_it_asks_and_says_how(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], end: type[BaseException]
) -> None:
    typed, asked = iter(["看板\x07 ", ""]), []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        if (line := next(typed, None)) is None:
            raise end
        return line

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", ask)
    assert list(_lines("陈姐")) == ["看板", ""]
    assert asked == ["陈姐> "] * 3
    assert "编号" in capsys.readouterr().out


# the card


def a_button(words: str) -> Button:
    return Button(words, f"key-{words}")


FORM = Card(
    "审核 3 单？",
    "batch:1",
    2,
    quote="请核对",
    boxes=Boxes("orders", (("1", "TB-001"), ("2", "TB-002")), ticked=("1", "2")),
    submit=a_button("确认"),
    buttons=(a_button("确认"), a_button("取消")),
    menu=(a_button("更多列表"),),
)


def test_boxes_are_ticked_by_number_before_the_submit_hands_them_over() -> None:
    pad = Pad.of(FORM)
    assert click.unstyle(drawn(FORM, pad)).splitlines()[1:] == [
        "审核 3 单？", "> 请核对", "[1] 确认  [2] 取消", "更多：[3] 更多列表", "[4] ✓ TB-001", "[5] ✓ TB-002",
    ]  # fmt: skip
    unticked = pad.control("4")
    assert unticked is not None
    pad.choose(unticked)
    assert pad.selected() == {"orders": ("2",)}
    assert "[4] ○ TB-001" in pad.lines()
    pad.choose(unticked)
    assert pad.selected() == {"orders": ("1", "2")}


def test_of_a_drop_down_one_is_chosen_and_numbers_out_of_reach_are_words() -> None:
    card = Card("类型？", "case:1", 1, drop_down=DropDown("kind", "类型", (("a", "普通"), ("b", "预售")), "a"))
    pad = Pad.of(card)
    assert pad.lines() == ["类型：[1] ● 普通  [2] ○ 预售"]
    chosen = pad.control("2")
    assert chosen is not None
    pad.choose(chosen)
    assert (pad.selected(), pad.lines()) == ({"kind": ("b",)}, ["类型：[1] ○ 普通  [2] ● 预售"])
    assert [pad.control(line) for line in ("0", "3", "01", "②", "说 2", "")] == [None] * 6


def test_one_speaks_for_whom_one_named_whoever_else_is_called_so_on_another_platform(
    flask: Flask, prepared: Hub, case_id: int
) -> None:
    with prepared.sessions() as session:
        xiaoli = session.scalars(select(Staff).where(Staff.name == "小李")).unique().one()
        roles = [StaffRole(role="service")]
        session.add(Staff(name="阿甲", dingtalk_userid=xiaoli.wecom_userid, role_rows=roles))
        session.add(Staff(name="阿乙"))  # on no platform yet
        session.commit()

    assert "阿甲已认领" in said(flask, "阿甲", f"认领 {short_code(case_id)}")
    assert "阿乙> 看板" in said(flask, "阿乙", "看板")

    with prepared.sessions() as session:
        assert session.scalars(select(TrailRow.actor).where(TrailRow.action == "认领")).all() == ["阿甲"]
