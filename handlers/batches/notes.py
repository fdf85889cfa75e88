"""备注, for many orders, and which flag its words name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row

from handlers import owe
from handlers.batches import memos, orders
from handlers.batches.doing import Act, Doing, Piece
from handlers.desk import Desk
from handlers.permissions import Permit
from handlers.wording import FLAGS
from models import Role, sources

LONGEST: Final = 200
_BLANKS: Final = " ,，:：;；"
_NUMBERS: Final = {name: number for number, name in FLAGS.items()} | dict.fromkeys(("去旗", "取消旗帜"), 0)
_APART: Final = r"\s,，.。:：;；、!！?？"
_FLAG: Final = re.compile(rf"(?:^|(?<=[{_APART}]))(?:{'|'.join(_NUMBERS)})(?=$|[{_APART}])")


def flagged(words: str) -> tuple[str, int | None]:
    """The note without the flag that it names, and the flag's number. A flag stands apart: 红旗渠香烟 is goods. A flag
    alone is its own note: 红旗."""
    found = _FLAG.search(words)
    if found is None:
        return words, None
    before, after = words[: found.start()].rstrip(_BLANKS + "\n"), words[found.end() :].lstrip(_BLANKS + "\n")
    line = "，".join(part for part in (before, after) if part)
    return line or found[0], _NUMBERS[found[0]]


def without_flag(platform: str, flag: int) -> str:
    """Why the flag cannot be so there, for whoever meant it; "" where it can."""
    if not sources.is_told(platform):
        return "；这家店没有平台备注，旗帜没有写"
    if flag == 0 and platform in sources.UNTAKABLE:
        return f"；{sources.UNTAKABLE[platform]}的旗帜要到商家后台去掉，只写了备注"
    return f"；{sources.FLAGLESS[platform]}没有旗帜，只写了备注" if platform in sources.FLAGLESS else ""


def _hinder(_row: Row[Any], _act: Act) -> str:
    return ""


def _do(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    line, flag = flagged(act.words)
    rows = [piece.row for piece in pieces]
    flags = {row.id: flag for row in rows if flag is not None and not without_flag(row.platform, flag)}
    said = {row.id: {"备注": line} | ({"旗帜": FLAGS[flags[row.id]]} if row.id in flags else {}) for row in rows}
    orders.extend(desk, act.actor, [(row, "备注", said[row.id] | act.of_batch) for row in rows])
    owe.order_edits(desk, [row.id for row in rows])
    memos.owe(desk, act, rows, line, flags=flags)


def _undo(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    """The note is shown no more (handlers/show.py). What the marketplace bears already stays there, and is named."""
    line, _ = flagged(act.words)
    rows = [piece.row for piece in pieces]
    written = memos.unsay(desk, [row.id for row in rows], line)
    said = {"备注": line} | act.of_batch
    orders.extend(desk, act.actor, [
        (row, "撤销备注", said | ({"平台": "备注已写到平台，要到平台后台删"} if row.id in written else {}))
        for row in rows
    ])  # fmt: skip
    owe.order_edits(desk, [row.id for row in rows])


NOTE: Final = Doing("备注", Permit("备注", frozenset({Role.SERVICE})), None, _hinder, _do, _undo, lambda _: "已备注")
