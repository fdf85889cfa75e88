from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers.desk import Desk
from handlers.reports import scope
from models.stages import OPEN, Stage
from tests.handlers.reports.scene import open_shops


@pytest.mark.parametrize(
    ("words", "stage", "shops", "rest"),
    [
        ("", None, None, ()),
        ("待发货", Stage.PENDING_SHIP, None, ()),
        ("京东 审核", Stage.PENDING_REVIEW, ["jd"], ()),
        ("jd", None, ["jd"], ()),
        ("TB", None, ["tb"], ()),
        ("青禾京东店", None, ["jd"], ()),
        ("青禾", None, ["tb", "jd"], ()),
        ("天猫", None, ["tb"], ()),
        ("抖音", None, None, ("抖音",)),
        ("青", None, None, ("青",)),
        ("地址 我的", None, None, ("地址", "我的")),
    ],
)
def test_stages_and_shops_as_people_call_them(
    desk: Desk, session: Session, words: str, stage: Stage | None, shops: list[str] | None, rest: tuple[str, ...]
) -> None:
    known = {shop.slug: shop.id for shop in open_shops(session)}

    found = scope.read(desk, words)

    assert found.stage is stage
    assert found.shop_ids == (None if shops is None else tuple(known[slug] for slug in shops))
    assert found.rest == rest
    assert found.stages == (OPEN if stage is None else (stage,))
