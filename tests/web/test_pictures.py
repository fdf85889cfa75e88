"""The page of a matter's photographs, in a real browser: they are drawn, fit a phone, and are nothing but pictures."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from handlers.desk import OpenDesk
from handlers.incoming import Attached
from handlers.mishaps import pictures
from handlers.mishaps.registering import Report, register
from handlers.received import pictures as stored
from models import Order, Received
from tests.cast import Cast
from tests.factories import typed
from tests.web.conftest import enter, link_path

SHOTS = os.environ.get("HUB_SHOTS", "")


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"\xd0\x60\x40" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def matter(open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]) -> tuple[int, int]:
    """An order and its matter, with a wide photograph, one that is none, and one on its way."""
    with sessions() as session:
        order = session.scalars(select(Order).where(Order.tag == "TB-20251222-001")).one()
        order.stage, order.effect = "done", "shipped"
        session.commit()
        order_id = order.id
    with open_desk() as desk:
        case_id = register(desk, order_id, Report("少件 1 个白杯"), cast.xiaoli)
        for number in range(3):
            sent = (Attached(f"https://far/{number}", "key"),)
            pictures.take(desk, typed("", is_group=False, pictures=sent), cast.xiaoli)
        desk.session.flush()
        wide, none, _ = desk.session.scalars(select(Received).order_by(Received.id))
        stored.kept(desk, wide, png(1600, 400))
        stored.kept(desk, none, b"<html><script>alert(1)</script>")
    return order_id, case_id


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=address, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def test_from_the_order_to_its_photographs(
    phone: Page, open_desk: OpenDesk, cast: Cast, matter: tuple[int, int]
) -> None:
    order_id, case_id = matter
    complaints: list[str] = []
    phone.on("console", lambda line: complaints.append(line.text))
    phone.goto(link_path(open_desk, cast.xiaoli))
    phone.goto(f"/orders/{order_id}")
    if SHOTS:
        phone.screenshot(path=str(Path(SHOTS) / "order.png"), full_page=True)

    phone.get_by_role("link", name="看照片（3 张）").click()

    assert phone.url.endswith(f"/pictures/{case_id}")
    drawn = phone.locator("figure img")
    assert drawn.count() == 1
    assert drawn.evaluate("one => [one.complete, one.naturalWidth]") == [True, 1600]
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert "没有存下：发来的不是图片" in phone.locator("main").inner_text()
    assert "正在取" in phone.locator("main").inner_text()
    assert complaints == []
    if SHOTS:
        phone.screenshot(path=str(Path(SHOTS) / "pictures.png"), full_page=True)
    phone.get_by_role("link", name="返回订单").click()
    assert phone.url.endswith(f"/orders/{order_id}")


def test_what_is_no_photograph_is_served_to_nobody(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, matter: tuple[int, int], sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        wide, none, coming = session.scalars(select(Received.id).order_by(Received.id))
    enter(browser, open_desk, cast.laowang)
    answer = browser.get(f"/pictures/{matter[1]}/{wide}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    for number in (none, coming, 10**6):
        assert browser.get(f"/pictures/{matter[1]}/{number}").status_code == 404
    assert browser.get(f"/pictures/{10**6}").status_code == 404


def test_nobody_looks_without_a_login(browser: FlaskClient, matter: tuple[int, int]) -> None:
    answer = browser.get(f"/pictures/{matter[1]}")
    assert "照片" not in answer.text
    assert answer.status_code in (401, 403)


def test_it_is_no_file_of_the_page_for_imports(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, matter: tuple[int, int], sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        number = session.scalars(select(Received.id).order_by(Received.id)).first()
    enter(browser, open_desk, cast.chenjie)
    assert browser.get(f"/import/{number}").status_code == 404
