"""The pictures of a matter of wrong, short or broken goods, as whoever settles it sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import permissions
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import title_of
from handlers.mishaps.registering import KIND, REGISTER
from handlers.permissions import Permit
from handlers.received import pictures
from handlers.received.pictures import Picture

LOOK: Final = Permit("看售后照片", REGISTER.roles)
PICTURES: Final = "pictures"
"""In a matter's evidence: the ids under which its pictures are kept."""

_ONE: Final = text("""
    SELECT c.id, c.evidence, o.id AS order_id, o.tag FROM cases c JOIN orders o ON o.id = c.order_id
    WHERE c.id = :id AND c.kind = :kind
""")


@dataclass(frozen=True, slots=True)
class Album:
    """The pictures of a matter, as whoever settles it sees them."""

    order_id: int
    tag: str
    title: str
    pictures: tuple[Picture, ...]


def ids_of(evidence: Mapping[str, Any]) -> list[int]:
    return [int(one) for one in evidence.get(PICTURES, ())]


def path(case_id: int) -> str:
    return f"/pictures/{case_id}"


def shown(desk: Desk, case_id: int, evidence: Mapping[str, Any]) -> str:
    """The line of the card that leads to them, "" for none."""
    many = len(ids_of(evidence))
    return f"照片 {many} 张：{desk.settings.hub.base_url}{path(case_id)}" if many else ""


def of_case(desk: Desk, case_id: int, actor: Actor) -> Album:
    """Raises Refusal. A shipping label may be in a picture: only who settles such matters sees it."""
    row = _allowed(desk, case_id, actor)
    return Album(row.order_id, row.tag, title_of(KIND, row.evidence), pictures.of(desk, ids_of(row.evidence)))


def content(desk: Desk, case_id: int, file_id: int, actor: Actor) -> tuple[str, bytes]:
    """Media type and bytes of a picture of this matter. Raises Refusal."""
    if file_id not in ids_of(_allowed(desk, case_id, actor).evidence):
        raise Refusal("没有找到这张图片")
    return pictures.content(desk, file_id)


def _allowed(desk: Desk, case_id: int, actor: Actor) -> Row[Any]:
    permissions.check(desk, LOOK, actor)
    row = desk.session.execute(_ONE, {"id": case_id, "kind": KIND}).one_or_none()
    if row is None:
        raise Refusal("没有找到这件事")
    return row
