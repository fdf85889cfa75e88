"""How the home group is reached where there is no 智能机器人, or it cannot: groups of the app, the app, the webhook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.wecom_app.api import App
from bot.channels.wecom_appchat.client import AppChats
from bot.deliver import deliver
from bot.ladder import ways
from config import Settings
from handlers.desk import OpenDesk
from handlers.owe import Owed, owe
from models import Notification, StaffRole
from tests.bot.conftest import Town, a_case, town_settings
from tests.bot.samples import NOW

Desks = Callable[..., OpenDesk]


class Office:
    """A hub without a bot; `name` says which of the others it has."""

    def __init__(self, town: Town, desks: Desks, redis: Redis, **has: bool) -> None:
        self.town, self.redis = town, redis
        base = town_settings(town.url, town.state.company)
        assert base.wecom is not None
        changes: dict[str, Any] = {"bot": None, "wecom": base.wecom.model_copy(update={"appchat": "orders01"})}
        if has.get("appchat"):
            AppChats(App(base.wecom, redis)).create("青禾订单群", ["xiaoli", "laowang"], chatid="orders01")
        else:
            changes["wecom"] = base.wecom if has.get("app", True) else None
        if has.get("hook"):
            from config_chat import WecomHook

            changes["wecom_hook"] = WecomHook(gateway=f"{town.url}/qyapi", key="sandbox-hook-key-0001")
        self.settings: Settings = base.model_copy(update=changes)
        self.open_desk = desks(self.settings)

    def say(self, words: str = "今天 3 单超时") -> Notification:
        return self._owe("text", {"text": words}, "board")

    def card(self) -> Notification:
        with self.open_desk() as desk:
            subject = f"case:{a_case(desk.session).id}"
        return self._owe("card", {}, subject)

    def _owe(self, purpose: str, body: dict[str, str], subject: str) -> Notification:
        with self.open_desk() as desk:
            owe(desk, [Owed(f"{purpose}-1", "group", purpose, subject, "", body)])
        deliver(self.open_desk, ways(self.settings, self.redis, home="worker"), lambda: NOW)
        with self.open_desk() as desk:
            return desk.session.scalars(select(Notification).where(Notification.dedupe_key == f"{purpose}-1")).one()


@pytest.fixture
def office(town: Town, desks: Desks, redis: Redis, people: dict[str, int]) -> Callable[..., Office]:
    return lambda **has: Office(town, desks, redis, **has)


def test_a_text_stays_in_a_group_while_any_way_leads_there(office: Callable[..., Office]) -> None:
    both = office(appchat=True, hook=True)
    assert both.say().state == "sent"
    assert both.town.texts("appchat:orders01") == ["今天 3 单超时"]
    assert not both.town.texts("group")


def test_without_a_group_of_the_app_the_webhook_takes_a_text(office: Callable[..., Office]) -> None:
    hooked = office(hook=True)
    hooked.say()
    assert hooked.town.texts("group") == ["今天 3 单超时"]
    assert not hooked.town.texts("app:chenjie")


def test_without_any_group_the_supervisors_hear_it(office: Callable[..., Office]) -> None:
    alone = office()
    alone.say()
    assert "今天 3 单超时" in alone.town.texts("app:chenjie")[0]


def test_a_card_with_buttons_goes_to_who_can_press_them(office: Callable[..., Office]) -> None:
    both = office(appchat=True, hook=True)
    assert both.card().state == "sent"
    assert [message.kind for message in both.town.chat("app:xiaoli")] == ["template_card"]
    assert not both.town.chat("appchat:orders01")


@pytest.mark.parametrize(
    ("has", "where"), [({"appchat": True, "hook": True}, "appchat:orders01"), ({"hook": True}, "group")]
)
def test_where_nobody_can_press_it_the_group_gets_the_code(
    office: Callable[..., Office], sessions: sessionmaker[Session], has: dict[str, bool], where: str
) -> None:
    found = office(**has)
    with sessions() as session:
        session.execute(delete(StaffRole))
        session.commit()
    assert found.card().state == "sent"
    assert "在应用会话里回复" in found.town.texts(where)[0]
    assert not found.town.complaints


def test_a_webhook_that_is_gone_leads_to_the_people(office: Callable[..., Office]) -> None:
    hooked = office(hook=True)
    hooked.town.wecom.hook.state = "removed"
    assert hooked.say().state == "sent"
    assert "今天 3 单超时" in hooked.town.texts("app:chenjie")[0]


def test_with_the_webhook_alone_everything_goes_there(office: Callable[..., Office]) -> None:
    hooked = office(app=False, hook=True)
    hooked.say()
    hooked.card()
    assert len(hooked.town.texts("group")) == 2
    assert not hooked.town.complaints
