"""The `stream` process and a worker of `web` are killed (kill -9) in the middle of a press or a message, at some step
of it: nothing is done twice, whoever repeats it; and nothing is lost that the platform repeats. On each platform.

Every step in turn is tried with DingTalk's connection alone in tests/streams/test_killed.py."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import app
from models import Order
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from tests.flows.chats import DINGTALK, WECOM, controls
from tests.flows.house import Ground, House, open_house
from tests.waiting import eventually

ROOT = Path(app.__file__).parent
MOMENT = 0.5  # second, in which a door comes to its step
DEATHS = 3
"""Steps that are tried in each run, chosen anew each time: in the long run all of them."""


@pytest.fixture
def chance() -> random.Random:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    return random.Random(seed)


class Door:
    """A door's processes: children that die at their step, and the heir of each."""

    def __init__(self, house: House, parent: subprocess.Popen[str], url: str = "") -> None:
        self.house, self.url, self.deaths = house, url, 0
        self._parent, self._children, self._ends = parent, list[int](), list[str]()
        self._is_heir, self._ended = False, threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def open(self, step: int = 0) -> None:
        """A door that dies at this step of what comes in; 0: never."""
        assert self._parent.stdin is not None
        before = len(self._children)
        self._parent.stdin.write(f"{step}\n")
        self._parent.stdin.flush()
        eventually(lambda: len(self._children) > before, "no door")
        self._is_heir = False
        self._hears(())

    def act(self, act: Callable[[], Outcome]) -> Outcome:
        """What comes of an act though the door may die of it; afterwards there is one that hears."""
        children, line = len(self._children), self.house.edge.line(self.house.phones)
        self._ended.clear()
        outcome = act()
        if self._ended.wait(MOMENT):
            self.deaths, self._is_heir = self.deaths + 1, True
            eventually(lambda: len(self._children) > children, "nobody takes its place")
            self._hears(line)
        return outcome

    def close(self) -> int:
        """How many steps the last one made, 0 for an heir, with whom there is no ceremony."""
        ends = len(self._ends)
        os.kill(self._children[-1], signal.SIGKILL if self._is_heir else signal.SIGTERM)
        eventually(lambda: len(self._ends) > ends, "it does not stop")
        eventually(lambda: self.url or not self.house.edge.line(self.house.phones), "the line is still there")
        return int(self._ends[-1].partition(" ")[2] or 0)

    def _hears(self, before: Collection[object]) -> None:
        """Until there is a door that hears, by another line than before."""
        edge, phones = self.house.edge, self.house.phones
        if not self.url:
            eventually(
                lambda: not set(before) & set(edge.line(phones)) and self.house.online(), "nobody holds the line"
            )

    def _listen(self) -> None:
        assert self._parent.stdout is not None
        for line in self._parent.stdout:
            if line.strip().isdecimal():
                self._children.append(int(line))
            else:
                self._ends.append(line.strip())
                self._ended.set()


@contextmanager
def door(house: House, kind: str, folder: Path) -> Iterator[Door]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.flows.doors", kind], cwd=ROOT, env=os.environ | house.write_config(folder),
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as parent:  # fmt: skip
        assert parent.stdin is not None
        assert parent.stdout is not None
        url = parent.stdout.readline().strip() if kind == "web" else ""
        if url:
            call(house, url)
        try:
            yield Door(house, parent, url)
        finally:
            os.killpg(parent.pid, signal.SIGKILL)  # its children, too


def call(house: House, url: str) -> None:
    """From now on the platforms call this address."""
    company, cards = house.state.company, house.phones.dingtalk.cards
    house.state.company = replace(company, server=replace(company.server, hub=url))
    for key, (address, secret) in cards.routes.items():
        cards.routes[key] = (address.replace(house.url, url), secret)


@pytest.fixture(params=["stream", "web"])
def doors(ground: Ground, chat: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """A house that hears by a process of its own: one that holds the long connections, or one that is called."""
    kind = str(request.param)
    mode = "stream" if kind == "stream" else "callback"
    with open_house(ground, chat=chat, online=False, mode=mode) as house, door(house, kind, tmp_path) as found:
        yield found


def prepared(doors: Door, many: int) -> list[tuple[Order, Message]]:
    """Orders, and for each a card before 小李: in the group for those who hold a line, else 1:1."""
    house, place = doors.house, "app" if doors.url else "group"
    made = [house.order_in(("taobao", "jd", "pdd")[number % 3], kind="plain") for number in range(many)]
    house.pull()
    orders = [house.order(one.id) for one in made]
    doors.open()
    for order in orders:
        house.ask("xiaoli", f"查 {order.tag}", place)
    doors.close()
    return [(order, house.card("app:xiaoli" if doors.url else "group", order.tag)) for order in orders]


def some(chance: random.Random, steps: int) -> list[int]:
    """Some of the steps, and one that nobody gets to."""
    return [*chance.sample(range(1, steps + 1), DEATHS), steps + 200]


def impatient(doors: Door) -> None:
    """Nobody waits long for the answer of a dead line; where the hub is called, its heir gives it."""
    doors.house.switches.set({"deadline_seconds": 2.0 if doors.url else 0.8, "card_seconds": 0.8})


def repeated(doors: Door, act: Callable[[], Outcome]) -> bool:
    """Act while the door dies; then whatever the platform repeats comes again. Whether it got an answer."""
    house = doors.house
    with house.overheard() as parcels:
        answered = doors.act(act).answered
    if doors.url and not answered:  # DingTalk tells it once, but it may come again from whoever caught it on the way
        return house.post(parcels[-1]).ok
    if not doors.url and house.edge is DINGTALK and not answered:
        house.move(seconds=25)  # it pushes messages again, presses not
    return answered


def test_a_press_counts_once_though_its_door_dies_in_the_middle_of_it(doors: Door, chance: random.Random) -> None:
    """WeCom repeats what it called in vain; of what came by a long connection no press is repeated but by people."""
    house = doors.house
    (first, card), *others = prepared(doors, DEATHS + 2)
    doors.open()
    house.pressed("xiaoli", card, "审核")
    steps = doors.close()
    assert steps > 8, "a press has more steps than that"
    impatient(doors)
    for step, (order, card) in zip(some(chance, steps), others, strict=True):
        doors.open(step)
        if not repeated(doors, partial(house.press, "xiaoli", card, "审核")):
            assert not (doors.url and house.edge is WECOM), f"step {step} of {steps}: lost"
            house.press("xiaoli", card, "审核")
        house.work()
        assert house.actions(order).count("审核") == 1, f"step {step} of {steps}"
        house.refreshed("xiaoli", card)
        assert "审核" not in controls(card, "xiaoli")
        doors.close()
    assert doors.deaths >= DEATHS - 1, "the last step is not always there"
    assert house.actions(first).count("审核") == 1
    assert not house.complaints()


def approved(house: House, order: Order) -> bool:
    return house.order(order.external_id).stage == "pending_pick"


def test_a_command_is_obeyed_once_though_its_door_dies_in_the_middle_of_it(doors: Door, chance: random.Random) -> None:
    """What the platform repeats needs nobody to say it again."""
    house = doors.house
    place = "app" if doors.url else "group"
    orders = [order for order, _ in prepared(doors, DEATHS + 2)]
    first, *others = orders
    doors.open()
    house.ask("xiaoli", f"审核 {first.tag}", chat=place)
    steps = doors.close()
    assert steps > 8, "a command has more steps than that"
    impatient(doors)
    for step, order in zip(some(chance, steps), others, strict=True):
        doors.open(step)
        if not repeated(doors, partial(house.say, "xiaoli", f"审核 {order.tag}", place)):
            if house.edge is WECOM:
                assert not doors.url, f"step {step} of {steps}: lost"
                house.say("xiaoli", f"审核 {order.tag}", place)
            eventually(partial(approved, house, order), f"step {step} of {steps}: lost")
        house.work()
        assert house.actions(order).count("审核") == 1, f"step {step} of {steps}"
        doors.close()
    assert doors.deaths >= DEATHS - 1, "the last step is not always there"
