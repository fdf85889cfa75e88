"""A table that somebody handed in is one of stock: counted at once, where the person may count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from handlers import people, permissions
from handlers.desk import Actor, Desk
from handlers.received import received, stock_sheet
from models import Received, Role
from models.received import State

_KEPT: Final = 500  # problems
_HOW: Final = "库存表要有「商家编码」和「现有」两列，不带订单号、收件人、电话、地址、日期和状态"


def take_in(desk: Desk, file: Received, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the file is done with here: it is one, or its sender may hand in nothing else. The same table may come
    again: what it says counts anew."""
    actor = _sender(desk, file)
    if not stock_sheet.is_stock(rows):
        return _is_refused(desk, file, actor)
    file.kind, file.shop_id, file.content_mark = "stock", None, None
    if actor is None or not actor.may(Role.PURCHASING):
        helper = people.anyone(desk, frozenset({Role.PURCHASING}))
        received.refuse(desk, file, f"导入库存由采购操作，可以请{helper or '主管'}发来")
        return True
    table = stock_sheet.read(rows)
    said = stock_sheet.take_in(desk, table, actor)
    file.state = State.DONE
    file.report = {
        "rows": len(rows), "new": 0, "changed": 0, "same": 0, "repeated": 0, "ids": [], "said": said,
        "problems": [[[row], why] for row, why in table.problems[:_KEPT]], "problem_rows": len(table.problems),
    }  # fmt: skip
    received.tell(desk, file, "done", f"{received.named(file)}{said}")
    return True


def _is_refused(desk: Desk, file: Received, actor: Actor | None) -> bool:
    if actor is None or permissions.allowed(received.PERMIT, actor):
        return False
    roles = permissions.role_titles(received.PERMIT.roles)
    received.refuse(desk, file, f"导入订单由{roles}操作；{_HOW}")
    return True


def _sender(desk: Desk, file: Received) -> Actor | None:
    found = next((one for one in people.staff(desk) if one.id == file.received_by), None)
    return Actor(found.name, found.roles, found.id, file.channel) if found else None
