"""The door of "nothing lost": what runs when, for whom, and what does not stop the rest."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

import handlers.completeness.backfill
import handlers.completeness.proof
from config import Settings
from handlers.completeness import which_shop
from handlers.completeness.backfill import Period
from handlers.desk import SYSTEM, Job, Refusal
from ingest import MARKETPLACES
from ingest.backfill import Progress
from ingest.source import Action
from models import Backfill, Case, Cursor, Notification, Order, Proof, Shop
from models.beijing import day_start
from operators.hub import prepare
from tests.flows.house import in_parallel
from tests.ingest.fakes import FakeMarketplace, failure
from wire import Clock, Hub, enqueue
from workers import completeness

NIGHT = day_start(date(2025, 12, 22)) + timedelta(hours=3)
YESTERDAY = date(2025, 12, 21)
NOON = day_start(YESTERDAY) + timedelta(hours=12)


class Standing(Clock):
    def __init__(self) -> None:
        super().__init__("")
        self.at = NIGHT

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def markets(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeMarketplace]:
    """Slug → what the shop is read from."""
    made = {"taobao": FakeMarketplace(), "jd": FakeMarketplace(), "pdd": FakeMarketplace()}
    for platform, market in made.items():
        monkeypatch.setitem(MARKETPLACES, platform, lambda _shop, _means, market=market: market)
    return {"tb": made["taobao"], "jd": made["jd"], "pdd": made["pdd"]}


@pytest.fixture
def hub(
    settings: Settings,
    engine: Engine,
    sessions: sessionmaker[Session],
    redis: Redis,
    markets: dict[str, FakeMarketplace],
    monkeypatch: pytest.MonkeyPatch,
) -> Hub:
    hub = Hub(settings, engine, sessions, redis, Standing(), enqueue)
    prepare(hub)
    with sessions() as session:
        for shop in session.scalars(select(Shop)):
            session.add(Cursor(shop_id=shop.id, api="fake.list", synced_to=NIGHT, moved_at=NIGHT))
        session.commit()
    monkeypatch.setattr(completeness, "hub", lambda: hub)
    return hub


def waiting(redis: Redis) -> list[tuple[str, tuple[Any, ...]]]:
    queues = [Queue(name, connection=redis) for name in ("urgent", "pull")]
    return [(str(job.func_name), tuple(job.args)) for queue in queues for job in queue.jobs]


def rows(hub: Hub, what: type[Any]) -> list[Any]:
    with hub.sessions() as session:
        return list(session.scalars(select(what).order_by(what.id)))


def test_every_shop_is_tended_and_back_fills_that_nobody_is_at_go_on(hub: Hub, redis: Redis) -> None:
    with hub.sessions() as session:
        session.add(Backfill(shop_id=1, start_at=NOON, end_at=NIGHT, done_to=NOON, asked_at=NOON))
        session.add(Backfill(shop_id=1, start_at=NOON, end_at=NIGHT, done_to=NIGHT, asked_at=NOON, state="done"))
        session.add(Backfill(shop_id=2, start_at=NOON, end_at=NIGHT, done_to=NOON, asked_at=NOON))
        session.get_one(Shop, 2).state = "stopped"
        session.commit()
    completeness.tend()
    assert waiting(redis) == [
        ("workers.completeness.tend_shop", ("tb",)),
        ("workers.completeness.tend_shop", ("jd",)),
        ("workers.completeness.tend_shop", ("pdd",)),
        ("workers.completeness.backfill", (1,)),
    ]


def test_a_back_fill_is_done_in_pieces_that_let_the_pulls_through(
    hub: Hub, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completeness, "PIECE", 4)
    with hub.sessions() as session:
        start = NIGHT - timedelta(hours=5)
        session.add(
            Backfill(shop_id=1, start_at=start, end_at=NIGHT - timedelta(hours=1), done_to=start, asked_at=NOON)
        )
        session.commit()
    completeness.backfill(1)
    assert waiting(redis) == [("workers.completeness.backfill", (1,))]
    completeness.backfill(1)
    assert [row.state for row in rows(hub, Backfill)] == ["done"]


def test_a_back_fill_that_stands_is_told_and_not_asked_for_again_at_once(
    hub: Hub, redis: Redis, markets: dict[str, FakeMarketplace]
) -> None:
    with hub.sessions() as session:
        session.add(Backfill(shop_id=1, start_at=NOON, end_at=NIGHT, done_to=NOON, asked_at=NOON, asked_by=4))
        session.commit()

    def forbid(_what: str) -> None:
        raise failure(Action.STOP, text="店铺授权已过期，请重新授权")

    markets["tb"].plan = forbid
    completeness.backfill(1)
    assert [job for job in waiting(redis) if job[0] == "workers.completeness.backfill"] == []
    assert ["补拉停住了" in row.body["text"] for row in rows(hub, Notification)] == [True]


def test_the_command_line_reads_a_period_to_its_end_and_shows_how_far_it_is(
    hub: Hub, redis: Redis, markets: dict[str, FakeMarketplace]
) -> None:
    markets["tb"].add(1, NOON)
    seen: list[Progress] = []
    done = completeness.backfill_shop(hub, "tb", Period(YESTERDAY, YESTERDAY), seen.append)
    assert (done.finished, done.new, done.windows) == (True, 1, 48)
    assert [(one.done, one.windows) for one in seen] == [(number, 48) for number in range(1, 49)]
    assert rows(hub, Backfill)[0].asked_by is None
    assert "workers.completeness.backfill" not in [name for name, _ in waiting(redis)], "it was done here and now"


def test_the_command_line_refuses_what_cannot_be_read(hub: Hub) -> None:
    with pytest.raises(LookupError):
        completeness.backfill_shop(hub, "moon", Period(YESTERDAY, YESTERDAY))
    with pytest.raises(Refusal, match="还没有到"):
        completeness.backfill_shop(hub, "tb", Period(YESTERDAY, date(2026, 1, 1)))
    assert rows(hub, Backfill) == []


def test_two_people_who_ask_at_the_same_moment_get_one_back_fill(hub: Hub) -> None:
    def ask() -> bool:
        with hub.open_desk() as desk:
            shop = which_shop.which(desk, "tb")
            return handlers.completeness.backfill.ask(desk, shop, Period(YESTERDAY, YESTERDAY), SYSTEM)[1]

    assert sorted(in_parallel([ask] * 4)) == [False, False, False, True]
    assert len(rows(hub, Backfill)) == 1


def test_an_order_that_the_platform_knows_no_more_is_told(
    hub: Hub, markets: dict[str, FakeMarketplace], redis: Redis
) -> None:
    markets["jd"].add(1, NOON)
    completeness.backfill_shop(hub, "jd", Period(YESTERDAY, YESTERDAY))
    markets["jd"].rows.clear()
    markets["jd"].sweep_every = timedelta(hours=1)
    hub.clock.at += timedelta(hours=2)  # type: ignore[attr-defined]
    completeness.tend_shop("jd")
    assert "order_gone" in [case.kind for case in rows(hub, Case)]


def test_the_night_asks_for_one_proof_of_the_day(hub: Hub, redis: Redis) -> None:
    completeness.prove_all()
    assert waiting(redis) == [("workers.completeness.prove", ("2025-12-21", "tb,jd,pdd", 0))]


def test_a_lost_night_is_asked_for_again_at_noon_once_an_hour(hub: Hub, redis: Redis) -> None:
    with hub.sessions() as session:
        session.execute(update(Cursor).values(began_at=day_start(YESTERDAY)))
        session.commit()
    again = ("workers.completeness.prove", ("2025-12-21", "tb,jd,pdd", 0))
    completeness.tend()
    assert again not in waiting(redis), "its night may not be over"
    hub.clock.at += timedelta(hours=9)  # type: ignore[attr-defined]
    for _ in range(2):
        completeness.tend()
        assert waiting(redis).count(again) == 1
    completeness.prove(*again[1])
    assert [row.dedupe_key for row in rows(hub, Notification)] == ["proof:20251221:card:group"]
    hub.clock.at += timedelta(hours=1)  # type: ignore[attr-defined]
    redis.delete("rq:queue:pull")
    completeness.tend()
    assert again not in waiting(redis)


def test_a_night_reads_again_what_was_created_in_two_days(hub: Hub, markets: dict[str, FakeMarketplace]) -> None:
    for days, number in ((0, 1), (1, 2), (2, 3)):
        markets["tb"].add(number, NIGHT, created=(NOON - timedelta(days=days)).isoformat())
    completeness.prove("2025-12-21", "tb,jd,pdd", 0)
    assert {order.external_id for order in rows(hub, Order)} == {"1", "2"}
    assert [(row.state, row.shop_id) for row in rows(hub, Proof)] == [("green", 1), ("green", 2), ("green", 3)]
    cards = [row.dedupe_key for row in rows(hub, Notification) if row.subject.startswith("proof:")]
    assert cards == ["proof:20251221:card:group"]


def test_a_proof_that_somebody_asked_for_reads_no_more_than_it_needs(
    hub: Hub, markets: dict[str, FakeMarketplace]
) -> None:
    markets["tb"].add(3, NIGHT, created=(NOON - timedelta(days=1)).isoformat())
    completeness.prove("2025-12-21", "tb", 4)
    assert rows(hub, Order) == []
    assert {row.recipient for row in rows(hub, Notification) if row.purpose == "text"} == {"4"}


def test_a_shop_at_which_the_program_breaks_stops_no_other_and_is_not_green(
    hub: Hub, markets: dict[str, FakeMarketplace], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_start: datetime, _end: datetime) -> int:
        raise AttributeError("a mistake of ours")

    monkeypatch.setattr(markets["tb"], "count_created", break_down)
    with capture_logs() as logs:
        completeness.prove("2025-12-21", "tb,jd", 0)
    assert [(row.state, row.shop_id) for row in rows(hub, Proof)] == [("unknown", 1), ("green", 2)]
    assert [line["shop"] for line in logs if line["event"] == "proof_broke"] == ["tb"]
    with hub.open_desk() as desk:
        handlers.completeness.proof.nightly(desk)
        assert desk.later[0] == (Job.PROVE, ("2025-12-21", "tb,jd,pdd", 0)), "tomorrow it is tried again"


def test_an_authorisation_that_ends_soon_is_renewed_once_a_day_where_the_platform_lets_us(
    hub: Hub, markets: dict[str, FakeMarketplace], monkeypatch: pytest.MonkeyPatch
) -> None:
    market = markets["tb"]
    market.ends_at = NIGHT + timedelta(days=2)
    completeness.tend_shop("tb")
    assert market.renewed == 0, "platforms take it in the last day only"
    market.ends_at = NIGHT + timedelta(hours=23)
    for _ in range(3):
        completeness.tend_shop("tb")
    assert (market.renewed, [case.kind for case in rows(hub, Case)]) == (1, ["auth_expiring"])

    def renew() -> bool:
        market.ends_at = NIGHT + timedelta(days=365)
        return True

    monkeypatch.setattr(market, "refresh_session", renew)
    hub.clock.at += timedelta(hours=22)  # type: ignore[attr-defined]
    completeness.tend_shop("tb")
    assert [(case.state, case.solution) for case in rows(hub, Case)] == [("solved", "已续期到 12-22 03:00")]


def test_a_renewal_that_fails_is_a_warning_and_people_are_asked(
    hub: Hub, markets: dict[str, FakeMarketplace], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise failure(Action.RETRY)

    markets["jd"].ends_at = NIGHT + timedelta(hours=2)
    monkeypatch.setattr(markets["jd"], "refresh_session", fail)
    completeness.tend_shop("jd")
    assert [case.reason[:5] for case in rows(hub, Case)] == ["青禾京东店"]


def test_open_orders_are_swept_no_more_than_the_settings_allow(
    hub: Hub, markets: dict[str, FakeMarketplace], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        markets["jd"].add(number, NOON)
    completeness.backfill_shop(hub, "jd", Period(YESTERDAY, YESTERDAY))
    markets["jd"].sweep_every = timedelta(hours=1)
    pull = hub.settings.pull.model_copy(update={"sweep_orders": 3})
    modest = Hub(
        hub.settings.model_copy(update={"pull": pull}), hub.engine, hub.sessions, hub.redis, hub.clock, enqueue
    )
    monkeypatch.setattr(completeness, "hub", lambda: modest)
    hub.clock.at += timedelta(hours=2)  # type: ignore[attr-defined]
    completeness.tend_shop("jd")
    assert len(markets["jd"].read_alone) == 3
    completeness.tend_shop("jd")
    assert len(set(markets["jd"].read_alone)) == 5


def test_an_operator_s_proof_posts_no_card_but_a_card_that_stands_follows(
    hub: Hub, markets: dict[str, FakeMarketplace]
) -> None:
    assert completeness.prove_now(hub, "tb", YESTERDAY).state == "green"
    assert rows(hub, Notification) == []
    completeness.prove("2025-12-21", "tb", 0)
    with hub.sessions() as session:
        session.execute(update(Notification).values(state="sent"))
        session.commit()
    markets["tb"].add(1, NOON, broken=True)
    found = completeness.prove_now(hub, "tb", YESTERDAY)
    assert (found.state, found.still) == ("red", ["1"])
    cards = [row.subject for row in rows(hub, Notification) if row.purpose == "card" and row.channel == "group"]
    assert cards.count("proof:20251221") == 2
