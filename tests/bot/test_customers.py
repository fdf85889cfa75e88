from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot import customers
from bot.card import Text
from bot.channels.wechat_oa.parse import Allowed, Said
from config import Settings, parse
from handlers.customers.hearing import FOLLOWED
from handlers.desk import Job, OpenDesk
from handlers.incoming import Incoming
from models import CustomerCredit, Notification
from tests.bot.samples import NOW
from tests.conftest import settings_document


def said(number: str, words: str = "", *, followed: bool = False) -> Said:
    return Said(Incoming("wechat_oa", number, "oAbC", "oAbC", False, NOW, text=words), "gh_1", followed=followed)


def test_a_customer_is_heard_once(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        first = customers.hear(desk, said("m-1", "3210000001"))
    with open_desk() as desk:
        assert customers.hear(desk, said("m-1", "3210000001")) == first
        assert customers.hear(desk, said("m-2", followed=True)) == Text(FOLLOWED)
        assert customers.hear(desk, None) is None


def test_what_was_allowed_is_counted_once(open_desk: OpenDesk) -> None:
    tap = Allowed("e1", "oAbC", (("T1", True), ("T2", True)))
    for _ in range(2):
        with open_desk() as desk:
            customers.hear(desk, tap)
    with open_desk() as desk:
        customers.hear(desk, Allowed("e2", "oAbC", (("T2", False),)))
        left = {one.template_id: one.remaining for one in desk.session.scalars(select(CustomerCredit))}
    assert left == {"T1": 1, "T2": 0}


@pytest.fixture
def settings() -> Settings:
    document: dict[str, Any] = settings_document()
    return parse(document | {"kf": {"open_kfid": "wk1", "secret": "kf-secret"}})


class TestService:
    def test_an_event_has_it_read(self, open_desk: OpenDesk, asked: list[Any]) -> None:
        with open_desk() as desk:
            customers.ask_for_kf(desk, b"<xml><Event>kf_msg_or_event</Event><Token>t1</Token></xml>")
            customers.ask_for_kf(desk, b"<xml><Event>something_else</Event></xml>")
            assert desk.later == [(Job.READ_KF, ("t1",))]

    def hear(self, open_desk: OpenDesk, words: str, **more: Any) -> list[str]:
        message = {"msgid": words, "external_userid": "wm1", "origin": 3, "msgtype": "text",
                   "send_time": int(NOW.timestamp()), "text": {"content": words}, **more}  # fmt: skip
        for _ in range(2):
            with open_desk() as desk:
                customers.hear_kf(desk, message)
        with open_desk() as desk:
            rows = desk.session.scalars(select(Notification).where(Notification.channel == "customer_kf"))
            return [str(row.body["text"])[:6] for row in rows]

    def test_what_the_hub_understands_is_answered_once_people_serve_the_rest(self, open_desk: OpenDesk) -> None:
        assert self.hear(open_desk, "我想换个颜色可以吗") == []
        assert self.hear(open_desk, "进度") == ["请发送您的平"]

    @pytest.mark.parametrize(
        "more", [{"origin": 5}, {"msgtype": "image"}, {"send_time": 1}, {"text": "x"}, {"external_userid": ""}]
    )
    def test_what_is_old_or_not_of_a_customer_is_not_answered(self, open_desk: OpenDesk, more: dict[str, Any]) -> None:
        assert self.hear(open_desk, "进度", **more) == []
