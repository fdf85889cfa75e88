"""The card template that a company imports: its variables are what is sent, and it has the editor's structure. Whether
the editor takes it can only be tried there (docs/dingtalk-setup.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from bot.channels.dingtalk.own_card import LISTS, PRIVATE, VARIABLES
from docs.dingtalk.make_card import EXPRESSIONS, FILE, PICKED, template

TEMPLATE: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
EDITOR: dict[str, Any] = json.loads(TEMPLATE["editorData"])
USED = re.compile(r"\$\{([^}]+)\}")


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", ()):
        yield from nodes(child)


ALL = [one for root in EDITOR["schema"]["componentsTree"] for one in nodes(root)]


def values(found: Any) -> Iterator[dict[str, Any]]:
    """Every object inside."""
    if isinstance(found, dict):
        yield found
    for part in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from values(part)


def test_the_file_is_what_its_maker_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == template(), "run: python -m docs.dingtalk.make_card"


def test_its_variables_are_exactly_what_is_sent() -> None:
    declared = {one["name"]: one for one in EDITOR["variableList"]}
    assert tuple(declared) == VARIABLES
    assert {name for name, one in declared.items() if one["private"]} == PRIVATE
    lists = {name: tuple(part["name"] for part in one["schema"]) for name, one in declared.items() if "schema" in one}
    assert lists == LISTS
    assert {one["type"] for name, one in declared.items() if name in LISTS} == {"loopArray"}
    assert {one["type"] for name, one in declared.items() if name not in LISTS} == {"string"}
    for name, parts in LISTS.items():
        assert [part["id"] for part in declared[name]["schema"]] == [f"{name}[0].{part}" for part in parts]


def test_it_uses_only_what_is_declared() -> None:
    loops = {f"loop.{part}" for parts in LISTS.values() for part in parts}
    known = {*VARIABLES, PICKED, *(name for name, _, _ in EXPRESSIONS), *loops}
    written = {name for one in values(ALL) for name in USED.findall(str(one.get("content", "")))}
    assert written <= known
    named = {str(one["variable"]) for one in values(ALL) if one.get("variable")}
    inside = {f"{name}[0].{part}" for name, parts in LISTS.items() for part in parts}
    assert named <= known | inside
    shown = {name.partition("[")[0] for name in named} | {name for name in written if not name.startswith("loop.")}
    asked = " ".join(content for _, content, _ in EXPRESSIONS)
    assert set(VARIABLES) - shown == {"tone", "link_title", "choice_key", "revision"}
    assert "tone" in asked
    assert "link_title" in asked


@pytest.mark.parametrize(("action", "listed"), [("btn", "buttons"), ("menu", "menu")])
def test_a_press_hands_back_the_key_and_the_choice(action: str, listed: str) -> None:
    (pressed,) = [
        one["props"]
        for one in ALL
        if one["props"].get("enableClickEvent") and one["props"]["actionId"]["content"] == action
    ]
    assert pressed["actionType"] == "request"
    sent = {one["name"]: (one["type"], one["variable"], one["variableType"]) for one in pressed["params"]}
    assert sent == {"key": ("variable", f"{listed}[0].key", "loop"), "choice": ("variable", PICKED, "global")}


def test_every_part_has_its_own_id_and_is_a_known_component() -> None:
    ids = [one["id"] for one in ALL]
    assert len(set(ids)) == len(ids)
    assert {one["componentName"] for one in ALL} == {one["componentName"] for one in EDITOR["schema"]["componentsMap"]}
    for one in ALL:
        assert {"componentName", "id", "props", "title", "hidden", "isLocked", "condition", "conditionGroup"} <= set(
            one
        )


def test_it_has_the_structure_that_the_editor_exports() -> None:
    assert set(TEMPLATE) == {"editorData", "widgetInfo", "type", "mode"}
    assert (TEMPLATE["type"], TEMPLATE["mode"], EDITOR["schemaVersion"]) == ("im", "card", "3.0.0")
    assert set(EDITOR) >= {
        "schemaVersion", "schema", "mockData", "editVersion", "customWidgetInfo", "useCustomWidgetInfo", "variableList",
        "formList", "expList", "localList", "hsfList", "lwpList", "extension",
    }  # fmt: skip
    assert set(EDITOR["mockData"]["cardData"]) == set(VARIABLES)


def test_the_compiled_form_is_well_formed_and_shows_every_part() -> None:
    root = ElementTree.fromstring(TEMPLATE["widgetInfo"])
    shown = {element.get("userId") for element in root.iter()}
    assert {one["id"] for one in ALL} <= shown
    for element in root.iter():
        for told in element.attrib.values():
            assert told.count("{") == told.count("}"), told
