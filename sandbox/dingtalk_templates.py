"""Card templates: which variables they declare, and what a phone shows of them (dingtalk.md 3.7).

A drawing is {"template", "data", "title", …, "buttons": [{"text", "key", "style", "url"}], "menu": [{"text", "key"}],
"choices": [{"id", "text"}], "problems": […]}; `problems` names what the template could not read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Data = dict[str, str]
Drawing = dict[str, Any]

MARKDOWN = "589420e2-c1e2-46ef-a5ed-b8728e654da9.schema"
BUTTONS = "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema"
AI = "382e4302-551d-4880-bf29-a30acfab2e71.schema"

TEXTS = (
    "title", "subtitle", "source", "tone", "quote", "body", "choice_title", "choice_key", "done_text", "link",
    "link_title", "code", "note", "revision",
)  # fmt: skip
LISTS: dict[str, tuple[str, ...]] = {
    "fields": ("label", "value"),
    "buttons": ("text", "key", "style"),
    "menu": ("text", "key"),
    "choices": ("id", "text"),
}
TONES = {"", "plain", "good", "warn"}
STYLES = {"main", "plain", "danger"}
COLOURS = {"blue": "main", "gray": "plain", "red": "danger"}


@dataclass(frozen=True)
class Template:
    id: str
    variables: frozenset[str]
    own: bool
    draw: Callable[[Data], Drawing]

    def strange(self, names: Any) -> list[str]:
        """Variables that the template does not declare: the platform takes them and shows nothing."""
        return sorted(set(names) - self.variables)

    def drawing(self, data: Data) -> Drawing:
        return {"template": self.id, "data": data, "problems": [], **self.draw(data)}


def templates(own: str) -> dict[str, Template]:
    """The company's own one and the public ones."""
    found = (
        Template(own, frozenset(TEXTS) | LISTS.keys(), True, _draw_own),
        Template(MARKDOWN, frozenset({"markdown", "title", "logo", "sys_full_json_obj"}), False, _draw_public),
        Template(BUTTONS, frozenset({"markdown", "title", "logo", "tips", "sys_full_json_obj"}), False, _draw_public),
        Template(
            AI,
            frozenset({"flowStatus", "msgTitle", "msgContent", "staticMsgContent", "logo", "sys_full_json_obj"}),
            False,
            _draw_ai,
        ),
    )
    return {template.id: template for template in found}


def _draw_own(data: Data) -> Drawing:
    problems: list[str] = []
    drawn: Drawing = {name: data.get(name, "") for name in TEXTS}
    for name, keys in LISTS.items():
        drawn[name] = _list(name, data.get(name, ""), keys, problems)
    problems += [f"a button's style is {one['style']!r}" for one in drawn["buttons"] if one["style"] not in STYLES]
    if drawn["tone"] not in TONES:
        problems.append(f"tone is {drawn['tone']!r}")
    if drawn["choices"] and not drawn["choice_key"]:
        problems.append("choices without a choice_key")
    pressed = Counter(one["key"] for one in drawn["buttons"] + drawn["menu"])
    problems += [f"two controls with the key {key!r}" for key, number in pressed.items() if number > 1]
    return drawn | {"problems": problems}


def _list(name: str, text: str, keys: tuple[str, ...], problems: list[str]) -> list[Data]:
    """A variable that is a list; what is no such list is not displayed at all."""
    if not text:
        return []
    try:
        found = json.loads(text)
    except ValueError:
        problems.append(f"{name} is no JSON")
        return []
    right = isinstance(found, list) and all(
        isinstance(one, dict) and set(one) == set(keys) and all(isinstance(value, str) for value in one.values())
        for one in found
    )
    if not right:
        problems.append(f"{name} must be a list of objects with the texts {', '.join(keys)}")
    return found if right else []


def _draw_public(data: Data) -> Drawing:
    problems: list[str] = []
    drawn: Drawing = {name: data.get(name, "") for name in ("title", "markdown", "tips", "logo")}
    return drawn | {"buttons": _public_buttons(data, problems), "menu": [], "choices": [], "problems": problems}


def _draw_ai(data: Data) -> Drawing:
    problems: list[str] = []
    drawn: Drawing = {"title": data.get("msgTitle", ""), "markdown": data.get("msgContent", ""), "tips": ""}
    if data.get("flowStatus") not in {"1", "2", "3", "4", "5"}:
        problems.append("flowStatus is missing")
    return drawn | {"buttons": _public_buttons(data, problems), "menu": [], "choices": [], "problems": problems}


def _public_buttons(data: Data, problems: list[str]) -> list[Drawing]:
    text = data.get("sys_full_json_obj", "")
    if not text:
        return []
    try:
        found = json.loads(text)
        listed = found.get("msgButtons", [])
        return [_public_button(one) for one in listed]
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        problems.append(f"sys_full_json_obj: {error}")
        return []


def _public_button(given: Drawing) -> Drawing:
    colour = given.get("color", "gray")
    if colour not in COLOURS:
        raise ValueError(f"a button's color is {colour!r}")
    if not given.get("text"):
        raise ValueError("a button has no text")
    request = given.get("request") is True
    if request and not given.get("id"):
        raise ValueError("a button that calls back has no id")
    if not request and not given.get("url"):
        raise ValueError("a button neither calls back nor has a url")
    key = str(given["id"]) if request else ""
    return {"text": str(given["text"]), "key": key, "style": COLOURS[colour], "url": "" if request else given["url"]}
