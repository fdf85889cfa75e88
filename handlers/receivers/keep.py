"""A receiver that somebody corrected here stands when its source says again what it had said: a spreadsheet is sent
every evening. A source that says something new is believed, and whoever had corrected it hears."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, trail
from handlers.desk import SYSTEM, Desk
from handlers.receivers import place
from handlers.receivers.place import Place
from models.vault import CannotOpen

_OWN: Final = text("""
    SELECT r.theirs, r.ours, r.staff_id, o.id, o.tag, o.receiver, o.province, o.city, o.district, o.town
    FROM own_receivers r JOIN orders o ON o.id = r.order_id
    WHERE r.order_id = ANY(:ids) ORDER BY o.id FOR NO KEY UPDATE OF o
""")
_FORGET: Final = text("DELETE FROM own_receivers WHERE order_id = :id")


def keep(desk: Desk, order_ids: Sequence[int]) -> None:
    """Of orders that were just stored anew."""
    for row in desk.session.execute(_OWN, {"ids": list(order_ids)}).all():
        try:
            theirs, ours = place.opened(desk.vault, row.theirs), place.opened(desk.vault, row.ours)
        except CannotOpen:
            continue  # nobody can tell any more what was corrected: what the source says stands
        now = place.of_row(desk.vault, row)
        if now == ours:
            continue
        if now == theirs:
            _hold(desk, row, ours)
        else:
            _give_way(desk, row)


def _hold(desk: Desk, row: Row[Any], ours: Place) -> None:
    place.write(desk, row.id, ours)
    trail.write_order(desk, row.id, actor=SYSTEM, action="保留收件信息", detail={"原因": "来源又是改之前的，没有覆盖"})


def _give_way(desk: Desk, row: Row[Any]) -> None:
    desk.session.execute(_FORGET, {"id": row.id})
    trail.write_order(desk, row.id, actor=SYSTEM, action="收件信息更新", detail={"原因": "来源给了新的，以来源为准"})
    if row.staff_id is not None:
        words = f"{row.tag} 的收件信息您改过，现在来源又给了新的，已按来源更新，请核对"
        key = f"order:{row.id}:receiver:{desk.now:%Y%m%d%H%M}"
        owe.owe(desk, [owe.note(key, row.staff_id, f"order:{row.id}", words)])
