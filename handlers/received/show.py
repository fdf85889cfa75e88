"""One file as its page shows it: how it stands, its columns to look over, what became of it. Private data is masked."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from handlers import mask, permissions
from handlers.desk import Actor, Desk, Refusal
from handlers.received import discard, lately, received, undo
from handlers.received import look as received_look
from handlers.spreadsheet import harmless
from models import Received, Role, Shop
from models.fields import title
from models.received import State
from texts import order as order_text

_SAMPLES: Final = 3
_LONGEST: Final = 14
_PROBLEMS: Final = 200
_NAME: Final = re.compile(r"[\u4e00-\u9fff·]{2,4}")
_WORKING: Final = frozenset({State.FETCHING, State.UNREAD, State.READY})


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    field: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """`working`: look again soon. `columns` while they can be changed. `problems`: (row, why), the first of `total`;
    `notes`: the same of rows that were read, and that somebody should look at. `whole_address`: the address column
    names the person and the phone too."""

    file_id: int
    name: str
    shop: str
    by: str
    at: datetime
    state: State
    stands: str
    working: bool
    kind: str
    rows: int
    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    problems: tuple[tuple[int, str], ...]
    total: int
    notes: tuple[tuple[int, str], ...]
    repeated: int
    may_undo: bool
    may_discard: bool
    whole_address: bool


def show(desk: Desk, file_id: int, actor: Actor) -> FileView:
    """Raises Refusal."""
    file = _file(desk, file_id, actor)
    shop = desk.session.get(Shop, file.shop_id) if file.shop_id else None
    look, report = received_look.look_of(desk, file), file.report or {}
    problems = rows_of(report)
    return FileView(
        file.id, file.name or "文件", shop.name if shop else "", received.who(desk, file), file.received_at,
        State(file.state), lately.stands(file), file.state in _WORKING, look.kind if look else "",
        report.get("rows") or (look.rows if look else 0),
        _columns(look) if look and file.state in (State.MAPPING, State.PREVIEW) else (),
        tuple(map(title, look.missing)) if look else (), tuple(problems[:_PROBLEMS]), len(problems),
        tuple(rows_of(report, "notes")[:_PROBLEMS]),
        report.get("repeated", 0), _may_undo(desk, file, actor), discard.may(file, actor),
        look.whole_address if look else False,
    )  # fmt: skip


def _file(desk: Desk, file_id: int, actor: Actor) -> Received:
    """Whoever counts stock sees what they handed in themselves. Raises Refusal."""
    file = desk.session.get(Received, file_id)
    own = file is not None and file.received_by == actor.staff_id and received.counts_stock(actor)
    if not own:
        permissions.check(desk, received.PERMIT, actor)
    if file is None or file.kind == received.PICTURE:
        raise Refusal("没有找到这个文件")
    return file


def rows_of(report: dict[str, Any], name: str = "problems") -> list[tuple[int, str]]:
    """(row, why) of every row with a problem, or with a note."""
    return sorted((row, why) for rows, why in report.get(name, []) for row in rows)


def problems_text(desk: Desk, file_id: int, actor: Actor) -> str:
    """All of them as a table that a spreadsheet opens. Raises Refusal."""
    file = _file(desk, file_id, actor)
    kept = io.StringIO()
    written = csv.writer(kept)
    written.writerow(["行", "问题"])
    written.writerows(map(harmless, rows_of(file.report or {})))
    return kept.getvalue()


def _columns(look: received_look.Look) -> tuple[Column, ...]:
    return tuple(
        Column(heading, field, tuple(_masked(row[place], field, look) for row in look.sample[:_SAMPLES]))
        for place, (heading, field) in enumerate(look.columns)
    )


def _masked(said: str, field: str, look: received_look.Look) -> str:
    """Enough to see what a column holds, too little to know whom it is about. In a column that nobody knows a name or
    an address may stand, as long as theirs is not found."""
    perhaps_name = not field and "name" in look.missing and _NAME.fullmatch(said) is not None
    if said and (field == "name" or perhaps_name or order_text.holds_receiver(said)):
        return said[0] + "**"
    hidden = mask.phones(said)
    longest = 9 if field == "address" or (not field and "address" in look.missing) else _LONGEST
    return f"{hidden[:longest]}…" if len(hidden) > longest else hidden


def _may_undo(desk: Desk, file: Received, actor: Actor) -> bool:
    mine = actor.staff_id == file.received_by or Role.SUPERVISOR in actor.roles
    young = file.ready_at is not None and desk.now - file.ready_at <= undo.LIMIT
    return file.state == State.DONE and mine and young and bool((file.report or {}).get("ids"))
