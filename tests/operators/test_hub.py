from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from ingest.canonical import canonical
from ingest.store import Batch, Item, store
from models import RawPayload, Shop, Staff, TrailRow
from operators.hub import prepare
from tests.factories import NOW
from tests.ingest.golden import record
from wire import Hub


def test_preparing_makes_shops_and_people_once(flask: Flask, hub: Hub) -> None:
    for _ in range(2):
        assert flask.test_cli_runner().invoke(args=["hub", "prepare"]).exit_code == 0
    with hub.sessions() as session:
        assert set(session.scalars(select(Shop.slug))) == {"tb", "jd", "pdd"}
        assert session.scalar(select(func.count(Staff.id))) == 4


def test_the_operator_looks_after_the_staff(flask: Flask, hub: Hub) -> None:
    prepare(hub)
    runner = flask.test_cli_runner()

    def said(*words: str) -> str:
        result = runner.invoke(args=["hub", "staff", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert "小赵" in said("add", "xiaozhao", "小赵", "--roles", "service,warehouse")
    assert "采购" in said("roles", "xiaozhao", "purchasing")
    assert "已停用" in said("off", "laowang")
    listed = [line.split() for line in said().splitlines()]
    assert ["xiaozhao", "小赵", "采购"] in listed
    assert ["laowang", "老王", "仓库", "已停用"] in listed
    with hub.sessions() as session:
        assert session.scalars(select(TrailRow.source).where(TrailRow.action == "停用成员")).all() == ["cli"]


def test_the_operator_gives_people_their_ids_on_the_other_platform(flask: Flask, hub: Hub) -> None:
    prepare(hub)
    runner = flask.test_cli_runner()
    bound = runner.invoke(args=["hub", "staff", "bind", "xiaoli", "--dingtalk", "dt-xiaoli"])
    assert bound.output.split() == ["xiaoli", "小李", "客服", "钉钉", "dt-xiaoli"]
    words = ["hub", "staff", "add", "-", "小钱", "--roles", "service", "--dingtalk", "dt-qian"]
    assert runner.invoke(args=words).output.split() == ["dt-qian", "小钱", "客服"]
    taken = runner.invoke(args=["hub", "staff", "bind", "laowang", "--dingtalk", "dt-qian"])
    assert taken.exit_code == 1
    assert "账号 dt-qian 已经是小钱的" in taken.output


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("add xiaozhao 小赵 --roles boss", "没有角色 boss"),
        ("roles nobody service", "没有登记 nobody"),
        ("off chenjie", "最后一位主管"),
    ],
)
def test_the_operator_hears_why_the_staff_stays_as_it_is(flask: Flask, hub: Hub, words: str, problem: str) -> None:
    prepare(hub)
    result = flask.test_cli_runner().invoke(args=["hub", "staff", *words.split()])
    assert result.exit_code == 1
    assert problem in result.output
    with hub.sessions() as session:
        assert session.scalar(select(func.count(Staff.id)).where(Staff.active)) == 4


def test_the_operator_sees_every_shop_and_why_it_stands(flask: Flask, hub: Hub) -> None:
    prepare(hub)
    with hub.sessions() as session:
        session.execute(text("UPDATE shops SET state = 'stopped', problem = '店铺授权已过期' WHERE slug = 'tb'"))
        session.commit()
    said = flask.test_cli_runner().invoke(args=["hub", "shops"]).output
    assert "stopped" in said
    assert "店铺授权已过期" in said


def test_the_operator_resumes_a_shop_or_hears_that_there_is_none(flask: Flask, hub: Hub) -> None:
    prepare(hub)
    with hub.sessions() as session:
        session.execute(text("UPDATE shops SET state = 'stopped' WHERE slug = 'tb'"))
        session.commit()
    runner = flask.test_cli_runner()
    assert runner.invoke(args=["hub", "resume", "tb"]).exit_code == 0
    missing = runner.invoke(args=["hub", "resume", "nowhere"])
    assert missing.exit_code == 1
    assert "no shop 'nowhere'" in missing.output
    with hub.sessions() as session:
        assert session.scalars(select(Shop.state).where(Shop.slug == "tb")).one() == "working"


def test_the_operator_sees_what_could_not_be_read(flask: Flask, hub: Hub) -> None:
    prepare(hub)
    with hub.sessions() as session:
        shop = session.scalars(select(Shop).where(Shop.slug == "jd")).one()
        session.add(
            RawPayload(
                shop_id=shop.id,
                external_id="9",
                content_hash=b"1",
                payload=b"2",
                received_at=NOW,
                problem="缺少创建时间",
            )
        )
        session.commit()
    said = flask.test_cli_runner().invoke(args=["hub", "unreadable"]).output
    assert said == "2025-12-22 10:00 jd 青禾京东店 9: 缺少创建时间\n", "in Beijing time, the shop by its name"


def test_the_operator_has_unreadable_records_read_again(flask: Flask, hub: Hub) -> None:
    prepare(hub)
    good, broken = record("jd", "ordinary"), record("jd", "missing_lines")
    with hub.sessions() as session:
        shop = session.scalars(select(Shop).where(Shop.slug == "jd")).one()
        items = [
            Item(str(number), canonical(one.body), None, "旧版看不懂") for number, one in enumerate((good, broken))
        ]
        store(session, Batch(shop.id, "jd", "JD", items), NOW)
        session.commit()
    runner = flask.test_cli_runner()
    hub.clock.now = lambda: datetime(2026, 3, 3, tzinfo=UTC)  # type: ignore[method-assign]
    said = runner.invoke(args=["hub", "reread", "jd"]).output
    assert said == "jd: 1 records read (1 new orders), 1 still unreadable\n"
    assert "缺少商品明细" in runner.invoke(args=["hub", "unreadable"]).output
    missing = runner.invoke(args=["hub", "reread", "nowhere"])
    assert (missing.exit_code, "no shop 'nowhere'" in missing.output) == (1, True)


def test_the_operator_sets_the_companys_quiet_hours(flask: Flask, hub: Hub) -> None:
    prepare(hub)
    runner = flask.test_cli_runner()

    def said(*words: str) -> str:
        return runner.invoke(args=["hub", "staff", "night", *words]).output.strip()

    assert said() == "22:00–08:00，09:00 一起发"
    assert said("21:00", "07:30", "08:00") == "21:00–07:30，08:00 一起发"
    assert said("off") == said() == "不设"
    assert "as in 22:00 08:00 09:00" in said("21:00")
    assert "'25:00' is no time of day" in said("25:00", "07:00", "08:00")
