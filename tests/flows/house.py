"""A whole house on real sockets: the hub's web door, its long connections and its jobs, and around them the platforms
and the phones of the sandbox. Time moves with the sandbox's clock alone.

A house has WeCom, DingTalk, or both; a flow names its chats by the same words on each (`tests/flows/chats.py`)."""

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
from typing import Any, Final
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
from bot.ladder import LADDER, channels_of_stream
from config import Settings, parse
from handlers import trail
from ingest.reading import Reading
from models import Base, Case, Notification, Order, TrailRow
from models.sources import is_told
from sandbox import clock as sandbox_clock
from sandbox.chat_phones import Phones
from sandbox.chat_store import Message
from sandbox.chat_switches import Switches
from sandbox.chat_wire import Outcome, Parcel, Reply
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
from tests.flows import chats
from tests.flows.chats import EDGES, Edge, controls, is_card, shown, title
from tests.waiting import T, eventually
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
each_market = pytest.mark.parametrize(
    ("chat", "platform"), [("wecom", "taobao"), ("dingtalk", "taobao"), ("dingtalk", "jd"), ("wecom", "pdd")]
)
"""A flow that goes through chat, for each marketplace and on both chat platforms, without every pair of them."""
on_wecom = pytest.mark.parametrize("chat", ["wecom"])
"""A flow about something that WeCom alone has; it says what, and where DingTalk's counterpart stands."""
on_dingtalk = pytest.mark.parametrize("chat", ["dingtalk"])
no_chat = pytest.mark.parametrize("chat", ["wecom"])
"""A flow that shows nothing in chat, or only sets something up by it: once is enough."""


class Shared(Clock):
    """The hub's clock without the second that it may keep what it was told: a test moves time and looks at once."""

    def __init__(self, gateway: str, told_by: sandbox_clock.Clock) -> None:
        super().__init__(gateway)
        self._told_by = told_by

    def now(self) -> datetime:
        return self._told_by.now()


def in_parallel(works: list[Callable[[], T]], seconds: float = 60.0) -> list[T]:
    """Run all at the same moment; their results in order. The first error is raised."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait(seconds)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(run, work) for work in works]
        return [one.result(seconds) for one in running]


@dataclass
class House:
    """`hub` is what the jobs and the long connections work with, `door` the web door's own, which waits for nothing.
    `url` is the web door's address, `sandbox` the platforms'. `edges`: the chat platforms; the first one is meant by
    "group" and "app"."""

    hub: Hub
    door: Hub
    state: State
    url: str
    sandbox: str
    document: Document
    edges: tuple[Edge, ...] = EDGES["wecom"]

    @property
    def world(self) -> World:
        return self.state.world

    @property
    def phones(self) -> Phones:
        return phones_of(self.state)

    @property
    def edge(self) -> Edge:
        return self.edges[0]

    @property
    def switches(self) -> Switches:
        """What goes wrong between this house and its (first) chat platform."""
        return self.edge.switches(self.phones)

    def online(self) -> bool:
        """Whether every chat platform could reach us at this moment."""
        return all(edge.is_online(self.phones) for edge in self.edges)

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
        """Let the worker send and write back what is due, until nothing is; WeCom's long connection sends to its
        group."""
        by_stream = channels_of_stream(self.hub.settings)
        by_worker = [channel for channel in LADDER if channel not in by_stream]
        for _ in range(3):
            jobs.write_back()
            jobs.deliver()
            if by_stream:
                eventually(
                    lambda: not self._due(*by_stream) or not self.phones.online(), "the group waits for its messages"
                )
            if not self._due(*by_worker):
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
        """`group`, `app:<userid>`, `bot:<userid>` of the first platform; `oa:<openid>`; or as the phones call it."""
        return self.phones.store.in_chat(self.edge.place(name))

    def said(self, name: str) -> list[Message]:
        """What the hub said there."""
        others = {*self.phones.store.people, CUSTOMER, CUSTOMER.lower(), "system"}
        return [one for one in self.chat(name) if one.sender.lower() not in others]

    def card(self, name: str, *words: str) -> Message:
        """The newest card in a chat that shows all `words`."""
        found = self.find_card(name, *words)
        assert found is not None, f"no card with {words} in {name}: {[title(one) for one in self.said(name)]}"
        return found

    def find_card(self, name: str, *words: str) -> Message | None:
        cards = [one for one in self.said(name) if is_card(one)]
        viewer = name.partition(":")[2]
        return next((one for one in reversed(cards) if all(word in shown(one, viewer) for word in words)), None)

    def say(self, who: str, words: str, chat: str = "app") -> Outcome:
        """Type something, whatever comes of it."""
        place = self.edge.place(chat)
        mention = "@订单助手 " if place in ("group", "dgroup") else ""
        return self.phones.say(who, place, mention + words)

    def hear(self, who: str, words: str, chat: str = "app") -> str:
        """Type something; what is said in return at once, before the worker sends anything."""
        place = self.edge.place(chat)
        name = self.phones.chat_name(who, place)
        before = {one.id for one in self.chat(name)}
        outcome = self.say(who, words, chat)
        assert outcome.answered, f"{who}: {words!r} was not answered: {outcome.why}"
        if outcome.kind == "ack":
            self._answered(who, name, before)
        return "\n".join(shown(one, who) for one in self.said(name) if one.id not in before)

    def _answered(self, who: str, name: str, before: set[str]) -> None:
        """DingTalk's long connection acknowledges first. The answer follows, or the worker owes it since before."""
        asked = next(one for one in reversed(self.chat(name)) if one.sender == who and one.id not in before)
        number = self.phones.dingtalk.talk._message_id(asked)

        def claim() -> bool:
            return any(one.id not in before for one in self.said(name)) or self._owes(number)

        eventually(claim, f"{who} gets no answer to {shown(asked)}")

    def _owes(self, number: str) -> bool:
        owed = select(Notification.id).where(Notification.dedupe_key == f"answer:dingtalk:{number}")
        with self.hub.sessions() as session:
            return session.scalar(owed) is not None

    def ask(self, who: str, words: str, chat: str = "app") -> str:
        """Type something; all that the hub says in return."""
        name = self.phones.chat_name(who, self.edge.place(chat))
        before = {one.id for one in self.chat(name)}
        self.hear(who, words, chat)
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

    def refreshed(self, who: str, card: Message) -> str:
        """What a card shows that is up to date: in WeCom's group it changes only when somebody presses 刷新."""
        self.work()
        return self.pressed(who, card, "刷新") if "刷新" in controls(card, who) else shown(card, who)

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
        """The callbacks that the platforms try to deliver meanwhile over HTTP, as they go over the wire."""
        wires, kept = (self.phones.chat.wire, self.phones.chat.ding_wire), list[Parcel]()

        def listening(attempt: Callable[[Parcel], Reply]) -> Callable[[Parcel], Reply]:
            def attempted(parcel: Parcel) -> Reply:
                kept.append(parcel)
                return attempt(parcel)

            return attempted

        for wire in wires:
            wire._attempt = listening(wire._attempt)  # type: ignore[method-assign, assignment]
        try:
            yield kept
        finally:
            for wire in wires:
                del wire._attempt

    @contextmanager
    def held_back(self) -> Iterator[list[Parcel]]:
        """The same, and none of them arrives: a test delivers them as it likes."""
        switches = self.phones.chat.switches_of.values()
        with self.overheard() as kept:
            for one in switches:
                one.hub_unreachable = 10**6
            try:
                yield kept
            finally:
                for one in switches:
                    one.hub_unreachable = 0

    def post(self, parcel: Parcel) -> requests.Response:
        """Deliver a callback, whole and as it is."""
        headers = {"Content-Type": parcel.content_type, **parcel.headers}
        return requests.post(parcel.url, params=parcel.query, data=parcel.body, headers=headers, timeout=15)

    def complaints(self) -> list[str]:
        """What the platforms found wrong with what the hub sent, and what they dropped without a word."""
        wrong = list(self.phones.weixin.protocol_errors)
        return wrong + [one for edge in self.edges for one in edge.complaints(self.phones)]

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


def document_for(sandbox: str, company: Company, url: str, changes: Mapping[str, Any], chat: str = "wecom") -> Document:
    """The hub.toml of a house: the tests' own, pointing at the sandbox. A change of a platform that is not there is
    none."""
    document: Document = settings_document()
    for shop in document["shops"]:
        path, key, secret, token = _PATHS[shop["slug"]]
        words = asdict(getattr(company, shop["platform"]))
        shop |= {"gateway": sandbox + path, "app_key": words[key], "app_secret": words[secret], "token": words[token]}
    document["hub"] = {"base_url": url}
    document["pull"] = {"first_hours": 1}
    document["time"] = {"gateway": f"{sandbox}/control/time"}
    document["weixin"] |= {"gateway": f"{sandbox}/weixin", "secret": company.weixin.secret}
    document["staff"] = chats.staff_on(EDGES[chat], document["staff"])
    for edge in (chats.WECOM, chats.DINGTALK):
        for section in edge.ours if edge not in EDGES[chat] else ():
            document.pop(section, None)
        for section, values in chats.sections(edge, sandbox, company).items() if edge in EDGES[chat] else ():
            document[section] = {**document.get(section, {}), **values}
    elsewhere = {section for edge in (chats.WECOM, chats.DINGTALK) for section in edge.ours} - document.keys()
    for section, values in changes.items():
        if section in elsewhere:
            continue
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
    ground: Ground, *, chat: str = "wecom", online: bool = True, mode: str = "", **changes: Any
) -> Iterator[House]:
    """A house without orders. `chat`: wecom, dingtalk or both. `online`: whether long connections are held. `mode`:
    how the robots hear, "stream" or "callback"; where nothing is said, DingTalk's is called where no line is held.
    `changes` by section of hub.toml."""
    mode = mode or ("callback" if chat == "dingtalk" and not online else "stream")
    late = Late()
    opened = time.time()
    clock = sandbox_clock.Clock(source=lambda: MORNING.timestamp() + time.time() - opened)
    with serving(late) as url:
        quiet = {"orders_before": 0, "orders_a_minute": 0.0}
        company = load_company(world=quiet, server={"hub": url}, **chats.company_of(mode))
        with running(company, clock=clock) as (sandbox, state):
            document = document_for(sandbox, company, url, changes, chat)
            settings = _on(parse(document), ground.servers)
            told = Shared(settings.time.gateway, clock)
            hub = Hub(settings, ground.engine, ground.sessions, ground.redis(), told, enqueue)
            operators.hub.prepare(hub)
            door = replace(make_hub(settings, enqueue, WEB), clock=told)
            late.app = app.create_app(door)
            house = House(hub, door, state, url, sandbox, document, EDGES[chat])
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
    """Hold the long connections; in WeCom's group somebody has spoken to the bot: else it may not push there."""
    stopping = threading.Event()
    thread = threading.Thread(target=stream.run, args=(house.hub, stopping), name="stream-door")
    thread.start()
    try:
        eventually(house.online, "the robots did not come online")
        if chats.WECOM in house.edges:
            house.phones.say("chenjie", "group", "@订单助手 我的")
        yield stopping
    finally:
        stopping.set()
        with suppress(RedisError):
            house.hub.redis.publish(WAKE, "")  # it sleeps a second at most; woken it stops at once
        thread.join(15)
        assert not thread.is_alive(), "the long connection does not stop"
