"""What is wrong with a document, told to whoever wrote it: the key, its value and what is expected, but no secret.

In the models a field with `repr=False` is secret, and its `description` says what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

_PASSWORD: Final = re.compile(r"//[^/\s]*@")  # and whatever else stands before the host of an address


def wrong(where: Sequence[int | str], value: object, said: str) -> PydanticCustomError:
    """A refusal by a validator of a whole table; `where` leads from there to the key."""
    return PydanticCustomError("wrong", "{said}", {"where": tuple(where), "value": value, "said": said})


def complaints(error: ValidationError, root: type[BaseModel]) -> str:
    """A plain sentence on a line of its own for everything that is wrong with a document of the model `root`."""
    return "\n".join(dict.fromkeys(_complaint(item, root) for item in error.errors()))


def _complaint(error: Any, root: type[BaseModel]) -> str:
    """One plain sentence: the key, its value unless that is secret, unknown or a table, and what is expected."""
    facts = error["ctx"] if error["type"] == "wrong" else {}
    where = (*error["loc"], *facts.get("where", ()))
    way, field = _way_to(where, root)
    said, value = facts.get("said") or _said(error, field), facts.get("value", error["input"])
    leaf = field is not None and field.repr and _table_in(field.annotation) is None and where[-1] != "[key]"
    if leaf and error["type"] != "missing" and isinstance(value, str | int | float):
        return f"{way} = {_PASSWORD.sub('//…@', repr(value))}: {said}"
    return f"{way}: {said}"


def _said(error: Any, field: FieldInfo | None) -> str:
    if error["type"] == "extra_forbidden":
        return "no such key, see hub.example.toml"
    expected = (field.description if field else "") or error["msg"].removeprefix("Input should be ")
    if error["type"] in ("model_type", "dict_type"):
        expected = "a table"
    elif expected.startswith(("greater", "less")):
        expected = f"a number {expected}"
    return ("missing, " if error["type"] == "missing" else "") + f"expected {expected}"


def _way_to(where: Sequence[int | str], root: type[BaseModel]) -> tuple[str, FieldInfo | None]:
    """The way as far as it can be told (below a secret key lie secrets), and the key that it ends in or under; None
    where that is not a key of ours."""
    table: type[BaseModel] | None = root
    way: list[str] = []
    field, below = None, False
    for part in where:
        if part == "[key]":
            break
        way.append(str(part))
        if below:  # a place in a list, or a name that is free
            below = False
            continue
        field = table.model_fields.get(str(part)) if table else None
        if field is None or not field.repr:
            break
        below, table = get_origin(field.annotation) in (dict, tuple), _table_in(field.annotation)
    return ".".join(way) or "hub.toml", field


def _table_in(kind: Any) -> type[BaseModel] | None:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for part in get_args(kind) if (found := _table_in(part))), None)
