"""The ladder is one table: for every company's set of platforms the first usable rung is tried first, a rung that fails
leads to the next, and every card can be drawn on every rung."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from redis import Redis
from sqlalchemy import update

from bot import ladder
from bot.card import Card, Text, as_text
from bot.cards import draw
from bot.channels import CHANNELS
from bot.channels.sending import Parcel, Reaction, Receipt, Resolution, SendError, Whose
from bot.ladder import LADDER, Rung, To
from config import Settings, parse
from handlers.owe import Owed, owe
from models import Customer, CustomerCredit, CustomerWay, Notification, Staff
from tests.bot.conftest import CUSTOMER
from tests.bot.samples import PEN, VIEWS
from tests.bot.scene import Desks, Fake, Scene, keep_case
from tests.conftest import settings_document
from tests.factories import make_order

REFUSED: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "这里发不了")

DINGTALK: Final[dict[str, Any]] = {
    "corpid": "dingdemo0000000001",
    "app_key": "dingdemokey0000001",
    "app_secret": "secret",
    "name": "订单助手",
    "group": "cidDEMO01==",
}
HOOKS: Final[dict[str, dict[str, Any]]] = {
    "wecom_hook": {"key": "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"},
    "dingtalk_hook": {"token": "demo-hook-token", "secret": "SECdemo"},
}

# What a company may have, and what each of it adds to its hub.toml.
CHOICES: Final[dict[str, dict[str, dict[str, Any] | None]]] = {
    "app": {"no app": {"wecom": None}, "app": {}, "app with a group": {"wecom": {"appchat": "hubgroup1"}}},
    "bot": {
        "no bot": {"bot": None},
        "bot by URL": {"bot": {"mode": "callback"}},
        "bot": {"bot": {"push_group_cards": False}},
        "bot that may push cards": {"bot": {"push_group_cards": True}},
    },
    "hook": {"no hook": {}, "hook": {"wecom_hook": HOOKS["wecom_hook"]}},
    "ding": {
        "no ding": {},
        "ding": {"dingtalk": DINGTALK},
        "ding with notices": {"dingtalk": {**DINGTALK, "agent_id": 1000043}},
    },
    "ding hook": {"no ding hook": {}, "ding hook": {"dingtalk_hook": HOOKS["dingtalk_hook"]}},
    "weixin": {
        "no weixin": {"weixin": None},
        "weixin": {},
        "weixin with notices": {"weixin": {"notices": {"shipped": {"id": "note-1", "keys": {"goods": "thing1"}}}}},
    },
    "mini": {
        "no mini": {},
        "mini": {
            "mini": {
                "appid": "wx2", "secret": "mini",
                "templates": {"shipped": {"id": "mini-1", "keys": {"goods": "thing1"}}},
            }
        },
    },
    "kf": {"no kf": {}, "kf": {"kf": {"open_kfid": "wk1", "secret": "kf"}}},
    "sms": {
        "no sms": {},
        "sms": {
            "sms": {
                "secret_id": "id", "secret_key": "key", "app_id": "1400000001", "sign": "青禾",
                "important": ["shipped"],
                "templates": {"shipped": {"id": "1", "values": ["goods"]}},
            }
        },
    },
}  # fmt: skip

# (logical channel, card or text) → its ways from the best down: name of the rung, who is reached, who must be there.
STREAM: Final = {"bot", "bot that may push cards"}
DING: Final = {"ding", "ding with notices"}
APP: Final = {"app", "app with a group"}
TABLE: Final[dict[tuple[str, str], list[tuple[str, To, set[str]]]]] = {
    ("group", "card"): [
        ("wecom_bot", To.GROUP, {"bot that may push cards"}),
        ("wecom_app", To.ROLE, APP),
        ("wecom_appchat", To.GROUP, {"app with a group"}),
        ("wecom_bot+text", To.GROUP, STREAM),
        ("wecom_hook", To.GROUP, {"hook"}),
    ],
    ("group", "text"): [
        ("wecom_bot", To.GROUP, STREAM),
        ("wecom_appchat", To.GROUP, {"app with a group"}),
        ("wecom_hook", To.GROUP, {"hook"}),
        ("wecom_app", To.ROLE, APP),
    ],
    ("group_dingtalk", "card"): [
        ("dingtalk", To.GROUP, DING),
        ("dingtalk", To.ROLE, DING),
        ("dingtalk+text", To.GROUP, DING),
        ("dingtalk_hook", To.GROUP, {"ding hook"}),
    ],
    ("group_dingtalk", "text"): [
        ("dingtalk", To.GROUP, DING),
        ("dingtalk_hook", To.GROUP, {"ding hook"}),
        ("dingtalk", To.ROLE, DING),
    ],
    ("chat_dingtalk", "card"): [("dingtalk", To.CHAT, DING), ("dingtalk+text", To.CHAT, DING)],
    ("chat_dingtalk", "text"): [("dingtalk", To.CHAT, DING)],
    ("staff", "card"): [
        ("wecom_app", To.PERSON, APP),
        ("wecom_bot", To.PERSON, STREAM),
        ("wecom_bot+text", To.PERSON, STREAM),
        ("dingtalk", To.PERSON, DING),
        ("dingtalk+text", To.PERSON, DING),
        ("dingtalk_notice", To.PERSON, {"ding with notices"}),
    ],
    ("staff", "text"): [
        ("wecom_app", To.PERSON, APP),
        ("wecom_bot", To.PERSON, STREAM),
        ("dingtalk", To.PERSON, DING),
        ("dingtalk_notice", To.PERSON, {"ding with notices"}),
    ],
    ("customer", "template"): [
        ("wechat_oa", To.CUSTOMER, {"weixin", "weixin with notices"}),
        ("wechat_subscribe", To.CUSTOMER, {"weixin with notices"}),
        ("wechat_mini", To.CUSTOMER, {"mini"}),
        ("wecom_kf", To.CUSTOMER, {"kf"}),
        ("sms", To.CUSTOMER, {"sms"}),
    ],
    ("customer_kf", "text"): [("wecom_kf", To.CHAT, {"kf"})],
}
CONCERNS: Final = {
    "group": ("app", "bot", "hook"),
    "group_dingtalk": ("ding", "ding hook"),
    "chat_dingtalk": ("ding",),
    "staff": ("app", "bot", "ding"),
    "customer": ("weixin", "mini", "kf", "sms"),
    "customer_kf": ("kf",),
}
GROUPS: Final = {
    "wecom_bot": "wrDEMO01", "wecom_appchat": "hubgroup1", "wecom_hook": "hook", "dingtalk": "cidDEMO01==",
    "dingtalk_hook": "hook",
}  # fmt: skip


def companies(channel: str) -> Iterator[tuple[str, ...]]:
    """Every combination of what this logical channel may depend on."""
    return itertools.product(*(CHOICES[part] for part in CONCERNS[channel]))


def settings_of(channel: str, has: tuple[str, ...]) -> Settings:
    document: dict[str, Any] = {**settings_document(), "dingtalk": None, "dingtalk_hook": None, "wecom_hook": None}
    for part, choice in zip(CONCERNS[channel], has, strict=True):
        for section, changes in (CHOICES[part][choice] or {}).items():
            kept = document.get(section)
            document[section] = {**kept, **changes} if isinstance(kept, dict) and changes is not None else changes
    return parse({name: value for name, value in document.items() if value is not None})


class Company:
    """Senders for all that is configured, in one list in the order in which they are asked."""

    def __init__(self, scene: Scene, settings: Settings, refuse: int = 0) -> None:
        self.asked: list[tuple[str, str]] = []
        scene.redis.flushall()
        scene.open_desk = scene.desks(settings, lambda: scene.now)  # what a notice says is in the settings too
        stream = settings.bot is not None and settings.bot.mode == "stream"
        scene.ways = ladder.ways(settings, scene.redis, home="worker")
        scene.ways.channels = tuple(LADDER)
        scene.ways.senders = {
            slug: self._sender(slug, refuse)
            for slug, channel in CHANNELS.items()
            if channel.configured(settings) and (stream or slug != "wecom_bot")
        }

    def _sender(self, slug: str, refuse: int) -> Fake:
        company = self

        class Asked(Fake):
            def send(self, parcel: Parcel) -> Receipt:
                words = isinstance(parcel.drawing, Text) and company.is_card
                company.asked.append((f"{slug}+text" if words else slug, parcel.recipient))
                if len(company.asked) <= refuse:
                    raise SendError(REFUSED)
                return Receipt("m")

        return Asked()

    is_card = False


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    made = Scene(desks, settings, redis, people)
    with made.open_desk() as desk:
        desk.session.execute(update(Staff).values(dingtalk_userid="dt-" + Staff.wecom_userid, heard_on="wecom"))
        session, buyer = desk.session, {"shop_id": 1, "buyer_key": "b", "bound_at": made.now}
        made.order_id = make_order(session, buyer_key="b").id  # type: ignore[attr-defined]
        session.add(Customer(openid=CUSTOMER, **buyer))
        session.add(CustomerWay(channel="wechat_mini", address="oMini1", **buyer))
        session.add(CustomerWay(channel="wecom_kf", address="wm1", **buyer))
        for credit in (("wechat_subscribe", CUSTOMER, "note-1"), ("wechat_mini", "oMini1", "mini-1")):
            names = dict(zip(("channel", "openid", "template_id"), credit, strict=True))
            session.add(CustomerCredit(remaining=1000, changed_at=made.now, **names))
    return made


def expected(channel: str, purpose: str, has: tuple[str, ...]) -> list[tuple[str, str]]:
    """(rung, receiver's id) of each way, by the table above."""
    ids = {
        To.ROLE: {"wecom_app": "xiaoli", "dingtalk": "dt-xiaoli"},
        To.PERSON: {"wecom_app": "xiaoli", "wecom_bot": "xiaoli", "dingtalk": "dt-xiaoli",
                    "dingtalk_notice": "dt-xiaoli"},
        To.GROUP: GROUPS,
        To.CHAT: {"dingtalk": "cidELSE==", "wecom_kf": "wm1"},
        To.CUSTOMER: {"wechat_oa": CUSTOMER, "wechat_subscribe": CUSTOMER, "wechat_mini": "oMini1", "wecom_kf": "wm1",
                      "sms": "+8613800001234"},
    }  # fmt: skip
    return [(name, ids[to][name.partition("+")[0]]) for name, to, needs in TABLE[channel, purpose] if needs & set(has)]


def send(scene: Scene, company: Company, channel: str, purpose: str, number: str) -> Notification:
    """One message down the ladder, and its row."""
    recipients = {
        "staff": str(scene.people["xiaoli"]), "customer": CUSTOMER, "chat_dingtalk": "cidELSE==", "customer_kf": "wm1",
    }  # fmt: skip
    values = dict.fromkeys(("number", "goods", "courier", "waybill"), "1") | {"time": "10:00"}
    told = {"template": "shipped", "order": scene.order_id, "values": values}  # type: ignore[attr-defined]
    body = {"card": {}, "text": {"text": "好"}, "template": told}[purpose]
    company.is_card = purpose == "card"
    subject = scene.subject  # type: ignore[attr-defined]
    with scene.open_desk() as desk:
        owe(desk, [Owed(number, channel, purpose, subject, recipients.get(channel, ""), body)])
    scene.run()
    return next(row for row in scene.rows() if row.dedupe_key.startswith(number))


@pytest.mark.parametrize(("channel", "purpose"), TABLE, ids=lambda part: part)
def test_for_every_company_the_ways_are_those_of_the_table_and_each_leads_to_the_next(
    scene: Scene, channel: str, purpose: str
) -> None:
    scene.subject = f"case:{keep_case(scene).id}"  # type: ignore[attr-defined]
    several = 0
    for number, has in enumerate(companies(channel)):
        settings = settings_of(channel, has)
        wanted = expected(channel, purpose, has)
        for refuse in range(len(wanted)):
            company = Company(scene, settings, refuse)
            row = send(scene, company, channel, purpose, f"k{number}-{refuse}")
            assert company.asked == wanted[: refuse + 1], has
            assert (row.state, row.carried_by) == ("sent", _name(company, wanted[refuse])), has
        company = Company(scene, settings, 99)
        row = send(scene, company, channel, purpose, f"k{number}-all")
        assert company.asked[: len(wanted)] == wanted, has
        assert row.state == ("failed" if wanted else row.state)
        assert row.state in ("failed", "dropped"), has
        several += len(wanted) > 1
    assert several or channel in ("customer_kf", "chat_dingtalk"), "there was something to choose"


def _name(company: Company, way: tuple[str, str]) -> str:
    """A channel that knows no cards draws its words by itself: the rung is named after the channel alone."""
    channel, _, words = way[0].partition("+")
    return way[0] if words and any(rung.name == way[0] for rungs in LADDER.values() for rung in rungs) else channel


def test_the_table_names_every_rung_that_there_is() -> None:
    here = {
        (channel, rung.name, rung.to)
        for channel, rungs in LADDER.items()
        for rung in rungs
    }  # fmt: skip
    there = {(channel, name, to) for (channel, _), ways in TABLE.items() for name, to, _ in ways}
    assert here == there
    assert set(CONCERNS) == set(LADDER)


def test_who_looks_at_dingtalk_is_reached_there_first(scene: Scene) -> None:
    scene.subject = f"case:{keep_case(scene).id}"  # type: ignore[attr-defined]
    with scene.open_desk() as desk:
        desk.session.execute(update(Staff).values(heard_on="dingtalk"))
    has = ("app", "bot that may push cards", "ding with notices")
    wanted = expected("staff", "card", has)
    company = Company(scene, settings_of("staff", has), 99)
    send(scene, company, "staff", "card", "k")
    assert company.asked[: len(wanted)] == [*wanted[3:], *wanted[:3]]


def test_who_is_on_one_platform_alone_is_reached_there(scene: Scene) -> None:
    scene.subject = f"case:{keep_case(scene).id}"  # type: ignore[attr-defined]
    with scene.open_desk() as desk:
        desk.session.execute(update(Staff).values(wecom_userid=None))
    company = Company(scene, settings_of("staff", ("app", "bot that may push cards", "ding")))
    send(scene, company, "staff", "card", "k")
    assert company.asked == [("dingtalk", "dt-xiaoli")]


# what a rung can show

BUTTONS: Final = frozenset({"wecom_bot", "wecom_app", "dingtalk"})


def rank(rung: Rung) -> int:
    """Buttons before everybody, buttons before one, words with a link and a short code."""
    if rung.as_text or rung.channel not in BUTTONS:
        return 2
    return 1 if rung.to in (To.ROLE, To.PERSON) else 0


@pytest.mark.parametrize("channel", ["group", "group_dingtalk", "chat_dingtalk"])
def test_a_card_loses_its_buttons_before_everybody_last(channel: str) -> None:
    settings = parse(settings_document())
    ranks = [rank(rung) for rung in LADDER[channel] if rung.when(settings, True)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("name", VIEWS)
def test_every_card_can_be_drawn_on_every_rung(name: str) -> None:
    drawing = draw(VIEWS[name], PEN)
    for channel, rungs in LADDER.items():
        if channel == "customer":
            continue  # template messages, filled in from a form
        for rung in rungs:
            dressed = as_text(drawing) if rung.as_text and isinstance(drawing, Card) else drawing
            message = json.dumps(CHANNELS[rung.channel].render(dressed, "t-1", PEN.base_url), ensure_ascii=False)
            assert len(message) > 20, (channel, rung)
            if isinstance(drawing, Card):
                assert drawing.title[:4] in message, (channel, rung)


def test_words_name_the_short_code_and_the_way_to_the_board() -> None:
    card = draw(VIEWS["case"], PEN)
    assert isinstance(card, Card)
    for rungs in LADDER.values():
        for rung in rungs:
            if rung.to is To.CUSTOMER or rank(rung) != 2:
                continue
            dressed = as_text(card) if rung.as_text else card
            message = json.dumps(CHANNELS[rung.channel].render(dressed, "t-1", PEN.base_url), ensure_ascii=False)
            assert card.code in message, rung
            assert card.link in message, rung


def test_a_logical_channel_leads_somewhere_or_it_is_said() -> None:
    def reaches(has: tuple[str, ...]) -> bool:
        return ladder.reaches(settings_of("staff", has), "staff")

    assert not reaches(("no app", "bot by URL", "no ding")), "a bot by URL only answers"
    assert not reaches(("no app", "no bot", "no ding"))
    for has in (("app", "no bot", "no ding"), ("no app", "bot", "no ding"), ("no app", "bot by URL", "ding")):
        assert reaches(has), has
