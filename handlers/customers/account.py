"""The templates that the service account shows: kept as they were last read, missed where they are gone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from handlers import owe, people
from handlers.customers import notices
from handlers.customers.events import EVENTS
from handlers.desk import Desk
from handlers.wording import day
from models import Role

_LINE: Final = re.compile(r"([^\n{}]*?)[:：]?\s*\{\{\s*([a-z_]+\d*)\s*\.DATA\s*\}\}")
_OLD: Final = ("first", "remark")  # shown by no phone since 2023
_KEEP: Final = text("""
    INSERT INTO account_templates (template_id, title, keys, read_at, gone)
    SELECT x.id, x.title, x.keys, :now, false
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id text, title text, keys jsonb)
    ON CONFLICT (template_id) DO UPDATE SET title = excluded.title, keys = excluded.keys, read_at = excluded.read_at,
        gone = false
""")
_GONE: Final = text("UPDATE account_templates SET gone = true WHERE NOT gone AND template_id <> ALL(:ids)")


def keep(desk: Desk, listed: Sequence[Mapping[str, Any]]) -> int:
    """`listed`: the platform's list. What it does not show any more is gone, and supervisors hear of it where a notice
    uses it. How many there are."""
    rows = [
        {"id": str(one["template_id"]), "title": str(one.get("title", "")), "keys": keys_of(one)}
        for one in listed
        if one.get("template_id")
    ]
    desk.session.execute(_KEEP, {"rows": json.dumps(rows, ensure_ascii=False), "now": desk.now})
    desk.session.execute(_GONE, {"ids": [row["id"] for row in rows]})
    known = {str(row["id"]) for row in rows}
    for event, now in notices.notices(desk).items():
        if now.on and now.template and now.template not in known:
            _tell(desk, event)
    return len(rows)


def keys_of(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The keys in a template's content with their labels, in its order; of a const what was approved."""
    words: dict[str, list[str]] = {}
    for listed in one.get("keywordEnumValueList") or ():
        code = str(listed.get("keywordCode", "")).removesuffix(".DATA")
        words[code] = [str(word) for word in listed.get("enumValueList") or ()]
    found = _LINE.findall(str(one.get("content", "")))
    return [
        {"key": key, "label": label.strip(), "words": words.get(key, [])} for label, key in found if key not in _OLD
    ]


def _tell(desk: Desk, event: str) -> None:
    title = EVENTS[event].title
    words = f"客户「{title}」通知的模板在公众号后台已不存在，客户收不到。请在后台重新添加，再发「模板 {title}」更换"
    key = f"notice:{event}:gone:{day(desk.now)}"
    told = [person.id for person in people.staff(desk) if Role.SUPERVISOR in person.roles]
    owe.owe(desk, [owe.note(key, staff_id, f"notice:{event}", words) for staff_id in told])
