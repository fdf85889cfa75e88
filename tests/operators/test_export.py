"""`flask export orders`: what comes out, in which shape, and who may have what is private."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models import FieldValue, Order, OwnField, TrailRow
from operators.hub import prepare
from tests.factories import NOW, make_case, make_line, make_order, someone
from wire import Hub

PRIVATE = ("--private", "--reason", "双十二对账")


@pytest.fixture
def filled(hub: Hub) -> Hub:
    """Three orders: a plain one, one with two lines and a trap in its title, a locked one with a case."""
    prepare(hub)
    with hub.sessions() as session:
        make_order(
            session,
            external_id="6900000000000000001",
            tag="TB-20251222-001",
            buyer_message="放门口",
            receiver=someone(),
        )
        trap = make_line(title='=HYPERLINK("http://evil.example")', quantity=3)
        make_order(session, tag="TB-20251222-002", lines=[trap, make_line("QH-BOWL", paid_fen=0)], stage="done")
        locked = make_order(session, tag="TB-20251220-001", shop_id=2, lock_reason="缺货", refund="asked")
        locked.created_at = NOW.replace(day=19, hour=16)  # midnight of the 20th in Beijing
        make_case(session, locked, kind="short_stock")
        session.commit()
    return hub


def export(flask: Flask, *words: str) -> bytes:
    result = flask.test_cli_runner().invoke(args=["export", "orders", *words])
    assert result.exit_code == 0, result.output
    return bytes(result.stdout_bytes)


def exported(flask: Flask, *words: str) -> list[dict[str, Any]]:
    return list(json.loads(export(flask, *words)))


def test_every_order_comes_out_with_its_lines(filled: Hub, flask: Flask) -> None:
    first, second, third = exported(flask)
    assert first["platform_number"] == "6900000000000000001"
    assert (first["platform"], first["shop"], first["tag"]) == ("taobao", "tb", "TB-20251222-001")
    assert (first["kind"], first["stage"], first["paid_fen"]) == ("normal", "pending_review", 13800)
    assert first["created_at"] == "2025-12-22T09:48:00+08:00"
    assert first["ship_by_at"] == "2025-12-24T10:00:00+08:00"
    (line,) = first["lines"]
    assert (line["platform_line_id"], line["sku"], line["quantity"]) == ("0", "QH-CUP-RED", 1)
    assert [line["sku"] for line in second["lines"]] == ["QH-CUP-RED", "QH-BOWL"]
    assert third["flags"] == ["locked", "refund_asked", "short_stock"]


def test_nothing_private_is_in_it_unasked(filled: Hub, flask: Flask) -> None:
    said = export(flask).decode()
    for private in ("王小明", "13800001234", "紫金花路", "放门口", "receiver"):
        assert private not in said


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        ("--shop jd", ["TB-20251220-001"]),
        ("--stage done", ["TB-20251222-002"]),
        ("--to 2025-12-20", ["TB-20251220-001"]),
        ("--from 2025-12-20 --to 2025-12-20", ["TB-20251220-001"]),
        ("--to 2025-12-19", []),
        ("--from 2025-12-21", ["TB-20251222-001", "TB-20251222-002"]),
    ],
)
def test_shop_stage_and_beijing_days_choose(filled: Hub, flask: Flask, words: str, tags: list[str]) -> None:
    assert [order["tag"] for order in exported(flask, *words.split())] == tags


def test_csv_has_a_row_per_line_and_no_formula(filled: Hub, flask: Flask) -> None:
    content = export(flask, "--format", "csv")
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes it for GBK without the mark"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [(row["tag"], row["sku"], row["quantity"]) for row in rows] == [
        ("TB-20251222-001", "QH-CUP-RED", "1"),
        ("TB-20251222-002", "QH-CUP-RED", "3"),
        ("TB-20251222-002", "QH-BOWL", "1"),
        ("TB-20251220-001", "QH-CUP-RED", "1"),
    ]
    assert rows[1]["title"].startswith("'=HYPERLINK")
    assert (rows[1]["paid_fen"], rows[2]["line_paid_fen"]) == ("13800", "0")
    assert rows[3]["flags"] == "locked;refund_asked;short_stock"


def test_a_sheet_keeps_long_numbers_as_text(filled: Hub, flask: Flask, tmp_path: Path) -> None:
    file = tmp_path / "订单.xlsx"
    export(flask, "--format", "xlsx", "--out", str(file))
    with zipfile.ZipFile(file) as book:
        orders, goods = (book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2))
        names = book.read("xl/workbook.xml").decode()
    assert "订单" in names
    assert "商品" in names
    assert "<t>6900000000000000001</t>" in orders
    assert goods.count("<row ") == 1 + 4
    assert "<f>" not in goods, "a title is no formula"
    assert list(tmp_path.iterdir()) == [file], "nothing half-written lies beside it"


def test_a_supervisor_with_a_reason_gets_the_private_columns(filled: Hub, flask: Flask) -> None:
    first = exported(flask, *PRIVATE, "--as", "chenjie", "--shop", "tb")[0]
    assert (first["receiver_name"], first["receiver_phone"]) == ("王小明", "13800001234")
    assert (first["receiver_address"], first["buyer_message"]) == ("紫金花路 88 号 3 幢 1201", "放门口")
    with filled.sessions() as session:
        row = session.scalars(select(TrailRow).where(TrailRow.action == "导出收件信息")).one()
    assert row.actor == "陈姐"
    assert json.loads(row.detail) == {"原因": "双十二对账", "单数": 2, "范围": {"shop": "tb"}}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((*PRIVATE, "--as", "xiaoli"), "由主管操作"),
        ((*PRIVATE, "--as", "nobody"), "names nobody of the staff"),
        (PRIVATE, "names nobody of the staff"),
        (("--private", "--as", "chenjie", "--reason", "看"), "请写明导出收件信息的原因"),
        (("--shop", "nowhere"), "no shop 'nowhere'"),
        (("--from", "2025-12-22", "--to", "2025-12-21"), "the last day lies before the first"),
        (("--from", "22.12."), "does not match"),
        (("--out", "/proc/no/file.json"), "/proc/no/file.json"),
    ],
)
def test_what_is_refused_is_said_and_hands_out_nothing(
    filled: Hub, flask: Flask, words: tuple[str, ...], problem: str
) -> None:
    result = flask.test_cli_runner().invoke(args=["export", "orders", *words])
    assert result.exit_code != 0
    assert problem in result.output
    assert "TB-2025" not in result.output
    with filled.sessions() as session:
        assert session.scalars(select(TrailRow).where(TrailRow.action == "导出收件信息")).all() == []


@pytest.fixture
def with_fields(filled: Hub) -> Hub:
    """Fields of the company's own, on the first order, and one that was ended."""
    card, old = ("text", "=请打 13800001234"), ("text", "老")
    kept = {"礼盒": ("yesno", True), "定金": ("money", 1250), "贺卡": card, "旧的": old}
    with filled.sessions() as session:
        first = session.scalars(select(Order.id).order_by(Order.id)).first()
        for name, (kind, value) in kept.items():
            ended_at = NOW if name == "旧的" else None
            field = OwnField(name=name, kind=kind, made_at=NOW, made_by="陈姐", ended_at=ended_at)
            session.add(field)
            session.flush()
            session.add(FieldValue(order_id=first, field_id=field.id, value=value, set_at=NOW, set_by="小李"))
        session.commit()
    return filled


def test_the_companys_own_fields_are_columns_by_their_names(with_fields: Hub, flask: Flask) -> None:
    first, second, _ = exported(flask)
    assert {name: value for name, value in first.items() if name.startswith("field:")} == {
        "field:礼盒": True, "field:定金": 1250, "field:贺卡": "=请打 138****1234",
    }  # fmt: skip
    assert (second["field:礼盒"], second["field:贺卡"]) == (None, None)
    assert exported(flask, *PRIVATE, "--as", "chenjie")[0]["field:贺卡"] == "=请打 13800001234"


def test_a_table_has_them_behind_the_plain_columns(with_fields: Hub, flask: Flask, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(export(flask, "--format", "csv").decode("utf-8-sig"))))
    assert [rows[0][f"field:{name}"] for name in ("礼盒", "定金", "贺卡")] == ["True", "1250", "'=请打 138****1234"]
    assert rows[1]["field:礼盒"] == ""
    file = tmp_path / "订单.xlsx"
    export(flask, "--format", "xlsx", "--out", str(file))
    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    for shown in ("<t>礼盒</t>", "<t>定金（分）</t>", "<t>贺卡</t>", "<t>=请打 138****1234</t>"):
        assert shown in sheet
    assert "旧的" not in sheet


def test_more_than_one_batch_comes_out_whole(hub: Hub, flask: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.export.BATCH", 2)
    prepare(hub)
    with hub.sessions() as session:
        for _ in range(5):
            make_order(session)
        session.commit()
        tags = session.scalars(select(Order.tag).order_by(Order.id)).all()
    assert [order["tag"] for order in exported(flask)] == tags
