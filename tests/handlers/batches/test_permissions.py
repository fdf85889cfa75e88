"""Nobody acts beyond the role: every command here, by every role, whether it is typed or pressed."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import permissions
from handlers.actions import ACTIONS
from handlers.batches.verbs import BATCHES
from handlers.commands import COMMANDS
from handlers.desk import Desk, Refusal
from models import Batch
from tests.cast import Cast
from tests.factories import make_order
from tests.handlers.batches.conftest import say

pytestmark = pytest.mark.usefixtures("shops")

NAMES = {"小李": "客服", "老王": "仓库", "赵姐": "采购", "陈姐": "主管"}
TYPED = {
    "审核 {tags}": ("pending_review", {"客服", "主管"}),
    "配货 {tags}": ("pending_pick", {"仓库", "主管"}),
    "备注 {tags} 加固": ("pending_review", {"客服", "主管"}),
    "锁定 {tags} 盘点": ("pending_review", {"客服", "仓库", "主管"}),
    "延发 {tags} 2026-01-05": ("pending_review", {"客服", "主管"}),
    "拦截 {one} 客户要退款": ("pending_ship", {"客服", "主管"}),
    "改电话 {own} 13911112222": ("pending_review", {"客服", "主管"}),
    "改地址 {own} 江苏省苏州市吴中区星湖街 328 号": ("pending_review", {"客服", "主管"}),
}


def state(session: Session) -> list[object]:
    session.expire_all()
    return [session.execute(text(f"SELECT array_agg(t::text ORDER BY t::text) FROM {table} t")).scalar()
            for table in ("orders", "cases", "trail", "batches", "write_backs", "own_receivers")]  # fmt: skip


@pytest.mark.parametrize("words", TYPED)
def test_what_is_typed_is_done_only_for_whom_the_table_names(
    desk: Desk, session: Session, cast: Cast, words: str
) -> None:
    stage, may = TYPED[words]
    for actor in cast:
        orders = [make_order(session, stage=stage) for _ in range(3)]
        own = make_order(session, stage=stage, platform="sheet")
        line = words.format(tags="、".join(order.tag for order in orders), one=orders[0].tag, own=own.tag)
        before = state(session)
        if NAMES[actor.name] in may:
            say(desk, line, actor)
            assert state(session) != before
            continue
        with pytest.raises(Refusal, match=rf"操作，您是{NAMES[actor.name]}；可以请(小李|老王|陈姐)处理"):
            say(desk, line, actor)
        assert state(session) == before, actor.name


def test_a_step_of_many_is_allowed_alike_to_the_step_of_one() -> None:
    for slug in ("approve", "pick", "ship", "note", "lock", "unlock", "hold"):
        assert COMMANDS[slug].permit == BATCHES[slug].permit
    assert permissions.STEPS
    for slug in ("batch_confirm", "batch_cancel", "batch_undo"):
        assert ACTIONS[slug].permit.roles == permissions.EVERYBODY, "what it does decides, when it is pressed"


def test_every_verb_can_be_asked_and_is_known_by_its_slug(desk: Desk, session: Session) -> None:
    assert [doing.title for doing in BATCHES.values()] == [
        "审核", "配货", "发货", "备注", "填字段", "锁定", "解锁", "延发", "缺货等货", "缺货换同款",
        "缺货拆单先发", "缺货退款", "撤销处理", "换同款",
    ]  # fmt: skip
    assert session.scalars(select(Batch)).all() == []
