"""A whole house on real sockets: the hub's web door, its long connection and its jobs, and around them the platforms
and the phones of the sandbox. Time moves with the sandbox's clock alone."""

from __future__ import annotations

import functools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, and_, or_, select, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import BaseWSGIServer, make_server

import app
import ingest.engine
import jobs
import operators.hub
import stream
from config import Settings, parse
from handlers import trail
from ingest.reading import Reading
from models import Base, Case, Notification, Order, TrailRow
from models.sources import is_told
from sandbox import clock as sandbox_clock
from sandbox.chat_phones import Phones
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome, Parcel
from sandbox.company import Company, load_company
from sandbox.phones import phones_of
from sandbox.server import QuietHandler, running
from sandbox.state import State
from sandbox.world import World
from sandbox.world_jd import state_of as jd_state_of
from sandbox.world_order import GONE
from sandbox.world_order import Order as PlatformOrder
from sandbox.world_pdd import is_listed as pdd_lists
from tests.conftest import settings_document
from wire import WAKE, WEB, Clock, Hub, enqueue, make_hub
from workers import completeness

MORNING: Final = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)
"""Monday, 10:00 in Beijing: when every house opens."""
SHOPS: Final = {"tb": "taobao", "jd": "jd", "pdd": "pdd"}
VISIBLE_SECONDS: Final = 900
"""An order this old lies in a window that every platform has closed."""
CUSTOMER: Final = "oDemoCustomer0000000000000001"
_PATHS: Final = {
    "tb": ("/top/router/rest", "app_key", "app_secret", "session"),
    "jd": ("/jd/routerjson", "app_key", "app_secret", "access_token"),
    "pdd": ("/pdd/api/router", "client_id", "client_secret", "access_token"),
}
Document = dict[str, Any]
T = TypeVar("T")


class Shared(Clock):
    """The hub's clock without the second that it may keep what it was told: a test moves time and looks at once."""

    def __init__(self, gateway: str, told_by: sandbox_clock.Clock) -> None:
        super().__init__(gateway)
        self._told_by = told_by

    def now(self) -> datetime:
        return self._told_by.now()


def eventually(claim: Callable[[], T], what: str = "it did not happen", seconds: float = 20.0) -> T:
    """The first true value of `claim`, looked at again and again; fails after `seconds`."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := claim()):
        assert time.monotonic() < until, what
        pause.wait(0.01)
    return found


def in_parallel(works: list[Callable[[], T]], seconds: float = 60.0) -> list[T]:
    """Run all at the same moment; their results in order. The first error is raised."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait(seconds)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(run, work) for work in works]
        return [one.result(seconds) for one in running]


def shown(message: Message, viewer: str = "") -> str:
    """All that stands on a message, as one text."""
    return json.dumps(message.body_for(viewer), ensure_ascii=False)


def title(message: Message) -> str:
    """The beginning of what stands on a message."""
    head = message.body.get("main_title", {})
    return " ".join(head.values()) or str(message.body.get("content", ""))[:40]


def controls(message: Message, viewer: str = "") -> dict[str, str]:
    """Words → key of a card's buttons and menu entries."""
    body = message.body_for(viewer)
    card = body.get("template_card", body)
    found = [*card.get("button_list", []), *card.get("action_menu", {}).get("action_list", [])]
    return {one["text"]: one["key"] for one in found}


@dataclass
class House:
    """`hub` is what the jobs and the long connection work with, `door` the web door's own, which waits for nothing.
    `url` is the web door's address, `sandbox` the platforms'."""

    hub: Hub
    door: Hub
    state: State
    url: str
    sandbox: str
    document: Document

    @property
    def world(self) -> World:
        return self.state.world

    @property
    def phones(self) -> Phones:
        return phones_of(self.state)

    # time

    def move(self, **span: float) -> None:
        """Let `span` (hours=2, seconds=5 …) pass on every clock."""
        self.state.clock.move(timedelta(**span).total_seconds())
        self.world.advance()

    def pause(self, minutes: float = 1.05) -> None:
        """So long that no sending rate counts what was sent before; the hub counts by the wall's clock."""
        for key in self.hub.redis.scan_iter("*hub:pace*"):
            self.hub.redis.delete(key)
        self.move(minutes=minutes)

    # the platforms

    def order_in(self, platform: str = "taobao", **wishes: Any) -> PlatformOrder:
        """An order that its platform shows already."""
        return self.world.add_order(platform, **{"ago_seconds": VISIBLE_SECONDS, **wishes})

    def arrived(self, platform: str = "taobao", **wishes: Any) -> Order:
        """An order that the hub has pulled."""
        made = self.order_in(platform, **wishes)
        self.pull(platform)
        return self.order(made.id)

    def pull(self, *platforms: str) -> None:
        for shop in self.hub.settings.shops:
            if not platforms or shop.platform in platforms:
                jobs.pull_shop(shop.slug)

    def visible(self) -> dict[str, tuple[str, int, bool]]:
        """Number → (platform, paid, has left) of every order that its platform lists; JD and Pinduoduo keep to
        themselves what was never paid, and a payment tells of no parcel."""
        hides = {"jd": lambda one: not jd_state_of(one), "pdd": lambda one: not pdd_lists(one)}
        return {
            one.id: (one.platform, one.paid_fen, is_told(one.platform) and one.status in GONE)
            for one in self.world.orders()
            if one.platform not in hides or not hides[one.platform](one)
        }

    # the jobs

    def look(self) -> None:
        """The clock's look, and all that follows of it."""
        jobs.look()
        self.work()

    def work(self) -> None:
        """Let the worker send and write back what is due, until nothing is; the long connection sends to the group."""
        for _ in range(3):
            jobs.write_back()
            jobs.deliver()
            eventually(lambda: not self._due("group") or not self.phones.online(), "the group waits for its messages")
            if not self._due("staff", "customer"):
                break
        self.phones.chat.settle()  # what the platforms tell of what they did

    def _due(self, *channels: str) -> int:
        ready = and_(Notification.state == "owed", Notification.next_try_at <= self.hub.now())
        owed = select(Notification.id).where(
            Notification.channel.in_(channels), or_(ready, Notification.state == "sending")
        )
        with self.hub.sessions() as session:
            return len(session.scalars(owed).all())

    # the phones

    def chat(self, name: str) -> list[Message]:
        """`group`, `app:<userid>`, `bot:<userid>` or `oa:<openid>`."""
        return self.phones.store.in_chat(name)

    def said(self, name: str) -> list[Message]:
        """What the hub said there."""
        people = self.phones.store.people
        return [one for one in self.chat(name) if one.sender.lower() not in people and one.sender != CUSTOMER]

    def card(self, name: str, *words: str) -> Message:
        """The newest card in a chat that shows all `words`."""
        found = self.find_card(name, *words)
        assert found is not None, f"no card with {words} in {name}: {[title(one) for one in self.said(name)]}"
        return found

    def find_card(self, name: str, *words: str) -> Message | None:
        cards = [one for one in self.said(name) if one.kind == "template_card"]
        viewer = name.partition(":")[2]
        return next((one for one in reversed(cards) if all(word in shown(one, viewer) for word in words)), None)

    def ask(self, who: str, words: str, chat: str = "app") -> str:
        """Type something; all that the hub says in return."""
        name = self.phones.chat_name(who, chat)
        before = {one.id for one in self.chat(name)}
        mention = "@订单助手 " if chat == "group" else ""
        outcome = self.phones.say(who, chat, mention + words)
        assert outcome.answered, f"{who}: {words!r} was not answered: {outcome.why}"
        self.work()
        return "\n".join(shown(one, who) for one in self.said(name) if one.id not in before)

    def press(self, who: str, card: Message, words: str, **selected: str) -> Outcome:
        """Press a button or a menu entry; `selected` are choices in drop-downs."""
        keys = controls(card, who)
        assert words in keys, f"no button {words!r} among {list(keys)}"
        chosen = {name: [one] for name, one in selected.items()}
        return self.phones.press({"who": who, "message_id": card.id, "key": keys[words], "selected": chosen})

    def pressed(self, who: str, card: Message, words: str, **selected: str) -> str:
        """Press, let the house work, and read what the card shows to the presser."""
        outcome = self.press(who, card, words, **selected)
        assert outcome.answered, f"{who} pressed {words!r}: {outcome.why}"
        self.work()
        return shown(card, who)

    def enter_board(self, who: str) -> requests.Session:
        """A browser that came to the board by the link that `看板` gives this person 1:1."""
        found = re.search(rf"{self.url}/enter\?t=[\w.-]+", self.ask(who, "看板"))
        assert found is not None, "no link to the board"
        browser = requests.Session()
        assert browser.get(found[0], timeout=10).status_code == 200
        return browser

    def bind(self, order: PlatformOrder) -> str:
        """The customer tells the service account an order number."""
        outcome = self.phones.customer_say(CUSTOMER, f"{order.id} {order.buyer.phone[-4:]}")
        assert outcome.answered, outcome.why
        return str(outcome.answer)

    @contextmanager
    def overheard(self) -> Iterator[list[Parcel]]:
        """The callbacks that the platforms try to deliver meanwhile, as they go over the wire."""
        wire, kept = self.phones.chat.wire, list[Parcel]()
        attempt = wire._attempt
        wire._attempt = lambda parcel: kept.append(parcel) or attempt(parcel)  # type: ignore[method-assign, func-returns-value]
        try:
            yield kept
        finally:
            wire._attempt = attempt  # type: ignore[method-assign]

    @contextmanager
    def held_back(self) -> Iterator[list[Parcel]]:
        """The same, and none of them arrives: a test delivers them as it likes."""
        switches = self.phones.chat.switches
        with self.overheard() as kept:
            switches.hub_unreachable = 10**6
            try:
                yield kept
            finally:
                switches.hub_unreachable = 0

    def post(self, parcel: Parcel) -> requests.Response:
        """Deliver a callback, whole and as it is."""
        headers = {"Content-Type": parcel.content_type}
        return requests.post(parcel.url, params=parcel.query, data=parcel.body, headers=headers, timeout=15)

    def complaints(self) -> list[str]:
        """What the platforms found wrong with what the hub sent, and what they dropped without a word."""
        phones = self.phones
        wrong = phones.wecom.protocol_errors + phones.aibot.protocol_errors + phones.weixin.protocol_errors
        return wrong + [f"dropped: {one}" for one in phones.wecom.dropped]

    # the database

    def order(self, external_id: str) -> Order:
        with self.hub.sessions() as session:
            return session.scalars(select(Order).where(Order.external_id == external_id)).one()

    def orders(self) -> dict[str, tuple[str, int, bool]]:
        """The hub's side of `visible`; what JD listed before it was paid is left out: JD forgets it without a word."""
        columns = (Order.external_id, Order.platform, Order.paid_fen, Order.effect)
        with self.hub.sessions() as session:
            paid = or_(Order.platform != "jd", Order.effect != "unpaid")
            rows = session.execute(select(*columns).where(paid)).all()
        assert len(rows) == len({row.external_id for row in rows}), "an order stands twice"
        return {row.external_id: (row.platform, row.paid_fen, row.effect == "shipped") for row in rows}

    def cases(self, kind: str, *states: str) -> list[Case]:
        found = select(Case).where(Case.kind == kind).order_by(Case.id)
        with self.hub.sessions() as session:
            return list(session.scalars(found.where(Case.state.in_(states)) if states else found))

    def trail(self, order: Order | str) -> list[TrailRow]:
        """The trail of an order (or of any subject), which must be whole."""
        subject = order if isinstance(order, str) else f"order:{order.shop_id}:{order.external_id}"
        with self.hub.sessions() as session:
            assert trail.verify(session, subject), f"the trail of {subject} is broken"
            return list(session.scalars(select(TrailRow).where(TrailRow.subject == subject).order_by(TrailRow.id)))

    def actions(self, order: Order) -> list[str]:
        return [row.action for row in self.trail(order)]

    def counts(self) -> dict[str, int]:
        """Rows of every table."""
        with self.hub.engine.connect() as connection:
            return {
                name: int(connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0) for name in Base.metadata.tables
            }

    # processes

    def write_config(self, folder: Path) -> dict[str, str]:
        """hub.toml in `folder`, and the environment in which a process of the hub finds it and the servers."""
        file = folder / "hub.toml"
        file.write_text("\n".join(f"{name} = {toml(value)}" for name, value in self.document.items()), "utf-8")
        settings = self.hub.settings
        servers = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
        return {"HUB_CONFIG": str(file), "PYTHONUNBUFFERED": "1", **servers}


def toml(value: Any) -> str:
    """A value as TOML, tables in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(name))} = {toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def document_for(sandbox: str, company: Company, url: str, changes: Mapping[str, Any]) -> Document:
    """The hub.toml of a house: the tests' own, pointing at the sandbox."""
    document: Document = settings_document()
    for shop in document["shops"]:
        path, key, secret, token = _PATHS[shop["slug"]]
        words = asdict(getattr(company, shop["platform"]))
        shop |= {"gateway": sandbox + path, "app_key": words[key], "app_secret": words[secret], "token": words[token]}
    document["hub"] = {"base_url": url}
    document["pull"] = {"first_hours": 1}
    document["time"] = {"gateway": f"{sandbox}/control/time"}
    document["wecom"] |= {"gateway": f"{sandbox}/qyapi", "secret": company.wecom.secret}
    socket = sandbox.replace("http://", "ws://")
    document["bot"] |= {"gateway": f"{socket}/aibot/ws", "secret": company.bot.secret, "mode": company.bot.mode}
    document["weixin"] |= {"gateway": f"{sandbox}/weixin", "secret": company.weixin.secret}
    for section, values in changes.items():
        placed = _placed(values, sandbox)
        document[section] = placed if isinstance(placed, list) else {**document.get(section, {}), **placed}
    return document


def _placed(value: Any, sandbox: str) -> Any:
    """The value with the platforms' address for {sandbox}, which nobody knows before they are there."""
    if isinstance(value, Mapping):
        return {key: _placed(item, sandbox) for key, item in value.items()}
    if isinstance(value, list):
        return [_placed(item, sandbox) for item in value]
    return value.replace("{sandbox}", sandbox) if isinstance(value, str) else value


class Late:
    """The web door's application, which can be made only when its address is known to the sandbox."""

    def __init__(self) -> None:
        self.app: Any = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        return self.app(environ, start_response)


@contextmanager
def serving(late: Late) -> Iterator[str]:
    server: BaseWSGIServer = make_server("127.0.0.1", 0, late, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="web-door", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass(frozen=True)
class Ground:
    """What a house is built on: servers that are there, and the patches that end with the test."""

    servers: tuple[str, str]
    engine: Engine
    sessions: sessionmaker[Session]
    patch: pytest.MonkeyPatch

    def redis(self) -> Redis:
        return Redis.from_url(self.servers[1], socket_timeout=5, socket_connect_timeout=2)


@contextmanager
def open_house(
    ground: Ground, *, online: bool = True, mode: str = "stream", **changes: Any
) -> Iterator[House]:  # fmt: skip
    """A house without orders. `online`: whether the bot's long connection is held; `changes` by section of hub.toml."""
    late = Late()
    opened = time.time()
    clock = sandbox_clock.Clock(source=lambda: MORNING.timestamp() + time.time() - opened)
    with serving(late) as url:
        quiet, bot = {"orders_before": 0, "orders_a_minute": 0.0}, {"mode": mode, "greeting": False}
        company = load_company(world=quiet, server={"hub": url}, bot=bot)
        with running(company, clock=clock) as (sandbox, state):
            document = document_for(sandbox, company, url, changes)
            settings = _on(parse(document), ground.servers)
            told = Shared(settings.time.gateway, clock)
            hub = Hub(settings, ground.engine, ground.sessions, ground.redis(), told, enqueue)
            operators.hub.prepare(hub)
            door = replace(make_hub(settings, enqueue, WEB), clock=told)
            late.app = app.create_app(door)
            house = House(hub, door, state, url, sandbox, document)
            _stand_in(ground.patch, house)
            with connected(house) if online else _nothing():
                yield house
            hub.redis.close()
            door.redis.close()
            door.engine.dispose()


def _on(settings: Settings, servers: tuple[str, str]) -> Settings:
    return settings.model_copy(update={"database_url": servers[0], "redis_url": servers[1]})


def _stand_in(patch: pytest.MonkeyPatch, house: House) -> None:
    """The jobs' way to their hub, which reads hub.toml, and the pull's way to wait, which would really wait."""
    patch.setattr(jobs, "hub", lambda: house.hub)
    patch.setattr(completeness, "hub", lambda: house.hub)

    def sleep(seconds: float) -> None:
        house.move(seconds=seconds)

    patch.setattr(ingest.engine, "pull", functools.partial(ingest.engine.pull, sleep=sleep))
    patch.setattr(completeness, "Reading", functools.partial(Reading, sleep=sleep))


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def connected(house: House) -> Iterator[threading.Event]:
    """Hold the bot's long connection, in a group where somebody has spoken to the bot: else it may not push there."""
    stopping = threading.Event()
    thread = threading.Thread(target=stream.run, args=(house.hub, stopping), name="stream-door")
    thread.start()
    try:
        eventually(house.phones.online, "the bot did not come online")
        house.phones.say("chenjie", "group", "@订单助手 帮助")
        yield stopping
    finally:
        stopping.set()
        with suppress(RedisError):
            house.hub.redis.publish(WAKE, "")  # it sleeps a second at most; woken it stops at once
        thread.join(15)
        assert not thread.is_alive(), "the long connection does not stop"
