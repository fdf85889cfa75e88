from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import TextClause, event, text
from sqlalchemy.orm import Session

from handlers import board as board_room
from handlers import columns, due, groups, listing
from handlers.board import board
from handlers.desk import Desk
from models import RawPayload
from models.stages import OPEN
from tests.cast import Cast
from tests.factories import NOW, make_case, make_order, make_shop


def keep(session: Session, desk: Desk, shop_id: int, number: str, problem: str | None) -> None:
    session.add(
        RawPayload(
            shop_id=shop_id, external_id=number, content_hash=number.encode(), payload=b"", problem=problem,
            received_at=desk.now - timedelta(days=3),
        )
    )  # fmt: skip
    session.flush()


def test_a_supervisor_sees_how_many_records_nobody_could_read(desk: Desk, session: Session, cast: Cast) -> None:
    tb, jd = make_shop(session), make_shop(session, slug="jd", platform="jd", prefix="JD", name="青禾京东店")
    for number, (shop, problem) in enumerate(
        ((tb, "缺少商品明细"), (jd, "金额看不懂"), (jd, "金额看不懂"), (tb, None))
    ):
        keep(session, desk, shop.id, str(number), problem)

    assert board(desk, cast.chenjie).unreadable == (("青禾京东店", 2), ("青禾淘宝店", 1))
    assert board(desk, cast.xiaoli).unreadable == (), "it is no work of theirs"


def test_there_is_nothing_to_say_where_all_is_read(desk: Desk, session: Session, cast: Cast) -> None:
    keep(session, desk, make_shop(session).id, "1", None)

    assert board(desk, cast.chenjie).unreadable == ()


def statements_of(desk: Desk) -> int:
    """How many statements the columns cost."""
    asked: list[str] = []
    connection = desk.session.connection()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    columns.columns(desk)
    event.remove(connection, "before_cursor_execute", note)
    return len(asked)


def test_the_columns_cost_the_same_however_many_orders_and_matters_there_are(desk: Desk, session: Session) -> None:
    shop = make_shop(session)
    for stage in OPEN:
        make_order(session, shop_id=shop.id, stage=str(stage))
    statements_of(desk)  # the limits are read once in a transaction
    few = statements_of(desk)
    for _ in range(5):
        make_case(session, make_order(session, shop_id=shop.id))

    assert statements_of(desk) == few


STAGE: Final = {"stage": "pending_review", "before": NOW, "limit": 50, "n": 10}
ASKED: Final[dict[str, tuple[TextClause, Mapping[str, Any]]]] = {
    "the board's stages": (board_room._STAGES, dict.fromkeys(OPEN, NOW)),
    "the rest of the board": (board_room._REST, {"today": NOW, "day": "20251222"}),
    "what nobody could read": (board_room._UNREADABLE, {}),
    "a column": (columns._OLDEST, STAGE),
    "a column's total": (columns._TOTAL, STAGE),
    "a column's entries": (listing._ROWS, {"ids": [1, 2]}),
    "a group's size": (groups._CENSUS, STAGE),
    "a group's members": (groups._MEMBERS, STAGE),
    "what is due": (due._DUE, {"now": NOW, "n": 500}),
}


@pytest.mark.parametrize("what", sorted(ASKED))
def test_no_question_that_comes_again_and_again_reads_all_orders(session: Session, what: str) -> None:
    statement, parameters = ASKED[what]
    session.execute(text("SET LOCAL enable_seqscan = off"))  # read all only where no index answers

    plan = "\n".join(session.execute(text(f"EXPLAIN {statement.text}"), parameters).scalars())

    assert re.search(r"Seq Scan on (orders|raw_payloads|cases)", plan) is None, plan
