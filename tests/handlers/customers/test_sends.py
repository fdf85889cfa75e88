"""What a refusal says of a customer: of one template, or of all that the account sends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.customers import binding, reach, sends
from handlers.customers.sends import Refused, Sent
from handlers.desk import Desk
from models import Customer, Notification, RefusedTemplate
from tests.factories import NOW, make_customer

OPENID = "oCustomer1"


def row(session: Session, template: str) -> Notification:
    made = Notification(
        dedupe_key=template, channel="customer", recipient=OPENID, purpose="template", subject="", next_try_at=NOW,
        created_at=NOW, body={"template": "shipped", "templates": {"wechat_oa": template}},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def refuse(desk: Desk, session: Session) -> None:
    make_customer(session)
    one = row(session, "solved")
    refused = Refused("wechat_oa", OPENID, 43101, "客户拒收这类通知", customer="refused")
    sends.noted(desk, one, Sent("failed", refused=[refused]), [])


def reached(desk: Desk, session: Session, template: str, days: int = 0) -> bool:
    one = session.scalars(select(Notification).where(Notification.dedupe_key == template)).one_or_none()
    moment = desk.now + timedelta(days=days)
    return reach.address(session, one or row(session, template), "wechat_oa", moment) == OPENID


def test_who_refuses_one_template_hears_by_the_others(desk: Desk, session: Session) -> None:
    refuse(desk, session)

    assert session.scalars(select(Customer.state)).one() == "following"
    assert not reached(desk, session, "solved")
    assert reached(desk, session, "shipped")


def test_it_is_tried_again_after_a_month(desk: Desk, session: Session) -> None:
    refuse(desk, session)
    assert not reached(desk, session, "solved", days=29)
    assert reached(desk, session, "solved", days=31)


def test_who_follows_or_wants_to_hear_again_hears_all(desk: Desk, session: Session) -> None:
    refuse(desk, session)
    binding.follows(desk, OPENID)
    assert reached(desk, session, "solved")

    session.add(RefusedTemplate(openid=OPENID, template_id="solved", at=desk.now))
    session.flush()
    binding.opt_in(desk, "wechat_oa", OPENID)
    assert reached(desk, session, "solved")


def test_who_blocked_the_account_and_follows_again_is_told_again(desk: Desk, session: Session) -> None:
    make_customer(session, state="refused")
    binding.follows(desk, OPENID)
    assert session.scalars(select(Customer.state)).one() == "following"
