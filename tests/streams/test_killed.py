"""The stream door is killed at every step of its work in turn: what the platform repeats is done once, and so is what a
person presses again; nothing is answered twice."""

from __future__ import annotations

import functools
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from handlers.owe import Owed, owe
from models import Case, Notification, TrailRow
from sandbox.chat_store import Message
from tests.bot.conftest import an_order
from tests.conftest import settings_document
from tests.ding_town import DingTown, Standing, delivered, ding_section, ding_settings, hire, open_ding_town
from tests.flows.house import toml
from tests.waiting import eventually
from wire import Hub

ROOT = Path(__file__).resolve().parents[2]
MOST_STEPS = 120
_IMPATIENT = 1.0  # seconds: whoever was killed never answers
_MOMENT = 1.0  # second, in which the work on a message or a press is long done


@pytest.fixture
def chance() -> random.Random:
    """Which steps are tried: some, in the long run all. Its seed is shown where a test fails."""
    seed = secrets.randbits(32)
    sys.stdout.write(f"seed {seed}\n")
    return random.Random(seed)


@pytest.fixture
def town() -> Iterator[DingTown]:
    with open_ding_town() as found:
        found.ding.switches.deadline_seconds = _IMPATIENT
        yield found


@pytest.fixture
def here(town: DingTown, engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    hire(sessions)
    return Hub(ding_settings(town.url), engine, sessions, redis, Standing(), lambda *_: None)


class Door:
    """A child that holds the connection, until it is killed by its own step or told to stop."""

    def __init__(self, worker: subprocess.Popen[str], here: Hub, town: DingTown) -> None:
        self._worker, self._here, self._town = worker, here, town
        self._child = 0
        self._ended: list[str] = []

    def start(self, step: int) -> None:
        with self._here.engine.begin() as connection:  # as if the lease of the one before had run out
            connection.execute(text("DELETE FROM leases"))
        eventually(lambda: not self._town.ding.gateway.links)
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        self._worker.stdin.write(f"{step}\n")
        self._worker.stdin.flush()
        self._child, self._ended = int(self._worker.stdout.readline()), []
        threading.Thread(target=self._watch, args=(self._ended,), daemon=True).start()
        eventually(self._town.ding.online)

    def _watch(self, ended: list[str]) -> None:
        assert self._worker.stdout is not None
        ended.append(self._worker.stdout.readline().strip())

    def end(self) -> None:
        if self._child and not self._ended:
            with suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)

    def dies(self) -> bool:
        """Whether it came to its step; it has a moment for that."""
        until = time.monotonic() + _MOMENT
        while not self._ended and time.monotonic() < until:
            threading.Event().wait(0.02)
        return self._ended == ["killed"]

    def stop(self) -> None:
        if not self._ended:
            os.kill(self._child, signal.SIGTERM)
            eventually(lambda: self._ended)
            assert self._ended == ["stopped"]


@contextmanager
def doors(here: Hub, town: DingTown, folder: Path) -> Iterator[Door]:
    document: dict[str, Any] = settings_document()
    for other in ("wecom", "bot", "weixin"):
        document.pop(other)
    document |= {"dingtalk": ding_section(town.url), "time": {"gateway": f"{town.url}/control/time"}}
    file = folder / "hub.toml"
    file.write_text("\n".join(f"{name} = {toml(value)}" for name, value in document.items()), "utf-8")
    database = here.engine.url.render_as_string(hide_password=False)
    pool = here.redis.connection_pool.connection_kwargs
    environment = {
        "HUB_CONFIG": str(file),
        "DATABASE_URL": database,
        "REDIS_URL": f"unix://{pool['path']}" if "path" in pool else f"redis://{pool['host']}:{pool['port']}",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.streams.mortal"], cwd=ROOT, env=os.environ | environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as worker:  # fmt: skip
        assert worker.stdin is not None
        door = Door(worker, here, town)
        try:
            yield door
        finally:
            door.end()
            worker.stdin.close()


def test_a_message_is_obeyed_once_wherever_the_door_dies(
    here: Hub, town: DingTown, tmp_path: Path, chance: random.Random
) -> None:
    with here.open_desk() as desk:
        tag = an_order(desk.session).tag

    def notes(words: str) -> int:
        with here.sessions() as session:
            return session.scalar(select(func.count(TrailRow.id)).where(TrailRow.detail.contains(words))) or 0

    step, lives = chance.randint(1, 3), False
    with doors(here, town, tmp_path) as door:
        while not lives:
            words = f"试验{step}号"
            door.start(step)
            before = owed(here)
            acknowledged = town.say("xiaoli", "dgroup", f"备注 {tag} {words}").answered
            lives = not door.dies()
            if not acknowledged:
                door.end()
                door.start(0)
                town.state.clock.move(30)  # the platform pushes it again
                eventually(functools.partial(notes, words))
            door.stop()
            assert notes(words) == 1, f"step {step}"
            assert owed(here) == before + 1, f"step {step}: the order's card, once"
            step += chance.randint(2, 5)
            assert step < MOST_STEPS
    assert step > 8, "there are more steps than that"


def test_a_press_counts_once_wherever_the_door_dies(
    here: Hub, town: DingTown, tmp_path: Path, chance: random.Random
) -> None:
    step, lives = chance.randint(1, 3), False
    with doors(here, town, tmp_path) as door:
        while not lives:
            card, case_id = _card(here, town, step)
            before = acts(here)
            door.start(step)
            answered = town.press("xiaoli", card, "认领").answered
            lives = not door.dies()
            if not answered:  # nobody repeats it but the person
                door.end()
                door.start(0)
                assert _press_again(town, card) == "card_update"
            door.stop()
            with here.sessions() as session:
                case = session.get_one(Case, case_id)
                assert (case.state, case.revision) == ("claimed", 2), f"step {step}"
            assert acts(here) == before + 1, f"step {step}"
            step += chance.randint(2, 5)
            assert step < MOST_STEPS
    assert step > 8, "there are more steps than that"


def _press_again(town: DingTown, card: Message) -> str:
    """A door that has just opened has all the time that the platform gives."""
    town.ding.switches.deadline_seconds = 2.0
    kind = town.press("xiaoli", card, "认领").kind
    town.ding.switches.deadline_seconds = _IMPATIENT
    return kind


def acts(here: Hub) -> int:
    """How many changes the trail tells of."""
    with here.sessions() as session:
        return session.scalar(select(func.count(TrailRow.id))) or 0


def owed(here: Hub) -> int:
    """How many answers are owed to the group."""
    with here.sessions() as session:
        asked = select(func.count(Notification.id)).where(Notification.channel == "chat_dingtalk")
        return session.scalar(asked) or 0


def _card(here: Hub, town: DingTown, number: int) -> tuple[Message, int]:
    """A case's card in the group."""
    with here.open_desk() as desk:
        order = an_order(desk.session, number)
        case = Case(
            kind="address_vague", order_id=order.id, shop_id=1, role="service", reason="缺区县", evidence={},
            opened_at=desk.now,
        )  # fmt: skip
        desk.session.add(case)
        desk.session.flush()
        owe(desk, [Owed(f"k{number}", "group", "card", f"case:{case.id}")])
        case_id = case.id
    assert delivered(here).sent >= 1
    return town.chat("dgroup")[-1], case_id
