from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.customers import binding, service
from handlers.desk import Desk
from models import Notification


def test_quiet_holds_however_late_it_is_read_and_nobody_answers(desk: Desk, session: Session) -> None:
    old = desk.now - timedelta(hours=3)

    service.heard(desk, "wm1", "退订。", ("m1", old))
    assert binding.is_out(desk, service.CHANNEL, "wm1")

    service.heard(desk, "wm1", "恢复", ("m2", old))
    service.heard(desk, "wm1", "进度", ("m3", old))
    assert not binding.is_out(desk, service.CHANNEL, "wm1")
    assert session.scalars(select(Notification)).all() == []


def test_what_is_fresh_is_answered(desk: Desk, session: Session) -> None:
    service.heard(desk, "wm1", "退订", ("m1", desk.now))

    (row,) = session.scalars(select(Notification))
    assert "已停止通知" in row.body["text"]
