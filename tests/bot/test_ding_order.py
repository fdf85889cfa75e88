"""A press and a change of the same card at the same moment: what stands there in the end is the newest state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from bot import ding_order
from bot.channels.dingtalk.connection import PRESSES, Frame
from bot.channels.dingtalk.shown import Shown
from bot.ding_frames import Ear
from config_chat import PUBLIC_TEMPLATE
from handlers.owe import Owed, owe
from models import Notification
from sandbox.chat_store import Message
from tests.bot.conftest import a_case
from tests.ding_town import DingTown, Standing, delivered, ding_settings, hire, open_ding_town
from wire import Hub


class Line:
    """The long connection of one press: `meanwhile` happens before what we answer arrives."""

    def __init__(self, town: DingTown, viewer: str, meanwhile: Callable[[], object]) -> None:
        self._town, self._viewer, self._meanwhile = town, viewer, meanwhile
        self.told: Any = None

    def acknowledge(self, message_id: str, told: Any = None, code: int = 200) -> bool:
        self.told = told
        self._meanwhile()
        if told is not None:
            (card,) = self._town.ding.cards.cards.values()
            self._town.ding.cards.answered(card, self._viewer, told)
        return True


class House:
    def __init__(self, town: DingTown, here: Hub) -> None:
        self.town, self.here = town, here
        with here.open_desk() as desk:
            owe(desk, [Owed("k", "group", "card", f"case:{a_case(desk.session).id}")])
        assert delivered(here).sent == 1
        (self.card,) = town.chat("dgroup")
        assert here.settings.dingtalk is not None
        self.ear = Ear(here.open_desk, here.settings.dingtalk, here.redis)

    def press(self, who: str, words: str, meanwhile: Callable[[], object] = lambda: None) -> Line:
        line = Line(self.town, who, meanwhile)
        key = next(one["key"] for one in all_buttons(self.card, who) if one["text"] == words)
        content = json.dumps({"cardPrivateData": {"actionIds": ["btn"], "params": {"key": key}}})
        (track_id,) = self.town.ding.cards.cards
        body = {"userId": f"dt-{who}", "outTrackId": track_id, "content": content}
        self.ear.hear(line, Frame("CALLBACK", PRESSES, f"m-{who}", json.dumps(body)))  # type: ignore[arg-type]
        return line

    def shows(self, who: str) -> str:
        return str(self.card.body_for(who)["revision"])

    def owed(self) -> list[str]:
        with self.here.sessions() as session:
            return list(session.scalars(select(Notification.dedupe_key).where(Notification.state == "owed")))


def all_buttons(card: Message, who: str) -> list[dict[str, Any]]:
    body = card.body_for(who)
    return [*body["buttons"], *body["menu"]]


@pytest.fixture
def house(engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Iterator[House]:
    with open_ding_town() as town:
        hire(sessions)
        here = Hub(ding_settings(town.url), engine, sessions, redis, Standing(), lambda *_: None)
        yield House(town, here)


def test_an_answer_that_arrives_after_the_change_for_all_is_put_right(house: House) -> None:
    def faster() -> None:
        house.press("xiaoli", "认领")
        assert delivered(house.here).sent == 1

    house.press("chenjie", "刷新", meanwhile=faster)
    assert house.shows("chenjie") == "1", "what was made before came last"
    assert delivered(house.here).sent == 1
    assert [house.shows(who) for who in ("chenjie", "xiaoli", "laowang")] == ["2", "2", "2"]
    assert not house.owed()
    assert not house.town.complaints


def test_a_change_that_is_to_come_anyway_is_not_owed_twice(house: House) -> None:
    house.press("chenjie", "刷新", meanwhile=lambda: house.press("xiaoli", "认领"))
    assert len(house.owed()) == 1
    assert delivered(house.here).sent == 1
    assert house.shows("chenjie") == "2"


def test_an_answer_that_is_late_already_keeps_its_card(house: House) -> None:
    """Whoever has the newer state wrote it before we answered."""
    (track_id,) = house.town.ding.cards.cards
    Shown(house.here.redis).reach(track_id, 2)
    line = house.press("laowang", "认领")  # which is not his
    assert "cardData" not in line.told
    assert line.told["userPrivateData"]["cardParamMap"]["note"], "but says what became of the press"
    assert house.shows("laowang") == "1"


def test_a_quiet_press_owes_nothing(house: House) -> None:
    house.press("chenjie", "刷新")
    assert not house.owed()


def test_where_nothing_is_shown_nothing_is_compared(house: House) -> None:
    shown = Shown(house.here.redis)
    assert ding_order.before(shown, None, None) is None
    ding_order.after(house.here.open_desk, shown, None, None)
    assert not house.owed()


def test_the_public_template_keeps_its_card_and_says_the_line(
    engine: Engine, sessions: sessionmaker[Session], redis: Redis
) -> None:
    with open_ding_town() as town:
        hire(sessions)
        settings = ding_settings(town.url, card_template=PUBLIC_TEMPLATE)
        house = House(town, Hub(settings, engine, sessions, redis, Standing(), lambda *_: None))
        (track_id,) = town.ding.cards.cards
        Shown(redis).reach(track_id, 2)
        told = house.press("laowang", "认领").told
        assert set(told["cardData"]["cardParamMap"]) == {"tips"}
