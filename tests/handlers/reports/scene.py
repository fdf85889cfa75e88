"""Orders of three shops as the questions want them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Actor, Desk
from handlers.views import View
from models import Order, Shop
from tests.factories import NOW, make_order, make_shop, typed

HOUR = timedelta(hours=1)


def open_shops(session: Session) -> tuple[Shop, Shop]:
    """The one on Taobao and the one on JD."""
    return make_shop(session), make_shop(session, slug="jd", platform="jd", prefix="JD", name="青禾京东店")


def waiting(session: Session, shop: Shop, stage: str = "pending_review", *, hours: float = 0.1, **more: Any) -> Order:
    """An order that has stood in `stage` for so long."""
    values = {"shop_id": shop.id, "platform": shop.platform, "stage": stage, "stage_entered_at": NOW - hours * HOUR}
    return make_order(session, **{**values, **more})


def say(desk: Desk, text: str, by: Actor, *, at: datetime | None = None) -> View:
    view = commands.run(replace(desk, now=at) if at else desk, typed(text), by)
    desk.session.expire_all()
    return view
