"""Whether the buyers of some orders can be told of an event at all; where not, the order's trail says so once, and the
notice is left undone: it comes with the first look after they were bound."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe
from handlers.customers import notices, whose
from handlers.customers.events import EVENTS
from handlers.desk import Desk
from handlers.owe import CustomerMessage
from handlers.rulebook import deeds
from handlers.rulebook.act import Act

UNBOUND: Final = "没有绑定，请用 话术"
OUT: Final = "已退订"
_WHY: Final = "why"
"""In what is kept of an action that was tried in vain: such a row bears the moment also as that of its undoing."""
_OUT: Final = text(f"SELECT o.id FROM orders o WHERE o.id = ANY(:ids) AND {whose.IS_OUT}")
_IN_VAIN: Final = text("""
    INSERT INTO rule_acts (order_id, rule_id, deed, number, kept, at, undone_at)
    SELECT order_id, rule_id, deed, number, kept, :now, :now FROM jsonb_to_recordset(cast(:rows AS jsonb))
        AS x(order_id bigint, rule_id bigint, deed text, number int, kept jsonb)
    ON CONFLICT (order_id, rule_id, deed) DO UPDATE SET number = excluded.number, kept = excluded.kept,
        at = excluded.at, undone_at = excluded.undone_at
    WHERE rule_acts.undone_at IS NOT NULL RETURNING order_id, rule_id, deed
""")


class Reach:
    """Of these orders; what is asked of the database is asked once for an event."""

    def __init__(self, desk: Desk, ids: Sequence[int]) -> None:
        self._desk, self._ids = desk, list(ids)
        self._found: dict[str, Mapping[int, str]] = {}

    def why_not(self, order_id: int, event: str) -> str:
        """Why its buyer cannot be told, "" where they can."""
        if event not in self._found:
            self._found[event] = self._unreached(event)
        return self._found[event].get(order_id, "")

    def _unreached(self, event: str) -> Mapping[int, str]:
        if not notices.told(self._desk, event):
            return dict.fromkeys(self._ids, f"「{EVENTS[event].title}」通知没有开，见 模板")
        # An order's buyer is known by the order alone.
        asked = [CustomerMessage(str(one), 0, "", f"order:{one}", event, {}) for one in self._ids]
        found = owe.reached(self._desk, asked)
        left = [one for one in self._ids if str(one) not in found]
        out = set(self._desk.session.execute(_OUT, {"ids": left}).scalars()) if left else set()
        return {one: OUT if one in out else UNBOUND for one in left}


def why(row: Row[Any]) -> str:
    """Why an action (rule_acts) was tried in vain, "" where it was done once."""
    return str(row.kept.get(_WHY, ""))


def note(desk: Desk, missed: Sequence[tuple[Act, str]]) -> None:
    """Notices that reach nobody, each with why; told on the trail where it was not."""
    rows = [
        {
            "order_id": act.work.row.id, "rule_id": act.rule.rule_id, "deed": act.key, "number": act.rule.number,
            "kept": {_WHY: words},
        } for act, words in missed
    ]  # fmt: skip
    if not rows:
        return
    values = {"rows": json.dumps(rows, ensure_ascii=False), "now": desk.now}
    fresh = {(row.order_id, row.rule_id, row.deed) for row in desk.session.execute(_IN_VAIN, values)}
    for act, words in missed:
        if (act.work.row.id, act.rule.rule_id, act.key) in fresh:
            act.work.note("没通知到客户", {"通知": deeds.said(act.kept), "原因": words, **act.by})
