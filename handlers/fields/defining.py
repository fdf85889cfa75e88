"""What supervisors do to the company's own fields: each change a row of the field's trail. Rules that name a field
follow its new name; those that a change would make read otherwise, or not at all, are named."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import looking_again, trail
from handlers.desk import Actor, Desk, Refusal
from handlers.fields import living, naming
from handlers.fields.kinds import KINDS
from handlers.fields.living import Field
from handlers.fields.renamed import RENAMED, with_names
from handlers.permissions import Permit
from handlers.rulebook import book, catalogue, changing, store
from handlers.rulebook.store import Version
from models import Role
from rules.language import Catalogue, ConditionError, compile_condition, own_field
from rules.language.reading import nearest

DEFINE: Final = Permit("改字段", frozenset({Role.SUPERVISOR}))
MOST: Final = 30
CHOICES: Final = (2, 30)
LONGEST_CHOICE: Final = 20

_ALONE: Final = text("LOCK TABLE fields IN SHARE ROW EXCLUSIVE MODE")
_MAKE: Final = text("""
    INSERT INTO fields (name, kind, choices, made_at, made_by, made_by_id)
    VALUES (:name, :kind, cast(:choices AS jsonb), :now, :by, :by_id) RETURNING id
""")
_RENAME: Final = text("UPDATE fields SET name = :name WHERE id = :id")
_CHOICES: Final = text("UPDATE fields SET choices = cast(:choices AS jsonb) WHERE id = :id")
_END: Final = text("UPDATE fields SET ended_at = :now WHERE id = :id")
_AGAIN: Final = text("UPDATE fields SET ended_at = NULL WHERE id = :id")
_ENDED: Final = text("""
    SELECT f.id, f.name, f.kind, f.choices, (SELECT count(*) FROM field_values v WHERE v.field_id = f.id) AS used
    FROM fields f WHERE f.name = :name AND f.ended_at IS NOT NULL ORDER BY f.ended_at DESC, f.id DESC
""")
_USED: Final = text(
    "SELECT value #>> '{}' AS value, count(*) AS orders FROM field_values WHERE field_id = :id GROUP BY 1"
)


def define(desk: Desk, actor: Actor, wish: Field) -> Field:
    """The field, with its id; `wish` has none yet. Raises Refusal."""
    fields, name, kind = _alone(desk), wish.name, wish.kind
    naming.check(name, fields)
    if len(fields) >= MOST:
        raise Refusal(f"最多 {MOST} 个字段，请先停用不用的，例如：字段 停用 {fields[0].name}")
    ended = next((row for row in _ended(desk, name) if row.kind == kind), None)
    if ended is not None:
        raise Refusal(f"「{name}」以前停用了，{ended.used} 单填过。要接着用请发：字段 启用 {name}")
    field = replace(wish, choices=_checked(kind, wish.choices))
    _refuse_misread(desk, field)
    row = {"name": name, "kind": kind, "choices": _json(field.choices), **_by(desk, actor)}
    field = replace(field, id=int(desk.session.execute(_MAKE, row).scalar_one()))
    _changed(desk, field, actor, action="新增字段", detail={"名称": name, "类型": titled(field)})
    return field


def rename(desk: Desk, actor: Actor, name: str, new: str) -> tuple[Field, list[str]]:
    """The field, and the rules that say its new name by now. Raises Refusal."""
    fields = _alone(desk)
    field = named(desk, name)
    if new == name:
        raise Refusal(f"现在就叫「{name}」，没有改动")
    naming.check(new, [one for one in fields if one.id != field.id])
    renamed = replace(field, name=new)
    rules = _naming(desk, field.name)
    _refuse_misread(desk, renamed)
    known = catalogue.catalogue(desk)
    called = {name: replace(known.own[name], name=new)}
    conditions = {one.rule_id: with_names(one.wish.condition, known, called) for one in rules}
    desk.session.execute(_RENAME, {"id": field.id, "name": new})
    _changed(desk, field, actor, action=RENAMED, detail={"名称": [name, new]})
    for one in rules:
        changing.reword(desk, actor, one.rule_id, conditions[one.rule_id])
    return renamed, [one.called for one in rules]


def choose(desk: Desk, actor: Actor, name: str, choices: Sequence[str]) -> tuple[Field, int, list[str]]:
    """The field with other choices, how many orders have one that is none any more, and the rules that cannot be read
    any more. Raises Refusal."""
    _alone(desk)
    field = named(desk, name)
    if field.kind != "choice":
        raise Refusal(f"「{name}」是{field.manner.title}，没有选项可改")
    made = replace(field, choices=_checked("choice", choices))
    if made.choices == field.choices:
        raise Refusal(f"「{name}」的选项现在就是{'、'.join(field.choices)}，没有改动")
    broken = _broken(desk, field, made)
    desk.session.execute(_CHOICES, {"id": field.id, "choices": _json(made.choices)})
    _changed(desk, field, actor, action="改字段选项", detail={name: ["/".join(field.choices), "/".join(made.choices)]})
    looking_again.every(desk)
    left = sum(row.orders for row in desk.session.execute(_USED, {"id": field.id}) if row.value not in made.choices)
    return made, left, broken


def end(desk: Desk, actor: Actor, name: str) -> tuple[Field, list[str]]:
    """It is shown no more; its values stay. With the rules that cannot be read any more. Raises Refusal."""
    _alone(desk)
    field = named(desk, name)
    broken = _broken(desk, field, None)
    desk.session.execute(_END, {"id": field.id, "now": desk.now})
    _changed(desk, field, actor, action="停用字段", detail={"名称": name})
    return field, broken


def again(desk: Desk, actor: Actor, name: str) -> Field:
    """As it was when it was ended, with its values. Raises Refusal."""
    fields = _alone(desk)
    row = next(iter(_ended(desk, name)), None)
    if any(one.name == name for one in fields):
        raise Refusal(f"「{name}」正在用，不用启用")
    if row is None:
        raise Refusal(f"没有停用过的字段「{name}」。要新建请发：字段 新增 {name} 是否")
    if len(fields) >= MOST:
        raise Refusal(f"最多 {MOST} 个字段，请先停用不用的")
    field = Field(row.id, row.name, row.kind, tuple(row.choices))
    _refuse_misread(desk, field)
    desk.session.execute(_AGAIN, {"id": field.id})
    _changed(desk, field, actor, action="启用字段", detail={"名称": name})
    looking_again.every(desk)
    return field


def named(desk: Desk, name: str) -> Field:
    """The living field of that name. Raises Refusal naming what there is."""
    fields = living.by_name(desk)
    if name in fields:
        return fields[name]
    near = nearest(name, list(fields))
    hint = f"您是想写「{near}」吗？" if near else ""
    stands = f"现在有：{'、'.join(fields)}" if fields else "还没有自定义字段，可以发：字段 新增 礼盒 是否"
    raise Refusal(f"没有字段「{name[:20]}」。{hint}{stands}")


def titled(field: Field) -> str:
    """是否; 选项 普通/VIP."""
    return f"{field.manner.title} {'/'.join(field.choices)}".strip()


def rules_of(desk: Desk, name: str) -> list[str]:
    """The rules whose condition names that field."""
    return [one.called for one in _naming(desk, name)]


def _alone(desk: Desk) -> tuple[Field, ...]:
    desk.session.execute(_ALONE)
    living.forget(desk)
    return living.living(desk)


def _ended(desk: Desk, name: str) -> list[Row[Any]]:
    return list(desk.session.execute(_ENDED, {"name": name}))


def _by(desk: Desk, actor: Actor) -> dict[str, Any]:
    return {"now": desk.now, "by": actor.name, "by_id": actor.staff_id}


def _json(choices: Sequence[str]) -> str:
    return json.dumps(list(choices), ensure_ascii=False)


def _changed(desk: Desk, field: Field, actor: Actor, *, action: str, detail: Mapping[str, Any]) -> None:
    living.forget(desk)
    book.forget(desk)
    trail.write(desk, f"field:{field.id}", actor, action=action, detail=detail)


def _checked(kind: str, choices: Sequence[str]) -> tuple[str, ...]:
    """Raises Refusal."""
    if kind != "choice":
        if choices:
            raise Refusal(f"{KINDS[kind].title}后面不用写别的；要选项请写：字段 新增 等级 选项 普通/VIP")
        return ()
    least, most = CHOICES
    found = tuple(dict.fromkeys(choices))
    if not least <= len(found) <= most:
        raise Refusal(f"选项写 {least} 到 {most} 个，用 / 隔开，例如：普通/VIP")
    for one in found:
        if len(one) > LONGEST_CHOICE or one in naming.CLEAR or "=" in one:
            raise Refusal(f"选项「{one[:LONGEST_CHOICE]}」不行：最多 {LONGEST_CHOICE} 个字，不带 =，也不能叫 清空")
    if len({one.casefold() for one in found}) < len(found):
        raise Refusal("有两个选项只差大小写，会分不清")
    return found


def _with(desk: Desk, without: str, field: Field | None) -> Catalogue:
    """What conditions may name once a field is gone, or is another."""
    now = catalogue.catalogue(desk)
    own = {name: one for name, one in now.own.items() if name != without}
    if field is not None:
        own[field.name] = own_field(field.name, field.manner.sort, choices=field.choices)
    return Catalogue(now.builtin, own)


def _readings(desk: Desk, known: Catalogue, *, live: bool = True) -> dict[int, tuple[str, ...]]:
    """Rule → the fields that its condition names; without those that cannot be read."""
    found = {}
    for one in _rules(desk):
        if live and one.wish.state not in store.LIVE:
            continue
        try:
            found[one.rule_id] = tuple(field.name for field in compile_condition(one.wish.condition, known).fields)
        except ConditionError:
            continue
    return found


def _rules(desk: Desk) -> list[Version]:
    return store.everything(desk)


def _naming(desk: Desk, name: str) -> list[Version]:
    readings = _readings(desk, catalogue.catalogue(desk), live=False)
    return [one for one in _rules(desk) if name in readings.get(one.rule_id, ())]


def _broken(desk: Desk, field: Field, made: Field | None) -> list[str]:
    """The live rules that can be read now, and not once the field is gone, or is another."""
    now, then = _readings(desk, catalogue.catalogue(desk)), _readings(desk, _with(desk, field.name, made))
    return [one.called for one in _rules(desk) if one.rule_id in now and one.rule_id not in then]


def _refuse_misread(desk: Desk, field: Field) -> None:
    """A name that stands within what rules say already would make them mean something else."""
    known = _with(desk, "", field)
    now, then = _readings(desk, catalogue.catalogue(desk)), _readings(desk, known)
    hurt = [one.called for one in _rules(desk) if one.rule_id in now and then.get(one.rule_id) != now[one.rule_id]]
    if hurt:
        raise Refusal(f"叫「{field.name}」会让{hurt[0]}的条件读成别的意思，请换个名字")
    sample = {"yesno": field.name, "day": f"{field.name} > '2025-12-22'"}.get(field.kind)
    value = f"'{field.choices[0]}'" if field.choices else "''" if field.kind == "text" else "1"
    try:
        compile_condition(sample or f"{field.name} == {value}", known)
    except ConditionError:
        raise Refusal(f"「{field.name}」在规则里会读不懂，请换个名字") from None
