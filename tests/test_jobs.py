from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

import handlers.shops
import jobs
from config import Settings, parse
from handlers.desk import Job
from models import Case, JobRun, Notification, Order, SeenMessage, Shop, WriteBack
from operators.hub import prepare
from sandbox.company import load_company
from sandbox.server import running
from sandbox.state import State
from tests.conftest import settings_document
from tests.factories import make_case, make_order
from wire import Clock, Hub, enqueue


@pytest.fixture
def far() -> Iterator[tuple[str, State]]:
    """The platforms, quiet: no orders but those that a test makes."""
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0.0}, bot={"greeting": False})
    with running(company) as served:
        yield served


@pytest.fixture
def settings(far: tuple[str, State]) -> Settings:
    url, state = far
    document: dict[str, Any] = settings_document()
    keys = {
        "tb": ("/top/router/rest", "taobao", "app_key", "app_secret", "session"),
        "jd": ("/jd/routerjson", "jd", "app_key", "app_secret", "access_token"),
        "pdd": ("/pdd/api/router", "pdd", "client_id", "client_secret", "access_token"),
    }
    for shop in document["shops"]:
        path, party, key, secret, token = keys[shop["slug"]]
        words = asdict(getattr(state.company, party))
        shop |= {"gateway": url + path, "app_key": words[key], "app_secret": words[secret], "token": words[token]}
    document["wecom"] |= {"gateway": url + "/qyapi", "secret": state.company.wecom.secret}
    document["weixin"] |= {"gateway": url + "/weixin", "secret": state.company.weixin.secret}
    return parse(document)


@pytest.fixture
def hub(
    settings: Settings,
    engine: Engine,
    sessions: sessionmaker[Session],
    redis: Redis,
    far: tuple[str, State],
    monkeypatch: pytest.MonkeyPatch,
) -> Hub:
    hub = Hub(settings, engine, sessions, redis, Clock(far[0] + "/control/time"), enqueue)
    prepare(hub)
    monkeypatch.setattr(jobs, "hub", lambda: hub)  # the door's own way to its hub, which reads hub.toml
    return hub


def waiting(redis: Redis) -> list[str]:
    queues = [Queue(name, connection=redis) for name in ("urgent", "pull")]
    return [str(job.func_name) for queue in queues for job in queue.jobs]


def test_what_is_asked_for_is_queued_once_until_it_starts(hub: Hub, redis: Redis) -> None:
    enqueue(hub, Job.DELIVER, ())
    enqueue(hub, Job.DELIVER, ())
    enqueue(hub, Job.PULL_SHOP, ("tb",))
    assert waiting(redis) == ["jobs.deliver", "jobs.pull_shop"]
    jobs.deliver()
    enqueue(hub, Job.DELIVER, ())
    assert waiting(redis).count("jobs.deliver") == 2, "what is asked for while it runs needs a run of its own"


def test_a_redis_that_is_down_fails_nothing(hub: Hub, settings: Settings) -> None:
    dead = Hub(settings, hub.engine, hub.sessions, Redis(port=1), hub.clock, enqueue)
    enqueue(dead, Job.DELIVER, ())


def test_a_real_worker_pulls_a_shop_and_people_hear_of_it(hub: Hub, redis: Redis, far: tuple[str, State]) -> None:
    order = far[1].world.add_order("taobao", kind="vague", district="", ago_seconds=600)
    enqueue(hub, Job.PULL_SHOP, ("tb",))
    queues = [Queue(name, connection=redis) for name in ("pull", "urgent")]
    SimpleWorker(queues, connection=jobs.patient(redis)).work(burst=True, logging_level="ERROR")
    with hub.sessions() as session:
        assert session.scalars(select(Order.external_id)).all() == [order.id]
        assert "address_vague" in session.scalars(select(Case.kind)).all()
        assert session.scalars(select(Notification.channel)).all()


def test_a_shop_whose_authorisation_ended_stops_alone_and_people_are_told_once(
    hub: Hub, far: tuple[str, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    far[1].world.add_order("jd", ago_seconds=900)
    far[1].tokens["taobao"].expire()
    for _ in range(2):
        jobs.pull_shop("tb")
        jobs.pull_shop("jd")
    with hub.sessions() as session:
        assert dict(session.execute(select(Shop.slug, Shop.state)).all()) == {
            "tb": "stopped",
            "jd": "working",
            "pdd": "working",
        }
        assert session.scalars(select(Case.kind).where(Case.kind == "shop_stopped")).all() == ["shop_stopped"]
        assert len(session.scalars(select(Order.id)).all()) == 1
    monkeypatch.setattr(jobs, "hub", lambda: _with_a_new_token(hub, far[1]))
    with hub.open_desk() as desk:
        assert handlers.shops.resume(desk, "tb")
    jobs.pull_shop("tb")
    with hub.sessions() as session:
        assert session.scalars(select(Case.state).where(Case.kind == "shop_stopped")).all() == ["solved"]


def _with_a_new_token(hub: Hub, state: State) -> Hub:
    """The owner authorised again: hub.toml holds the new token."""
    tokens = state.tokens["taobao"]
    given = tokens.by_code(tokens.new_code())
    assert given is not None
    tb, *others = hub.settings.shops
    shops = (tb.model_copy(update={"token": given.access}), *others)
    return replace(hub, settings=hub.settings.model_copy(update={"shops": shops}))


def test_a_look_finds_what_went_stale_and_asks_for_delivery(hub: Hub, redis: Redis, far: tuple[str, State]) -> None:
    far[1].world.add_order("taobao", kind="plain", ago_seconds=600)
    jobs.pull_shop("tb")
    far[1].clock.move(3 * 3600)
    hub.clock._looked_at = float("-inf")
    jobs.look()
    with hub.sessions() as session:
        assert "stale_stage" in session.scalars(select(Case.kind)).all()
    assert {"jobs.deliver", "jobs.write_back"} <= set(waiting(redis))


def owe_shipment(hub: Hub, external_id: str, waybill: str = "SF1234567890123") -> int:
    with hub.sessions() as session:
        order = session.scalars(select(Order).where(Order.external_id == external_id)).one()
        row = WriteBack(
            order_id=order.id,
            shop_id=order.shop_id,
            kind="ship",
            body={"courier": "shunfeng", "waybill": waybill},
            next_try_at=datetime(2020, 1, 1, tzinfo=UTC),
            created_at=hub.now(),
        )
        session.add(row)
        session.commit()
        return row.id


def test_what_left_the_house_is_told_to_the_marketplace_once(hub: Hub, far: tuple[str, State]) -> None:
    order = far[1].world.add_order("taobao", kind="plain", ago_seconds=600)
    jobs.pull_shop("tb")
    row_id = owe_shipment(hub, order.id)
    assert jobs.write_back() == 1
    assert jobs.write_back() == 0
    assert [shipment.waybill for shipment in far[1].world.shipments] == ["SF1234567890123"]
    with hub.sessions() as session:
        assert session.get_one(WriteBack, row_id).state == "confirmed"


def test_a_write_back_that_the_marketplace_refuses_becomes_a_matter_for_people(
    hub: Hub, far: tuple[str, State]
) -> None:
    order = far[1].world.add_order("taobao", kind="plain", ago_seconds=600)
    jobs.pull_shop("tb")
    far[1].world.ask_refund(order.id)
    owe_shipment(hub, order.id)
    jobs.write_back()
    with hub.sessions() as session:
        assert session.scalars(select(WriteBack.state)).one() == "failed"
        assert "writeback_fail" in session.scalars(select(Case.kind)).all()


def test_a_write_back_of_a_shop_that_left_the_configuration_is_said(hub: Hub) -> None:
    with hub.sessions() as own:
        own.add(Shop(slug="gone", platform="taobao", prefix="TB", name="旧店", ship_hours=48))
        own.flush()
        gone = own.scalars(select(Shop.id).where(Shop.slug == "gone")).one()
        order = make_order(own, shop_id=gone, recheck_at=None, stage="done")
        own.commit()
    owe_shipment(hub, order.external_id)
    assert jobs.write_back() == 0
    with hub.sessions() as own:
        assert "gone" in own.scalars(select(WriteBack.problem)).one()


def test_a_write_back_that_breaks_the_code_holds_up_no_other(hub: Hub, far: tuple[str, State]) -> None:
    order = far[1].world.add_order("taobao", kind="plain", ago_seconds=600)
    jobs.pull_shop("tb")
    broken = orphan_shipment(hub)
    owe_shipment(hub, order.id)
    with capture_logs() as logs:
        assert jobs.write_back() == 1
        assert jobs.write_back() == 0, "the broken one waits for its time"
    with hub.sessions() as session:
        row = session.get_one(WriteBack, broken)
        assert (row.state, row.tries) == ("owed", 1)
        assert row.next_try_at is not None
        assert row.next_try_at > hub.now()
    errors = [(line["event"], line["id"]) for line in logs if line["log_level"] == "error"]
    assert errors == [("write_back_broke", broken), ("telling_broke", broken)]


def orphan_shipment(hub: Hub) -> int:
    """A row that no code expects: its order is not there."""
    with hub.sessions() as session:
        row = WriteBack(
            order_id=999_999, shop_id=session.scalars(select(Shop.id).where(Shop.slug == "tb")).one(), kind="ship",
            body={"courier": "shunfeng", "waybill": "SF1"}, next_try_at=datetime(2019, 1, 1, tzinfo=UTC),
            created_at=hub.now(),
        )  # fmt: skip
        session.add(row)
        session.commit()
        return row.id


def test_people_hear_once_of_a_write_back_that_breaks_the_code(
    hub: Hub, far: tuple[str, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = far[1].world.add_order("taobao", kind="plain", ago_seconds=600)
    jobs.pull_shop("tb")
    row_id = owe_shipment(hub, order.id)
    shops = tuple(shop.model_copy(update={"platform": "nowhere"}) for shop in hub.settings.shops)
    odd = replace(hub, settings=hub.settings.model_copy(update={"shops": shops}))
    monkeypatch.setattr(jobs, "hub", lambda: odd)
    for _ in range(3):
        jobs.write_back()
        with hub.sessions() as session:
            session.execute(update(WriteBack).values(next_try_at=hub.now()))
            session.commit()
    with hub.sessions() as session:
        assert session.get_one(WriteBack, row_id).tries == 3
        (case,) = session.scalars(select(Case).where(Case.kind == "writeback_fail")).all()
        assert case.reason == "顺丰速运 SF1234567890123：回传时程序出错，会自动再试；一直不成功请联系管理员"
        assert case.revision == 1


def test_a_shipment_without_a_number_is_a_matter_too(hub: Hub, far: tuple[str, State]) -> None:
    order = far[1].world.add_order("taobao", kind="plain", ago_seconds=600)
    jobs.pull_shop("tb")
    row_id = owe_shipment(hub, order.id)
    with hub.sessions() as session:
        session.execute(update(WriteBack).values(body={"courier": "shunfeng"}))
        session.commit()
    jobs.write_back()
    with hub.sessions() as session:
        assert session.get_one(WriteBack, row_id).state == "failed"
        assert "writeback_fail" in session.scalars(select(Case.kind)).all()


def test_an_order_that_breaks_the_code_holds_up_no_other(hub: Hub) -> None:
    with hub.sessions() as session:
        shop = session.scalars(select(Shop.id).where(Shop.slug == "tb")).one()
        broken, well = (
            make_order(session, shop_id=shop, stage=stage, recheck_at=hub.now() - timedelta(hours=age),
                       stage_entered_at=hub.now() - timedelta(hours=9))
            for stage, age in (("nonsense", 2), ("pending_review", 1))
        )  # fmt: skip
        session.commit()
    with capture_logs() as logs:
        jobs.look()
        jobs.look()
    with hub.sessions() as session:
        kinds = session.execute(select(Case.order_id, Case.kind)).all()
        assert {row.kind for row in kinds if row.order_id == broken.id} == {"look_failed"}
        assert "stale_stage" in {row.kind for row in kinds if row.order_id == well.id}
        moment = session.get_one(Order, broken.id).recheck_at
        assert moment is not None
        assert moment > hub.now()
    errors = [line for line in logs if line["log_level"] == "error"]
    assert [(line["event"], line.get("order")) for line in errors] == [("look_broke", None), ("look_broke", broken.id)]
    assert "nonsense" not in str(errors), "what is logged holds no texts"


def test_people_hear_once_of_an_order_that_breaks_the_code(hub: Hub) -> None:
    with hub.sessions() as session:
        broken = make_order(session, stage="nonsense", recheck_at=hub.now())
        session.commit()
    for _ in range(2):
        jobs.look()
        with hub.sessions() as session:
            session.execute(update(Order).values(recheck_at=hub.now()))
            session.commit()
    with hub.sessions() as session:
        (case,) = session.scalars(select(Case)).all()
        assert (case.kind, case.order_id, case.role) == ("look_failed", broken.id, "supervisor")


def test_a_case_that_breaks_the_code_holds_up_no_other(hub: Hub) -> None:
    with hub.sessions() as session:
        order = make_order(session, recheck_at=None)
        broken = make_case(session, order, kind="forgotten", due_at=hub.now() - timedelta(hours=2))
        well = make_case(session, order, due_at=hub.now() - timedelta(hours=1))
        session.commit()
    jobs.look()
    with hub.sessions() as session:
        assert session.get_one(Case, well.id).step == 2
        moment = session.get_one(Case, broken.id).due_at
        assert moment is not None
        assert moment > hub.now()
    assert jobs.look() == 0


def test_an_order_that_breaks_the_code_does_not_hold_up_its_shop(hub: Hub, far: tuple[str, State]) -> None:
    orders = [far[1].world.add_order("taobao", kind="plain", ago_seconds=600) for _ in range(2)]
    jobs.pull_shop("tb")
    with hub.sessions() as session:
        session.execute(update(Order).where(Order.external_id == orders[0].id).values(stage="nonsense"))
        session.commit()
    for order in orders:
        far[1].world.ask_refund(order.id)
    far[1].clock.move(300)
    hub.clock._looked_at = float("-inf")
    jobs.pull_shop("tb")
    with hub.sessions() as session:
        refunds = dict(session.execute(select(Order.external_id, Order.refund)).all())
        assert refunds == {order.id: "asked" for order in orders}
    jobs.look()
    with hub.sessions() as session:
        well = session.scalars(select(Order.id).where(Order.external_id == orders[1].id)).one()
        assert "refund_preship" in session.scalars(select(Case.kind).where(Case.order_id == well)).all()


def test_a_pull_with_windows_left_asks_for_the_next_one(
    hub: Hub, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.pull_now.__defaults__", (1,))
    jobs.pull_shop("pdd")
    assert "jobs.pull_shop" in waiting(redis)


def test_what_nobody_needs_any_more_is_forgotten(hub: Hub) -> None:
    with hub.sessions() as session:
        session.add(JobRun(job="old", planned_at=datetime.now(UTC) - timedelta(days=3), started_at=hub.now()))
        session.add(JobRun(job="new", planned_at=datetime.now(UTC), started_at=hub.now()))
        session.add(SeenMessage(channel="wecom_app", message_id="1", seen_at=hub.now() - timedelta(days=9)))
        session.commit()
    jobs.tidy()
    with hub.sessions() as session:
        assert session.scalars(select(JobRun.job)).all() == ["new"]
        assert session.scalars(select(SeenMessage)).all() == []


def test_what_could_not_be_sent_is_tried_again_when_its_time_comes(
    hub: Hub, redis: Redis, far: tuple[str, State]
) -> None:
    far[1].world.add_order("taobao", kind="vague", district="", ago_seconds=600)
    jobs.pull_shop("tb")
    gone = hub.settings.wecom.model_copy(update={"gateway": "http://127.0.0.1:1/qyapi"}) if hub.settings.wecom else None
    settings = hub.settings.model_copy(update={"wecom": gone, "bot": None})
    jobs_hub = replace(hub, settings=settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "hub", lambda: jobs_hub)
        jobs.deliver()
    assert Queue("urgent", connection=redis).scheduled_job_registry.get_job_ids() == ["deliver-again"]


def test_a_worker_waits_without_a_time_out(redis: Redis) -> None:
    patient = jobs.patient(Redis.from_url("redis://127.0.0.1:1", socket_timeout=5))
    assert patient.connection_pool.connection_kwargs["socket_timeout"] is None


def test_a_look_that_always_finds_something_ends_all_the_same(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_look", lambda _here: 1)
    assert jobs.look() == jobs.MOST_ROUNDS
