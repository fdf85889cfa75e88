"""The platforms' XML as nested dicts and back. No DTD, no entities, no depth: the network is not trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.parsers import expat

from bot.crypto import BadEnvelope

_MOST_DEPTH: Final = 8
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold these
Tree = dict[str, Any]
Fields = Sequence[tuple[str, Any]]
"""(name, text, number, or fields again) each."""


class _Builder:
    def __init__(self) -> None:
        self.root: Tree = {}
        self._open: list[tuple[str, Tree]] = [("", self.root)]
        self._text: list[str] = []

    def start(self, name: str, _attributes: object) -> None:
        if len(self._open) > _MOST_DEPTH:
            raise BadEnvelope("XML too deep")
        self._open.append((name, {}))
        self._text.clear()

    def end(self, name: str) -> None:
        _, children = self._open.pop()
        value: Any = children or "".join(self._text).strip()
        self._text.clear()
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

    def refuse(self, *_: object) -> None:
        raise BadEnvelope("XML with a DTD or entities")


def parse(body: bytes) -> Tree:
    """The children of the root element: text, a dict, or a list where a name repeats. Raises BadEnvelope."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder._text.append
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadEnvelope("no XML") from error
    tree = next(iter(builder.root.values()), None)
    if not isinstance(tree, dict):
        raise BadEnvelope("XML without content")
    return tree


def text(tree: Mapping[str, Any], name: str) -> str:
    """The text of a child, "" where there is none or it is no text."""
    value = tree.get(name, "")
    return value if isinstance(value, str) else ""


def as_list(value: Any) -> list[Any]:
    """One element, several or none, always as a list: the platforms' XML does not tell one from many."""
    if value in (None, "", {}):
        return []
    return value if isinstance(value, list) else [value]


def write(fields: Fields) -> bytes:
    """An `<xml>` of these; texts as CDATA, numbers bare, fields inside a field nested."""
    return f"<xml>{_inside(fields)}</xml>".encode()


def _inside(fields: Fields) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields)


def _value(value: str | int | Fields) -> str:
    if isinstance(value, str):
        return f"<![CDATA[{_guarded(value)}]]>"
    return str(value) if isinstance(value, int) else _inside(value)


def _guarded(value: str) -> str:
    return _NO_XML.sub("", value).replace("]]>", "]]]]><![CDATA[>")
