from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import commands, pressing
from handlers.batches.view import BatchView
from handlers.desk import Actor, Desk
from handlers.views import View
from tests.factories import make_shop, pressed, typed


@pytest.fixture
def shops(session: Session) -> None:
    """As the settings name them: TB is 1, JD 2, PDD 3."""
    make_shop(session, id=1, slug="tb")
    make_shop(session, id=2, slug="jd", platform="jd", prefix="JD", name="青禾京东店")
    make_shop(session, id=3, slug="pdd", platform="pdd", prefix="PDD", name="青禾拼多多店")


def say(desk: Desk, text: str, by: Actor, **more: Any) -> View:
    """Typed in a chat of one's own, unless told otherwise."""
    view = commands.run(desk, typed(text, **{"is_group": False, **more}), by)
    desk.session.expire_all()
    return view


def asked(desk: Desk, text: str, by: Actor, **more: Any) -> BatchView:
    view = say(desk, text, by, **more)
    assert isinstance(view, BatchView), view
    return view


def press(desk: Desk, view: BatchView, action: str, by: Actor, **selected: str) -> BatchView:
    """Press a button of the card."""
    incoming = pressed(f"batch_{action}", f"batch:{view.batch_id}", revision=view.revision, **selected)
    shown = pressing.press(desk, incoming, by)
    desk.session.expire_all()
    assert isinstance(shown, BatchView)
    return shown


Say = Callable[[Desk, str, Actor], View]
