from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers.desk import Desk, Refusal
from handlers.reports.view import ExceptionsView
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_case
from tests.handlers.reports.scene import HOUR, open_shops, say, waiting


@pytest.fixture
def codes(session: Session, cast: Cast) -> dict[str, str]:
    """Of six live cases; a settled one lies beside them."""
    tb, jd = open_shops(session)
    made = {
        "vague": make_case(session, waiting(session, tb), opened_at=NOW - 3 * HOUR),
        "taken": make_case(session, waiting(session, jd), state="claimed", owner_id=cast.xiaoli.staff_id),
        "short": make_case(
            session, waiting(session, tb, "pending_ship"), kind="short_stock", role="purchasing", opened_at=NOW - HOUR,
            reason="QH-CUP-RED 差 2 件，客户 13800001234",
        ),
        "refund": make_case(session, waiting(session, tb), kind="refund_preship"),
        "merged": make_case(session, waiting(session, jd), kind="merge_addr_diff"),
        "shop": make_case(session, kind="sync_silent", role="supervisor", shop_id=jd.id),
    }  # fmt: skip
    make_case(session, waiting(session, tb), state="solved")
    return {name: short_code(case.id) for name, case in made.items()}


def asked(desk: Desk, cast: Cast, text: str, by: str = "xiaoli") -> ExceptionsView:
    view = say(desk, text, getattr(cast, by))
    assert isinstance(view, ExceptionsView)
    return view


def test_every_live_case_is_counted_by_kind_and_by_who_has_it(desk: Desk, cast: Cast, codes: dict[str, str]) -> None:
    view = asked(desk, cast, "异常")

    assert view.total == 6
    assert sum(kind.cases for kind in view.kinds) == sum(count for _, count in view.owners) == 6
    assert (view.kinds[0].title, view.kinds[0].cases, view.kinds[0].unclaimed) == ("地址模糊", 2, 1)
    assert view.kinds[0].oldest_at == NOW - 3 * HOUR
    assert dict(view.owners) == {"客服（待认领）": 3, "小李": 1, "采购（待认领）": 1, "主管（待认领）": 1}
    assert {row.code for row in view.rows} == set(codes.values())
    assert view.rows[0].severity == "P1"
    assert "138****1234" in next(row.reason for row in view.rows if row.code == codes["short"])


@pytest.mark.parametrize(
    ("words", "by", "found"),
    [
        ("异常 地址", "xiaoli", {"vague", "taken", "merged"}),
        ("异常 地址模糊", "xiaoli", {"vague", "taken"}),
        ("异常 缺货", "xiaoli", {"short"}),
        ("异常 我的", "xiaoli", {"vague", "taken", "refund", "merged"}),
        ("异常 我的", "zhaojie", {"short"}),
        ("异常 小李", "chenjie", {"taken"}),
        ("异常 待认领", "chenjie", {"vague", "short", "refund", "merged", "shop"}),
        ("异常 京东", "chenjie", {"taken", "merged", "shop"}),
        ("异常 京东 地址", "chenjie", {"taken", "merged"}),
        ("异常 待发货", "chenjie", {"short"}),
        ("异常 全部", "chenjie", {"vague", "taken", "short", "refund", "merged", "shop"}),
        ("异常 没有货", "chenjie", None),
    ],
)
def test_one_kind_one_person_one_shop(
    desk: Desk, cast: Cast, codes: dict[str, str], words: str, by: str, found: set[str] | None
) -> None:
    if found is None:
        with pytest.raises(Refusal, match=r"没有「没有货」这种异常，也没有这个人。可以是：.*地址模糊"):
            asked(desk, cast, words, by)
        return
    view = asked(desk, cast, words, by)

    assert {row.code for row in view.rows} == {codes[name] for name in found}
    assert view.total == len(found)


def test_nothing_is_wrong(desk: Desk, cast: Cast) -> None:
    assert asked(desk, cast, "异常").total == 0
