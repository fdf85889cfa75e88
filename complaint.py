"""What is wrong with a document, told to whoever wrote it: the key, its value and what is expected, but no secret.

In the models a field with `repr=False` is secret, its `description` says what is expected, and its `title` is its name
where it does not stand in the file. The sentences are Chinese: the shop's people read them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

_PASSWORD: Final = re.compile(r"//[^/\s]*@")  # and whatever else stands before the host of an address


def wrong(where: Sequence[int | str], value: object, said: str) -> PydanticCustomError:
    """A refusal by a validator of a whole table; `where` leads from there to the key."""
    return PydanticCustomError("wrong", "{said}", {"where": tuple(where), "value": value, "said": said})


def complaints(error: ValidationError, root: type[BaseModel]) -> str:
    """A plain sentence on a line of its own for everything that is wrong with a document of the model `root`."""
    found = [(_place(item), item) for item in error.errors()]
    told = [_complaint(where, item, root) for where, item in found if not _is_told_within(where, found)]
    return "\n".join(dict.fromkeys(told))


def named(where: Sequence[int | str]) -> str:
    """A key's place in the words of the file: `hub.base_url`, or `第 2 个 [[shops]] 的 slug`."""
    if len(where) > 1 and isinstance(where[1], int):
        rest = ".".join(part for part in where[2:] if isinstance(part, str))
        return f"第 {where[1] + 1} 个 [[{where[0]}]]" + (f" 的 {rest}" if rest else "")
    return ".".join(map(str, where)) or "hub.toml"


def shown(value: object) -> str:
    """As it stands in the file, without what may be a password."""
    return _PASSWORD.sub("//…@", json.dumps(value, ensure_ascii=False))


def _place(error: Any) -> tuple[int | str, ...]:
    return (*error["loc"], *(error["ctx"]["where"] if error["type"] == "wrong" else ()))


def _is_told_within(where: tuple[int | str, ...], found: list[tuple[tuple[int | str, ...], Any]]) -> bool:
    """A list without its wrong parts is too short, and so on: only what is wrong within helps."""
    return any(len(other) > len(where) and other[: len(where)] == where for other, _ in found)


def _complaint(where: tuple[int | str, ...], error: Any, root: type[BaseModel]) -> str:
    """One plain sentence: the key, its value unless that is secret, unknown or a table, and what is expected."""
    facts = error["ctx"] if error["type"] == "wrong" else {}
    way, field = _way_to(where, root)
    said, value = facts.get("said") or _said(error, field), facts.get("value", error["input"])
    leaf = field is not None and field.repr and _table_in(field.annotation) is None and where[-1] != "[key]"
    if leaf and error["type"] != "missing" and isinstance(value, str | int | float):
        return f"{way} = {shown(value)}：{said}"
    return f"{way}：{said}"


def _said(error: Any, field: FieldInfo | None) -> str:
    if error["type"] == "extra_forbidden":
        return "没有这个键，请对照 hub.example.toml"
    expected = "一张表" if error["type"] in ("model_type", "dict_type") or field is None else _expected(field)
    gap = " " if expected[0].isascii() else ""
    return ("没有写，" if error["type"] == "missing" else "") + f"应为{gap}{expected}"


def _expected(field: FieldInfo) -> str:
    kind = field.annotation
    if field.description:
        return field.description
    if get_origin(kind) is Literal:
        return "、".join(map(str, get_args(kind))) + " 中的一个"
    if kind is bool:
        return "true 或 false"
    if kind is int:
        return "整数" + _bounds(field)
    return "文字" if kind is str else "一张表"


def _bounds(field: FieldInfo) -> str:
    least = next((limit.ge for limit in field.metadata if hasattr(limit, "ge")), None)
    most = next((limit.le for limit in field.metadata if hasattr(limit, "le")), None)
    if most is not None:
        return f"，{least} 到 {most}"
    return "" if least is None else f"，不小于 {least}"


def _way_to(where: Sequence[int | str], root: type[BaseModel]) -> tuple[str, FieldInfo | None]:
    """The way as far as it can be told (below a secret key lie secrets), and the key that it ends in or under; None
    where that is not a key of ours."""
    table: type[BaseModel] | None = root
    way: list[int | str] = []
    field, below = None, False
    for part in where:
        if part == "[key]":
            break
        way.append(part)
        if below:  # a place in a list, or a name that is free
            below = False
            continue
        field = table.model_fields.get(str(part)) if table else None
        if field is None or not field.repr:
            break
        below, table = get_origin(field.annotation) in (dict, tuple), _table_in(field.annotation)
    return (field.title if field and field.title else named(way)), field


def _table_in(kind: Any) -> type[BaseModel] | None:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for part in get_args(kind) if (found := _table_in(part))), None)
