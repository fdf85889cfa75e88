"""How a kind of alert is told at all: each by itself, in digests alone, or never."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.card import Card, Text
from config import Settings
from handlers import commands, due, opening, owe, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.manners import hold
from handlers.matter import Opening
from handlers.tuning import limits
from handlers.views import TextView
from models import Case, Role, Tuning
from tests.bot.conftest import desks, people
from tests.bot.scene import Desks, Scene
from tests.cast import Cast
from tests.factories import make_case, make_order, typed
from tests.handlers.duty.rota import at
from tests.handlers.rulebook.office import rule

__all__ = ["desks", "people"]
BOSS = Actor("陈姐", frozenset({Role.SUPERVISOR}), None)


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words), actor)
    assert isinstance(view, TextView)
    return view.text


def live(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Case.kind).where(Case.state.in_(("open", "claimed"))).order_by(Case.id)))


def group(scene: Scene) -> list[str]:
    drawings = [one.drawing for one in scene.bot.parcels if one.recipient == "wrDEMO01"]
    return [one.markdown if isinstance(one, Text) else one.title for one in drawings if isinstance(one, Card | Text)]


def tick(scene: Scene, words: str) -> None:
    scene.now = at(words)
    with scene.open_desk() as desk:
        due.look(desk)
    scene.run()


def alert(scene: Scene, occasion: str = "open", **changes: object) -> Case:
    with scene.open_desk() as desk:
        order = make_order(desk.session, recheck_at=None, ship_by_at=scene.now + timedelta(hours=40))
        values = {"kind": "remark_changed", "role": "service", "blocks": False, "evidence": {}, **changes}
        case = make_case(desk.session, order, opened_at=scene.now, **values)
        owe.owe(desk, [owe.card(case.id, occasion)])
    return case


@pytest.mark.parametrize("occasion", ["open", "step1"])
def test_a_quiet_kind_is_told_in_a_digest_though_people_are_there_and_it_is_the_only_one(
    scene: Scene, occasion: str
) -> None:
    with scene.open_desk() as desk:
        limits.put(desk, BOSS, "quiet:remark_changed", True)
    alert(scene, occasion)
    scene.run()
    assert group(scene) == []
    assert [row.problem for row in scene.rows()] == [hold.QUIET]

    tick(scene, "12-22 14:00")
    tick(scene, "12-22 14:02")

    (told,) = group(scene)
    assert told.startswith("**14:00 汇总：1 件不急的事**")


def test_other_kinds_are_told_at_once(scene: Scene) -> None:
    with scene.open_desk() as desk:
        limits.put(desk, BOSS, "quiet:stale_stage:pending_pick", True)
    alert(scene)
    alert(scene, kind="stale_stage", evidence={"stage": "pending_review"})
    scene.run()

    assert len(group(scene)) == 2


def test_a_quiet_kind_whose_deadline_comes_before_the_digest_is_told_at_once(scene: Scene) -> None:
    with scene.open_desk() as desk:
        limits.put(desk, BOSS, "quiet:remark_changed", True)
        order = make_order(desk.session, recheck_at=None, ship_by_at=scene.now + timedelta(hours=4))
        made = make_case(desk.session, order, kind="remark_changed", blocks=False, evidence={}, opened_at=scene.now)
        owe.owe(desk, [owe.card(made.id, "open")])
    scene.run()

    assert len(group(scene)) == 1


def test_a_closed_kind_is_not_opened_and_the_rest_is(desk: Desk, session: Session, cast: Cast) -> None:
    assert say(desk, "阈值 待审核超时 关闭", cast.chenjie).startswith("待审核超时提醒 开 → 关闭，马上生效")
    old = desk.now - timedelta(hours=3)
    review = make_order(session, stage_entered_at=old)
    pick = make_order(session, stage="pending_pick", stage_entered_at=old)
    watch.watch(desk, [review.id, pick.id])

    session.expire_all()
    assert live(session) == ["stale_stage"]
    assert session.scalars(select(Case.order_id)).one() == pick.id
    assert "- 已关闭的提醒：待审核超时" in say(desk, "阈值", cast.xiaoli)


def test_opened_again_it_finds_what_it_did_not_open(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, "阈值 待审核超时 关闭", cast.chenjie)
    order = make_order(session, stage_entered_at=desk.now - timedelta(hours=3))
    watch.watch(desk, [order.id])
    assert live(session) == []

    assert say(desk, "阈值 待审核超时 恢复", cast.chenjie).startswith("待审核超时提醒 关闭 → 开")
    due.look(replace(desk, now=desk.now + timedelta(minutes=1)))

    assert live(session) == ["stale_stage"]


def test_what_lives_when_its_kind_is_closed_lives_on(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage_entered_at=desk.now - timedelta(hours=3))
    watch.watch(desk, [order.id])
    say(desk, "阈值 待审核超时 关闭", cast.chenjie)
    watch.watch(desk, [order.id])

    assert live(session) == ["stale_stage"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("地址模糊 关闭", "会锁住订单，不能关闭，可以改为只进日报"),
        ("缺货 关闭", "不能关闭，可以改为只进日报"),
        ("临近发货时限 关闭", "是紧急提醒，不能关闭"),
        ("临近发货时限 只进日报", "是紧急提醒，不能只进日报"),
        ("接口故障 只进日报", "是紧急提醒"),
        ("回传失败 关闭", "不能关闭，可以改为只进日报"),
        ("地址模糊 单独发", "现在就是单独发，没有改动"),
    ],
)
def test_what_must_stay_is_refused_with_a_sentence(
    desk: Desk, session: Session, cast: Cast, words: str, why: str
) -> None:
    with pytest.raises(Refusal, match=why):
        say(desk, f"阈值 {words}", cast.chenjie)
    assert session.scalars(select(Tuning)).all() == []


def test_only_a_supervisor_switches(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="改阈值由主管操作"):
        say(desk, "阈值 地址模糊 只进日报", cast.xiaoli)


def test_it_is_set_shown_explained_and_taken_back(desk: Desk, cast: Cast) -> None:
    made = say(desk, "阈值 地址模糊 只进日报 天天误报", cast.chenjie)
    assert made == "地址模糊提醒 单独发 → 只进日报，马上生效。要撤销请发：阈值 撤销"
    shown = say(desk, "阈值", cast.xiaoli)
    assert "- 只进日报：地址模糊" in shown
    assert "陈姐：地址模糊提醒 单独发 → 只进日报（天天误报）" in shown

    assert say(desk, "阈值 撤销", cast.chenjie) == "已撤销：地址模糊提醒 只进日报 → 单独发"
    assert "- 只进日报" not in say(desk, "阈值", cast.xiaoli)


def test_a_rule_of_ones_own_goes_to_the_digests_by_its_number(desk: Desk, cast: Cast) -> None:
    code = f"规则{rule(desk, '规则 新增 金额 > 1000；标题 大单', cast.chenjie).rule_id}"

    assert say(desk, f"阈值 {code} 只进日报", cast.chenjie).startswith(f"{code}提醒 单独发 → 只进日报")
    assert say(desk, f"阈值 {code} 恢复", cast.chenjie).startswith(f"{code}提醒 只进日报 → 单独发")
    with pytest.raises(Refusal, match=f"要停用请发：规则 停 {code[2:]}"):
        say(desk, f"阈值 {code} 关闭", cast.chenjie)


def test_limits_of_the_same_names_are_still_limits(desk: Desk, cast: Cast) -> None:
    assert say(desk, "阈值 待审核 3h", cast.chenjie).startswith("待审核 2 小时 → 3 小时")
    assert say(desk, "阈值 地址模糊 认领 30", cast.chenjie).startswith("地址模糊认领 15 分钟 → 30 分钟")


def test_a_quiet_kind_still_opens_its_case(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, "阈值 审核后备注变化 只进日报", cast.chenjie)
    opening.open_many(desk, [Opening("remark_changed", "备注变了", Role.WAREHOUSE, make_order(session).id)])

    assert live(session) == ["remark_changed"]
