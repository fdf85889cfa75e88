"""What a thumb does in the app's chat, from the platform's stand-in through the real routes and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.card import Card
from bot.cards import draw
from bot.channels.sending import Parcel
from bot.channels.wecom_app import menu
from bot.channels.wecom_app.api import App
from bot.channels.wecom_app.client import AppSender
from bot.pen import Pen
from config import Settings
from handlers.commands import COMMANDS
from handlers.desk import OpenDesk
from handlers.dispatch import dispatch
from models import Case, Notification
from sandbox.chat_press import press_of
from sandbox.company import load_company
from tests.bot.conftest import Town, a_case, callback_app, open_town, serving, town_settings
from tests.bot.samples import NOW, PEN

Desks = Callable[..., OpenDesk]


@contextmanager
def opened(desks: Desks, redis: Redis, **wecom: Any) -> Iterator[tuple[Town, Settings]]:
    """A town whose callbacks reach the hub, and the hub's settings."""
    company = load_company()
    heard = town_settings("http://127.0.0.1:9", company)
    assert heard.wecom is not None
    heard = heard.model_copy(update={"wecom": heard.wecom.model_copy(update=wecom)})
    with serving(callback_app(heard, desks(heard), redis)) as hub, open_town(hub) as town:
        yield town, town_settings(town.url, company)


@pytest.fixture
def joined(desks: Desks, redis: Redis) -> Iterator[Town]:
    with opened(desks, redis) as (town, _):
        yield town


def test_whoever_opens_the_chat_is_greeted_once_a_day(joined: Town, people: dict[str, int]) -> None:
    kinds = [joined.wecom.callback.enter("xiaoli").kind for _ in range(3)]
    assert kinds == ["text", "empty", "empty"]
    assert "看板" in joined.texts("app:xiaoli")[0]
    assert joined.wecom.callback.enter("laowang").kind == "text", "each person"
    joined.wecom.callback.enter("waiguan")
    assert "登记" in joined.texts("app:waiguan")[0]
    assert not joined.complaints


def test_a_tap_on_the_menu_asks(
    joined: Town, people: dict[str, int], redis: Redis, sessions: sessionmaker[Session]
) -> None:
    settings = town_settings(joined.url, joined.state.company).wecom
    assert settings is not None
    menu.put(App(settings, redis), menu.menu_of(COMMANDS, "http://hub.example/board"))
    for key in joined.wecom.menu.reachable():
        assert joined.wecom.callback.click("chenjie", key).kind in {"text", "empty"}, key
    with sessions() as session:
        owed = session.scalars(select(Notification.purpose)).all()
    assert "card" in owed, "the board"
    assert not joined.complaints


def test_a_form_comes_back_with_what_was_chosen(
    desks: Desks, redis: Redis, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with opened(desks, redis) as (town, settings):
        first, second = _two_cases(sessions)
        with desks(settings)() as desk:
            form = draw(dispatch.show(desk), Pen.of(desk))
        assert isinstance(form, Card)
        message = _sent(town, settings, redis, form)
        chosen = {"matter": [str(second)], "person": [str(people["xiaoli"])]}
        assert _press(town, message, chosen).answered
        assert not town.complaints
    with sessions() as session:
        owners = {row.id: row.owner_id for row in session.execute(select(Case.id, Case.owner_id))}
        edits = session.scalars(select(Notification).where(Notification.purpose == "edit")).all()
    assert owners == {first: None, second: people["xiaoli"]}
    assert any("已交给小李" in str(one.body) for one in edits), "the form shows what is left"


def test_where_the_platform_takes_it_the_reply_changes_the_card_already(
    desks: Desks, redis: Redis, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with opened(desks, redis, passive_updates=True) as (town, settings):
        _, second = _two_cases(sessions)
        with desks(settings)() as desk:
            form = draw(dispatch.show(desk), Pen.of(desk))
        assert isinstance(form, Card)
        message = _sent(town, settings, redis, form)
        chosen = {"matter": [str(second)], "person": [str(people["xiaoli"])]}
        assert _press(town, message, chosen).kind == "update_template_card"
        shown = town.chat("app:chenjie")[0].body_for("chenjie")
        assert "已交给小李" in shown["main_title"]["desc"]
        assert _press(town, message, {"person": [str(people["xiaoli"])]}).kind in {"empty", "update_template_card"}
        assert not town.complaints
    with sessions() as session:
        edits = session.scalars(select(Notification).where(Notification.purpose == "edit")).all()
    assert edits, "the interface changes it as well: the reply may be lost"


def _two_cases(sessions: sessionmaker[Session]) -> tuple[int, int]:
    with sessions() as session:
        first = a_case(session)
        second = Case(
            kind="stale_stage",
            order_id=first.order_id,
            shop_id=1,
            role="service",
            reason="停留 3 小时",
            opened_at=NOW,
            evidence={},
        )
        session.add(second)
        session.commit()
        return first.id, second.id


def _sent(town: Town, settings: Settings, redis: Redis, card: Card) -> str:
    assert settings.wecom is not None
    AppSender(settings.wecom, redis, PEN.base_url).send(Parcel("chenjie", card, "dispatch-1"))
    return town.chat("app:chenjie")[-1].id


def _press(town: Town, message: str, chosen: dict[str, list[str]]) -> Any:
    stored = town.wecom.store.get(message)
    assert stored is not None
    key = stored.body_for("chenjie")["submit_button"]["key"]
    return town.wecom.callback.press(press_of(town.wecom.store, "chenjie", message, key=key, selected=chosen))


@pytest.mark.parametrize(
    ("kind", "words"),
    [("image", "图片"), ("voice", "语音"), ("video", "视频"), ("location", "位置"), ("link", "链接")],
)
def test_whoever_sends_no_text_is_told_what_to_send_instead(
    joined: Town, people: dict[str, int], kind: str, words: str
) -> None:
    assert joined.wecom.callback.send("xiaoli", kind).kind == "text"
    told = joined.texts("app:xiaoli")[-1]
    assert words in told
    assert "文字" in told
    joined.wecom.callback.send("waiguan", kind)
    assert "登记" in joined.texts("app:waiguan")[-1], "a stranger hears nothing but that"
    assert not joined.complaints


def test_an_answer_names_people_as_the_platform_does(joined: Town, people: dict[str, int]) -> None:
    """Ids are compared without regard to capitals; a reply goes back under the very name that came."""
    joined.wecom.store.add("app:XiaoLi", "XiaoLi", "text", {"content": "帮助"})
    callback = joined.wecom.callback
    fields = callback._head("XiaoLi", "text") | {"Content": "帮助", "MsgId": 77}
    assert callback._post(fields, lambda reply: callback._show("XiaoLi", reply, None)).kind == "text"
    assert not joined.complaints
