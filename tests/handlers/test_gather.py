from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from handlers import gather
from handlers.desk import Desk
from tests.factories import make_order


def test_rules_read_no_novel_and_do_not_take_its_end_for_a_change(desk: Desk, session: Session) -> None:
    one = make_order(session, stage="pending_review", buyer_message="长" * 5000, seller_memo="备" * 5000)
    session.execute(text("UPDATE orders SET stage = 'pending_pick' WHERE id = :id"), {"id": one.id})
    (row,) = gather.read_orders(desk, [one.id])

    facts = gather.Facts(desk, [one.id], gather.lines_of(desk, [one.id]), {}).of(row, row.stage, row.stage_entered_at)

    assert (len(facts.buyer_message), len(facts.seller_memo)) == (1000, 1000)
    assert facts.audited is not None
    assert (facts.audited.message, facts.audited.memo) == (facts.buyer_message, facts.seller_memo)
