"""`flask pull`, `backfill`, `proof` and `shops` against the sandbox, over sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import Result
from redis import Redis
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

import app
from tests.flows.house import Ground, House, open_house

Run = Callable[..., Result]


@pytest.fixture
def office(
    servers: tuple[str, str],
    engine: Engine,
    sessions: sessionmaker[Session],
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[House]:
    with open_house(Ground(servers, engine, sessions, monkeypatch), online=False) as house:
        yield house


@pytest.fixture
def flask(office: House) -> Run:
    runner = app.create_app(office.hub).test_cli_runner()
    return lambda *words: runner.invoke(args=list(words))


def test_pull_reads_every_shop_and_says_what_came(office: House, flask: Run) -> None:
    made = [office.order_in(platform) for platform in ("taobao", "jd", "pdd", "pdd")]
    result = flask("pull")
    assert result.exit_code == 0, result.output
    assert "tb: 1 new, 0 changed" in result.output
    assert "pdd: 2 new" in result.output
    assert set(office.orders()) == {one.id for one in made}


def test_pull_reads_a_long_way_to_its_end(office: House, flask: Run) -> None:
    flask("pull", "tb")
    office.move(hours=12)
    made, other = office.order_in("taobao"), office.order_in("jd")
    result = flask("pull", "tb")
    assert (result.exit_code, made.id in office.orders()) == (0, True)
    assert other.id not in office.orders(), "only the shop that was named"


def test_pull_says_why_a_shop_is_not_read_and_reads_the_others(office: House, flask: Run) -> None:
    office.order_in("jd")
    office.state.faults.arm("expire_token", "taobao", calls=1000)
    result = flask("pull", "tb", "jd")
    assert result.exit_code == 1
    assert "jd: 1 new" in result.output
    assert "not read to the end: tb" in result.output
    assert "授权" in result.output


def test_backfill_finds_what_was_created_long_ago(office: House, flask: Run) -> None:
    flask("pull", "tb")
    old = office.order_in("taobao", ago_seconds=5 * 24 * 3600)
    assert flask("pull", "tb").exit_code == 0
    assert old.id not in office.orders()
    result = flask("backfill", "tb", "2025-12-16", "2025-12-18")
    assert (result.exit_code, "tb: 1 new" in result.output) == (0, True), result.output
    assert old.id in office.orders()
    again = flask("backfill", "tb", "2025-12-16", "2025-12-18")
    assert "tb: 0 new, 0 changed, 1 unchanged" in again.output


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("backfill nowhere 2025-12-16 2025-12-17", "no shop 'nowhere' is switched on; there are tb, jd, pdd"),
        ("backfill tb 2025-12-18 2025-12-17", "起始日期在截止日期后面"),
        ("backfill tb 2020-01-01 2020-01-02", "平台只给看最近"),
        ("backfill tb 16.12. 17.12.", "does not match"),
        ("pull nowhere", "no shop 'nowhere'"),
        ("proof --day 2025-12-22", "that day is not over yet"),
        ("proof tb --day 2020-01-01", "平台只给看最近"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(office: House, flask: Run, words: str, problem: str) -> None:
    result = flask(*words.split())
    assert result.exit_code != 0
    assert problem in result.output


@pytest.mark.parametrize(
    ("fault", "then"), [("expire_token", "goes on after that and `flask hub resume tb`"), ("http_500", "by itself")]
)
def test_a_back_fill_that_stands_says_whether_it_goes_on_by_itself(
    office: House, flask: Run, fault: str, then: str
) -> None:
    flask("pull", "tb")
    office.state.faults.arm(fault, "taobao", calls=1000)
    result = flask("backfill", "tb", "2025-12-16", "2025-12-17")
    assert result.exit_code == 1
    assert then in result.output


def test_proof_compares_back_fills_and_tells_by_its_exit(office: House, flask: Run) -> None:
    flask("pull")
    lost = office.order_in("taobao", ago_seconds=20 * 3600)  # no list of changes showed it in time
    result = flask("proof", "tb", "jd")
    assert result.exit_code == 0, result.output
    assert "✓ tb 2025-12-21 platform 1, hub 1; 1 back-filled" in result.output
    assert "✓ jd 2025-12-21 platform 0, hub 0" in result.output
    assert lost.id in office.orders()
    office.state.faults.arm("http_500", "jd", calls=1000)
    broken = flask("proof", "jd")
    assert broken.exit_code == 1
    assert "? jd 2025-12-21 platform ?, hub ?" in broken.output


def test_shops_shows_how_far_each_is_and_what_is_wrong(office: House, flask: Run) -> None:
    flask("pull", "tb")
    flask("proof", "tb")
    with office.hub.sessions() as session:
        session.execute(text("UPDATE shops SET state = 'stopped', problem = '店铺授权已过期' WHERE slug = 'jd'"))
        session.execute(text("UPDATE shops SET slug = 'old' WHERE slug = 'pdd'"))
        session.commit()
    said = {line.split()[0]: line for line in flask("shops").output.splitlines()}
    assert "working  12-22 09:59  ✓ 12-21  青禾淘宝店" in said["tb"]
    assert "stopped" in said["jd"]
    assert said["jd"].endswith("店铺授权已过期")
    assert "off" in said["old"]


@pytest.mark.parametrize("words", ["pull", "pull tb", "backfill tb 2025-12-16 2025-12-17", "proof tb"])
def test_a_shop_that_is_not_prepared_is_named_with_what_to_do(office: House, flask: Run, words: str) -> None:
    with office.hub.sessions() as session:
        session.execute(text("DELETE FROM shops WHERE slug = 'tb'"))
        session.commit()
    result = flask(*words.split())
    assert result.exit_code == 1
    assert "not in the database yet: tb; run `flask hub prepare`" in result.output


def test_the_usage_names_the_days(flask: Run) -> None:
    assert "SLUG FIRST LAST" in flask("backfill", "--help").output
