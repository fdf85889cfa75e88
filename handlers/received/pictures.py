"""Pictures that people send of goods: kept whole and sealed beside the files that are handed in, and read by nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Attached
from handlers.received import received
from handlers.received.received import PICTURE
from models import Received
from models.received import State

MOST_BYTES: Final = 20 * 1024 * 1024
NO_PICTURE: Final = "发来的不是图片（能存 JPG、PNG、GIF、WebP），请重新发一次"
_ON_THE_WAY: Final = "正在取，过一会儿刷新这一页"
# What a browser shows by itself; anything else, however it is called, is served to nobody.
_BEGINS: Final = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))
_FOUND: Final = text("""
    SELECT r.id, r.state, r.received_at, r.channel, coalesce(s.name, '') AS by, r.report ->> 'why' AS why
    FROM received r LEFT JOIN staff s ON s.id = r.received_by
    WHERE r.id = ANY(:ids) AND r.kind = 'picture' ORDER BY r.id
""")


@dataclass(frozen=True, slots=True)
class Picture:
    """`by`: who sent it; `stands`: why it cannot be seen, "" where it can."""

    file_id: int
    by: str
    at: datetime
    stands: str


def expect(desk: Desk, by: Actor, attached: Attached) -> int:
    """A picture that lies with its platform is noted, to be fetched; the id under which it is kept."""
    return received.expect_picture(desk, by, attached)


def kept(desk: Desk, file: Received, content: bytes) -> None:
    """What lay at its address."""
    if not kind_of(content):
        received.refuse(desk, file, NO_PICTURE)
        return
    file.content, file.state = desk.vault.seal(content, received.BELONGS), State.DONE


def kind_of(content: bytes) -> str:
    """Its media type by how it begins, "" for what is none that is shown."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _BEGINS if content.startswith(start)), "")


def of(desk: Desk, ids: Sequence[int]) -> tuple[Picture, ...]:
    """Those of `ids` that are pictures, the oldest first."""
    rows = desk.session.execute(_FOUND, {"ids": list(ids)})
    return tuple(Picture(row.id, row.by or "客户", row.received_at, _stands(row)) for row in rows)


def _stands(row: Row[Any]) -> str:
    if row.state == State.DONE:
        return ""
    return f"没有存下：{row.why or ''}" if row.state == State.REFUSED else _ON_THE_WAY


def content(desk: Desk, file_id: int) -> tuple[str, bytes]:
    """Media type and bytes. Raises Refusal."""
    file = desk.session.get(Received, file_id)
    if file is None or file.kind != PICTURE or file.state != State.DONE:
        raise Refusal("没有找到这张图片")
    found = received.content_of(desk, file)
    return kind_of(found), found
