"""The company's own fields in words: all of them, or one."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.fields import defining
from handlers.fields.kinds import KINDS
from handlers.fields.living import Field
from handlers.wording import day

_ALL: Final = text("""
    SELECT f.id, f.name, f.kind, f.choices, f.made_at, f.made_by, f.ended_at, coalesce(v.orders, 0) AS orders
    FROM fields f LEFT JOIN (SELECT field_id, count(*) AS orders FROM field_values GROUP BY field_id) v
        ON v.field_id = f.id
    WHERE f.ended_at IS NULL OR v.orders > 0 ORDER BY f.ended_at IS NOT NULL, f.id
""")
_MOST_ENDED: Final = 10
_HOW: Final = "填：字段 编号 礼盒 是；查：查 礼盒=是"


def listed(desk: Desk) -> str:
    rows = desk.session.execute(_ALL).all()
    live = [row for row in rows if row.ended_at is None]
    ended = [row for row in rows if row.ended_at is not None]
    if not live and not ended:
        return "还没有自定义字段。主管可以发：字段 新增 礼盒 是否，或 字段 新增 等级 选项 普通/VIP"
    lines = ["**自定义字段**", *(f"- {_line(row)}" for row in live)]
    if ended:
        named = "、".join(f"{row.name}（{row.orders} 单）" for row in ended[:_MOST_ENDED])
        lines.append(f"> 停用的：{named}；恢复请发：字段 启用 {ended[0].name}")
    kinds = "、".join(kind.title for kind in KINDS.values())
    example = f"填：字段 编号 {live[0].name} {_example(_field(live[0]))}" if live else _HOW
    return "\n".join([*lines, f"> {example}；类型有：{kinds}"])


def one(desk: Desk, field: Field) -> str:
    row = next(row for row in desk.session.execute(_ALL) if row.id == field.id)
    rules = defining.rules_of(desk, field.name)
    lines = [f"**字段「{field.name}」**", f"- {_line(row)}", f"- 可以填{field.allowed}"]
    if rules:
        lines.append(f"- 用到它的规则：{'、'.join(rules)}")
    value = _example(field)
    return "\n".join([*lines, f"> 填：字段 编号 {field.name} {value}；查：查 {field.name}={value}"])


def _line(row: Row[Any]) -> str:
    return f"{row.name}（{defining.titled(_field(row))}）：{row.orders} 单在用，{row.made_by} {day(row.made_at)} 建"


def _field(row: Row[Any]) -> Field:
    return Field(row.id, row.name, row.kind, tuple(row.choices))


def _example(field: Field) -> str:
    if field.choices:
        return field.choices[-1]
    return {"yesno": "是", "number": "3", "money": "12.5元", "day": "明天", "text": "生日快乐"}[field.kind]
