from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import shops_state
from handlers.desk import Desk
from handlers.wording import day_of
from models import MailboxMark
from tests.factories import make_shop


def mark(session: Session, desk: Desk, **changes: Any) -> None:
    values = {
        "slug": "mail", "folder": "INBOX", "validity": 1, "next_to": 5, "next_at": desk.now, "next_strangers": 0,
        "strangers": 3, "strangers_on": day_of(desk.now),
    }  # fmt: skip
    session.add(MailboxMark(**{**values, **changes}))
    session.flush()


def problem(desk: Desk) -> str:
    return next(one.problem for one in shops_state.standing(desk) if one.slug == "mail")


@pytest.mark.parametrize(
    ("known", "words"),
    [("", "12-22 有 3 封邮件没有读：发件人不在 senders 名单里"), ("登录失败", "登录失败；12-22 有 3 封邮件没有读")],
)
def test_mails_that_nobody_reads_show_beside_what_is_wrong(
    desk: Desk, session: Session, known: str, words: str
) -> None:
    make_shop(session, slug="mail", platform="mail", prefix="MAIL", problem=known)
    mark(session, desk)
    assert problem(desk).startswith(words)


@pytest.mark.parametrize("days", [1, 2])
def test_they_show_until_the_day_after(desk: Desk, session: Session, days: int) -> None:
    make_shop(session, slug="mail", platform="mail", prefix="MAIL")
    mark(session, desk, strangers_on=day_of(desk.now) - timedelta(days=days))
    assert (problem(desk) != "") is (days == 1)


def test_where_there_are_none_nothing_shows(desk: Desk, session: Session) -> None:
    make_shop(session, slug="mail", platform="mail", prefix="MAIL")
    mark(session, desk, strangers=0)
    assert problem(desk) == ""
