"""A month of DingTalk's quotas: 80 orders a day and two days of 400, in a company that is on DingTalk alone.

What is real: orders are parsed and stored, all rules run, cases open and close, what is owed is delivered, cards change
by their own ids, and all that people say or press goes over HTTP into the hub; the platform is the sandbox's, on
sockets, and counts by itself. What is made up is how people behave: they work from 9 to 21, every day. Clean orders
move on the board, which costs nothing, as fast as so many hands can; what gets a card is claimed and settled on it, by
two presses; everybody asks the robot some questions a day (`ASKED`). One order in eight has a problem of some kind.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Flask
from sqlalchemy import text
from werkzeug.serving import make_server

import handlers.due
from bench import orders
from bench.harness import Bench, Figure
from bot import ladder, usage
from bot.callbacks import blueprint
from bot.channels.dingtalk.quota import Kind
from bot.deliver import deliver
from config_chat import DingTalk, Person
from handlers import commands, pressing, watch
from handlers.desk import Actor, Refusal
from handlers.incoming import Incoming, Press
from ingest.source import Record
from ingest.store import Batch, Item, store
from ingest.taobao.parse import parse
from models import Role
from models.beijing import BEIJING
from sandbox.chat_press import NotPossible
from sandbox.clock import Clock as SandboxClock
from sandbox.company import load_company
from sandbox.phones import phones_of
from sandbox.server import QuietHandler, running
from sandbox.state import State
from wire import Clock, Hub

FIRST: Final = datetime(2025, 11, 1, tzinfo=BEIJING)
DAYS: Final = 30
BUSY: Final = (10, 11)  # the 11th and 12th
USUAL, RUSH = 80, 400
STEP: Final = timedelta(minutes=15)
SOON: Final = timedelta(minutes=1)
OPENS, CLOSES = 9, 21
MOVES: Final = {"pending_review": "approve", "pending_pick": "pick"}
HANDS: Final = 45  # orders that move one stage on the board in a step, by all hands together
CLAIM: Final = "认领"
SETTLE: Final = ("已确认", "已处理", "已到货", "已联系网点", "改期", "先发", "取消这一单", "审核通过")
WHO: Final = {Role.SERVICE: "xiaoli", Role.WAREHOUSE: "laowang", Role.PURCHASING: "zhaojie", Role.SUPERVISOR: "chenjie"}
ASKED: Final = (  # who, in which chat, what, how often a day
    ("xiaoli", "ding", "查 {tag}", 8), ("xiaoli", "ding", "我的", 3), ("laowang", "ding", "我的", 3),
    ("laowang", "ding", "库存 QH-1", 2), ("zhaojie", "ding", "库存 QH-2", 4), ("chenjie", "dgroup", "看板", 3),
    ("chenjie", "ding", "异常", 2),
)  # fmt: skip


def measure(bench: Bench) -> list[Figure]:
    days = 4 if bench.quick else DAYS
    with _opened(bench) as month:
        for day in range(days):
            month.live(day)
        theirs, ours = month.theirs(), month.ours()
    whole = DAYS / days
    print(month.told(days))
    figures = []
    for kind, most in ((Kind.CALLS, 5000), (Kind.UNITS, 3000)):
        assert ours[kind] == theirs[kind], f"{kind}: the hub counted {ours[kind]}, the platform {theirs[kind]}"
        name = f"DingTalk {kind.value}, a month" + ("" if days == DAYS else f" (from {days} days)")
        counted, allowed = f"{theirs[kind]:,}", f"{most:,} allowed"
        figures.append(Figure(15, name, counted, allowed, [theirs[kind] * whole], most, at_least=False, unit=""))
    return figures


@contextmanager
def _opened(bench: Bench) -> Iterator[_Month]:
    """The sandbox and the hub, each on its port, under one clock."""
    clock = SandboxClock(standing_at=FIRST)
    application = Flask("hub")
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=QuietHandler)
    address = f"http://127.0.0.1:{server.server_port}"
    quiet = {"orders_before": 0, "orders_a_minute": 0}
    generous = {"mode": "http", "calls_per_second": 100_000, "calls_per_month": 10**6, "stream_per_month": 10**6}
    company = load_company(world=quiet, server={"hub": address}, dingtalk=generous)
    with running(company, clock=clock) as (url, state):
        hub = dataclasses.replace(bench.hub("quota", **_settings(url, state)), clock=_Moving(clock))
        application.register_blueprint(blueprint(hub.settings, hub.open_desk, hub.redis))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield _Month(hub, state, clock)
        finally:
            server.shutdown()
            server.server_close()


def _settings(url: str, state: State) -> dict[str, Any]:
    company = state.company.dingtalk
    ding = DingTalk(
        mode="http", gateway=f"{url}/dingtalk/api", old_gateway=f"{url}/dingtalk/oapi", corpid=company.corpid,
        app_key=company.app_key, app_secret=company.app_secret, name=company.name, group=company.group,
        card_template=company.card_template, card_route=company.card_route, card_secret=company.card_secret,
        calls_per_second=60,
    )  # fmt: skip
    people = {one.userid: one for one in state.company.people}
    staff = tuple(
        Person(name=people[who].name, roles=(role.value,), dingtalk=people[who].dingtalk) for role, who in WHO.items()
    )
    stock = orders.stock() | {"QH-100": 10**7, "QH-200": 10**7}  # one SKU of three hundred is short
    others = dict.fromkeys(("wecom", "bot", "wecom_hook", "weixin", "dingtalk_hook"))
    return {**others, "dingtalk": ding, "staff": staff, "stock": stock}


class _Moving(Clock):
    """The sandbox's clock, without asking over HTTP."""

    def __init__(self, clock: SandboxClock) -> None:
        super().__init__("")
        self._at = clock

    def now(self) -> datetime:
        return self._at.now()


class _Month:
    def __init__(self, hub: Hub, state: State, clock: SandboxClock) -> None:
        self._hub, self._clock, self._phones = hub, clock, phones_of(state)
        self._ding = self._phones.dingtalk
        self._ways = ladder.ways(hub.settings, hub.redis, home="worker")
        self._numbers = itertools.count(1)
        self._waybills = itertools.count(SF_FIRST)
        self._acts: list[tuple[datetime, int, Any]] = []  # what somebody does later
        self._order = itertools.count()
        self._claimed: set[str] = set()
        self._read: dict[str, int] = {}
        self._tags: list[str] = []

    def live(self, day: int) -> None:
        """One day, from midnight to some minutes before the next: the counts of a month end with it."""
        starts = FIRST + timedelta(days=day)
        many = RUSH if day in BUSY else USUAL
        for step in range(int(timedelta(days=1) / STEP)):
            at = starts + (step + 1) * STEP - 5 * SOON
            self._clock.move((at - self._clock.now()).total_seconds())
            self._arrive(_come_in(many, step))
            self._look()
            if OPENS <= at.astimezone(BEIJING).hour < CLOSES:
                self._work(step)
            self._send()

    # the hub

    def _arrive(self, many: int) -> None:
        if not many:
            return
        now = self._clock.now()
        bodies = [_body(next(self._numbers), now) for _ in range(many)]
        items = [_item(body) for body in bodies]
        with self._hub.open_desk() as desk:
            stored = store(desk.session, Batch(1, "taobao", "TB", items), now)
            watch.arrived(desk, stored.new)
            found = desk.session.execute(text("SELECT tag FROM orders WHERE id = ANY(:ids)"), {"ids": stored.new})
            self._tags += found.scalars()

    def _look(self) -> None:
        while True:
            with self._hub.open_desk() as desk:
                if not handlers.due.look(desk):
                    return

    def _send(self) -> None:
        """What is owed, as often as something waits for a few seconds; rates by the wall's clock do not count here."""
        for _ in range(20):
            for key in self._hub.redis.scan_iter("hub:pace*"):
                self._hub.redis.delete(key)
            usage.keep(self._hub.open_desk, self._hub.redis, self._hub.settings, self._hub.now)
            report = deliver(self._hub.open_desk, self._ways, self._hub.now)
            if report.again_at is None or report.again_at - self._hub.now() > SOON / 12:
                return
            self._clock.move(max((report.again_at - self._hub.now()).total_seconds(), 0.1))

    # the people

    def _work(self, step: int) -> None:
        self._move_on()
        self._do_due()
        self._answer_cards()
        self._ask(step)

    def _move_on(self) -> None:
        """On the board, the oldest first."""
        for row in self._ready():
            actor, source = Actor("小李", frozenset(WHO), 1, "web"), f"web-{next(self._order)}"
            incoming = Incoming("web", source, "xiaoli", "xiaoli", False, self._clock.now())
            try:
                with self._hub.open_desk() as desk:
                    if row.stage == "pending_ship":
                        line = f"发货 {row.tag} 顺丰 SF{next(self._waybills)}"
                        commands.run(desk, dataclasses.replace(incoming, text=line), actor)
                    else:
                        press = Press(MOVES[row.stage], f"order:{row.id}", row.revision)
                        pressing.press(desk, dataclasses.replace(incoming, press=press), actor)
            except Refusal:
                continue  # something stands in its way, and has a card

    def _ready(self) -> list[Any]:
        found = text("""
            SELECT o.id, o.tag, o.stage, o.revision FROM orders o
            WHERE o.stage IN ('pending_review', 'pending_pick', 'pending_ship') AND o.lock_reason = '' AND NOT EXISTS (
                SELECT 1 FROM cases c WHERE c.order_id = o.id AND c.state IN ('open', 'claimed') AND c.blocks)
            ORDER BY o.stage_entered_at LIMIT :many
        """)
        with self._hub.sessions() as session:
            return list(session.execute(found, {"many": HANDS}))

    def _do_due(self) -> None:
        while self._acts and self._acts[0][0] <= self._clock.now():
            heapq.heappop(self._acts)[2]()

    def _later(self, after: timedelta, act: Any) -> None:
        heapq.heappush(self._acts, (self._clock.now() + after, next(self._order), act))

    def _answer_cards(self) -> None:
        """Whoever has the role claims a new matter within the step, on the card that lies nearest, and settles it some
        steps later: half of them in the group, half in their own chat."""
        for place, chat in enumerate(("dgroup", *(f"ding:{who}" for who in WHO.values()))):
            for message in self._phones.store.in_chat(chat)[self._read.get(chat, 0) :]:
                subject, role = self._about(message)
                if not subject or subject in self._claimed or (not place and message.seq % 2):
                    continue
                self._claimed.add(subject)
                who = chat.partition(":")[2] or WHO.get(Role(role), "chenjie")
                self._press(who, message, (CLAIM,))
                self._later(3 * STEP, lambda who=who, message=message: self._press(who, message, SETTLE))
            self._read[chat] = len(self._phones.store.in_chat(chat))

    def _about(self, message: Any) -> tuple[str, str]:
        """The case whose card it is, and whose matter; ("", "") for anything else."""
        if message.kind != "ding_card":
            return "", ""
        found = text("""
            SELECT s.subject, c.role FROM cases c JOIN sent_cards s ON s.subject = 'case:' || c.id WHERE s.task_id = :id
        """)
        with self._hub.sessions() as session:
            row = session.execute(found, {"id": message.body.get("track_id", "")}).first()
        return (row.subject, row.role) if row is not None else ("", "")

    def _press(self, who: str, message: Any, wanted: tuple[str, ...]) -> None:
        body = message.body_for(who)
        controls = [*body["buttons"], *body["menu"]]
        key = next((one["key"] for words in wanted for one in controls if one["text"] == words and one["key"]), "")
        chosen = {body["choice_key"]: [body["choices"][0]["id"]]} if body.get("choices") else {}
        if key:
            try:
                self._phones.press({"who": who, "message_id": message.id, "key": key, "selected": chosen})
            except NotPossible:
                return

    def _ask(self, step: int) -> None:
        """Everybody's questions, spread over the day."""
        steps = int(timedelta(hours=CLOSES - OPENS) / STEP)
        for place, (who, chat, words, often) in enumerate(ASKED):
            if any((step + place * 7) % steps == number * steps // often for number in range(often)):
                said = words.format(tag=self._tags[-1 - step % 40] if len(self._tags) > 40 else "1")
                self._phones.say(who, chat, f"@订单助手 {said}" if chat == "dgroup" else said)

    # the counts

    def ours(self) -> dict[Kind, int]:
        with self._hub.open_desk() as desk:
            return {one.kind: one.used for one in usage.used(desk, self._hub.redis)}

    def theirs(self) -> dict[Kind, int]:
        quota = self._ding.quota
        return {Kind.CALLS: quota.calls.total(), Kind.UNITS: quota.stream.total()}

    def told(self, days: int) -> str:
        quota = self._ding.quota
        with self._hub.sessions() as session:
            kinds = session.execute(text("SELECT kind, count(*) FROM cases GROUP BY 1 ORDER BY 2 DESC")).all()
            sent = session.execute(text("SELECT state, purpose, count(*) FROM notifications GROUP BY 1, 2")).all()
        lines = [
            f"{days} days, {len(self._tags):,} orders, {sum(row[1] for row in kinds):,} cases",
            "cases: " + ", ".join(f"{row[0]} {row[1]}" for row in kinds),
            "owed: " + ", ".join(f"{row[1]} {row[0]} {row[2]}" for row in sent),
            *(f"{count:6,} {name}" for name, count in [*quota.calls.most_common(), *quota.stream.most_common()]),
            f"complaints: {len(self._ding.protocol_errors)} {self._ding.protocol_errors[:3]} {self._ding.remarks[:3]}",
        ]
        return "\n".join(lines)


SF_FIRST: Final = 1_000_000_000_000


def _come_in(many: int, step: int) -> int:
    """How many of a day's orders come in this step: half as many at night."""
    steps = int(timedelta(days=1) / STEP)
    weights = [1 if number * STEP < timedelta(hours=8) else 2 for number in range(steps)]
    before, after = sum(weights[:step]), sum(weights[: step + 1])
    return many * after // sum(weights) - many * before // sum(weights)


def _body(number: int, now: datetime) -> dict[str, Any]:
    """An order of this moment; some with what makes a case."""
    body = orders.varied(number)
    shift = now - timedelta(minutes=5) - orders.created_at(number)
    for name in ("created", "pay_time", "modified"):
        body[name] = _moved(body[name], shift)
    for line in body["orders"]["order"]:
        line["estimate_con_time"] = _moved(line["estimate_con_time"], shift)
    if number % 33 == 5:
        body["receiver_address"] = "附近"
    return body


def _item(body: dict[str, Any]) -> Item:
    number = str(body["tid"])
    return Item(number, orders.canonical(body), parse(Record(number, body)))


def _moved(told: str, shift: timedelta) -> str:
    return f"{datetime.fromisoformat(told) + shift:%Y-%m-%d %H:%M:%S}"
