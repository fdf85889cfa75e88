"""Writes `order-hub-card.json`, the hub's card template, for DingTalk's card editor to import:

    .venv/bin/python -m docs.dingtalk.make_card

The variables are those that `bot/channels/dingtalk/own_card.py` sends; a test compares them, and this file with what it
writes. `schema` is what the editor shows and compiles; `widgetInfo` is the compiled form, made by `widget.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from docs.dingtalk.card_parts import (
    Maker,
    Node,
    calls_back,
    colour,
    components_map,
    margins,
    number,
    opens,
    param,
    remembers,
    shown,
    value,
)
from docs.dingtalk.widget import widget

FILE: Final = Path(__file__).with_name("order-hub-card.json")
PICKED: Final = "picked"  # what the reader chose and has not sent yet
_TEXTS: Final = {
    "title": "第一行：什么事、几单、还剩多久", "subtitle": "第二行：单号、店铺", "source": "来源，页脚",
    "tone": "plain、good 或 warn", "quote": "引用的一句话：谁做了什么", "body": "正文，可有几行",
    "choice_title": "选项的标题", "choice_key": "选项属于哪个问题", "done_text": "办结后代替按钮的一行字",
    "link": "看板地址", "link_title": "看板链接的文字", "code": "短码", "note": "只有本人看得见的一行",
    "revision": "卡片显示的是第几版",
}  # fmt: skip
_LISTS: Final = {
    "fields": ("字段", ("label", "value")), "buttons": ("按钮", ("text", "key", "style")),
    "menu": ("更多", ("text", "key")), "choices": ("选项", ("id", "text")),
}  # fmt: skip
_PRIVATE: Final = {"note"}
_ORDER: Final = ("title", "subtitle", "source", "tone", "quote", "fields", "body", "buttons", "menu", "choice_title",
                 "choice_key", "choices", "done_text", "link", "link_title", "code", "note", "revision")  # fmt: skip
# name, expression, the list inside whose loop it is asked
EXPRESSIONS: Final = (
    ("tone_mark", 'tone == "warn" ? "⚠️ " : tone == "good" ? "✅ " : ""', ""),
    ("link_words", 'link_title ? link_title : "打开看板"', ""),
    ("button_color", 'subdata("style") == "main" ? "blue" : subdata("style") == "danger" ? "red" : "gray"', "buttons"),
    ("pick_mark", 'subdata("id") == picked ? "● " : "○ "', "choices"),
)  # fmt: skip
_MOCK: Final = {
    "title": "待审核超时 · 剩 5 小时 · ¥318", "subtitle": "JD-20251222-001 · 示例店铺", "source": "订单中枢",
    "tone": "warn", "quote": "", "body": "在待审核停留 3 小时 12 分，上限 2 小时",
    "choice_title": "多久办好", "choice_key": "minutes",
    "done_text": "", "link": "https://example.com/board", "link_title": "", "code": "A7F2", "note": "", "revision": "3",
    "fields": [{"label": "环节", "value": "待审核 已停留 3 小时 12 分"}, {"label": "负责", "value": "客服（待认领）"}],
    "buttons": [{"text": "认领", "key": "k1", "style": "main"}, {"text": "审核通过", "key": "k2", "style": "plain"}],
    "menu": [{"text": "转交", "key": "k3"}, {"text": "忽略", "key": "k4"}],
    "choices": [{"id": "30", "text": "30 分钟"}, {"id": "60", "text": "1 小时"}],
}  # fmt: skip
_BLACK, _GREY, _BLUE = "common_level1_base_color", "common_level3_base_color", "common_blue1_color"
_TITLE, _BODY, _SMALL = "common_h4_bold_text_style", "common_body_text_style", "common_footnote_text_style"


def variables() -> list[dict[str, Any]]:
    """The template's variables: texts, and lists of objects of texts."""
    return [_text_variable(name) if name in _TEXTS else _list_variable(name) for name in _ORDER]


def _text_variable(name: str) -> dict[str, Any]:
    return _variable(name, "string", name, private=name in _PRIVATE) | {"description": _TEXTS[name]}


def _list_variable(name: str) -> dict[str, Any]:
    title, parts = _LISTS[name]
    schema = [_variable(f"{name}[0].{part}", "string", part, private=False) for part in parts]
    return _variable(name, "loopArray", name, private=False) | {"description": title, "schema": schema}


def _variable(number_: str, kind: str, name: str, *, private: bool) -> dict[str, Any]:
    return {
        "name": name,
        "private": private,
        "type": kind,
        "id": number_,
        "description": "",
        "editorVarType": "variables",
    }


def tree(make: Maker) -> Node:
    """What the card shows, from the top."""
    parts = [
        make.text("${tone_mark}${title}", token=_BLACK, style=_TITLE, lines=2, **margins(12, 2, 12)),
        make.text("${subtitle}", token=_GREY, style=_SMALL, lines=2, visible=shown("subtitle")),
        _box(make, "${quote}", "quote"),
        make.loop("fields", [_field(make)], **margins(4, 0, 12)),
        make.text("${body}", token=_BLACK, style=_BODY, lines=12, visible=shown("body"), **margins(6, 4, 12)),
        _box(make, "${note}", "note"),
        make.text("${choice_title}", token=_GREY, style=_SMALL, lines=1, visible=shown("choice_title")),
        make.loop("choices", [_choice(make)], **margins(0, 4, 12)),
        make.loop("buttons", [_button(make)]),
        make.button(
            "${done_text}", colour_of=value("dynamicSelect", "gray"), status="disabled", visible=shown("done_text")
        ),
        make.loop("menu", [_entry(make)], direction="horizontal", flowLayout=True, **margins(2, 2, 8)),
        _board(make),
        make.text("${source} ${code}", token=_GREY, style=_SMALL, lines=1, **margins(4, 12, 12)),
    ]
    return make.card(parts)


def _box(make: Maker, content: str, variable: str) -> Node:
    """A line on a grey ground."""
    said = make.text(content, token=_BLACK, style=_BODY, lines=4, **margins(6, 6, 8))
    ground = {"hasBackground": True, "standardBackgroundColor": colour("common_fg_z1_color")}
    return make.grid([said], visible=shown(variable), **ground, **margins(4, 4, 12))


def _field(make: Maker) -> Node:
    label = make.text("${loop.label}", token=_GREY, style=_BODY, lines=1, fixedWidth=number(72), **margins(2, 2, 0))
    told = make.text("${loop.value}", token=_BLACK, style=_BODY, lines=2, **margins(2, 2, 0))
    return make.grid([label, told])


def _choice(make: Maker) -> Node:
    option = make.text("${pick_mark}${loop.text}", token=_BLACK, style=_BODY, lines=1, **margins(4, 4, 0))
    return make.grid([option], **remembers(PICKED, "${loop.id}"))


def _button(make: Maker) -> Node:
    sent = (param("key", "buttons[0].key", "loop", "1"), param("choice", PICKED, "global", "2"))
    return make.button(
        "${loop.text}", colour_of=value("dynamicSelect", "blue", "button_color"), **calls_back("btn", *sent)
    )


def _entry(make: Maker) -> Node:
    sent = (param("key", "menu[0].key", "loop", "1"), param("choice", PICKED, "global", "2"))
    said = make.text("${loop.text}", token=_BLUE, style=_BODY, lines=1, autoWidth=True, **margins(6, 6, 8))
    return make.grid([said], isAutoWidth=True, **calls_back("menu", *sent))


def _board(make: Maker) -> Node:
    said = make.text("${link_words}", token=_BLUE, style=_BODY, lines=1, **margins(6, 6, 12))
    return make.grid([said], visible=shown("link"), **opens("link"))


def _expressions() -> list[dict[str, Any]]:
    return [
        {"private": False, "type": "string", "id": name, "name": name, "expContent": content,
         **({"dependentArrPath": asked} if asked else {}), "editorVarType": "expList", "description": ""}
        for name, content, asked in EXPRESSIONS
    ]  # fmt: skip


def editor() -> dict[str, Any]:
    make = Maker()
    root = tree(make)
    local = {
        "name": PICKED,
        "private": False,
        "type": "string",
        "id": PICKED,
        "description": "",
        "editorVarType": "localList",
    }
    chain = {"fileName": "event_chain", "fileSource": "{}", "fileType": "json"}
    schema = {"version": "1.0.0", "componentsMap": components_map(make.used), "componentsTree": [root], "i18n": {}}
    return {
        "schemaVersion": "3.0.0", "schema": schema,
        "mockData": {"cardData": _MOCK, "cardPrivateData": {"note": ""}, "localData": {PICKED: ""}, "richTextData": {}},
        "editVersion": 0, "customWidgetInfo": "", "useCustomWidgetInfo": False, "variableList": variables(),
        "formList": [], "expList": _expressions(), "localList": [local], "hsfList": [], "lwpList": [],
        "extension": {"extendType": "NORMAL", "fileTypeList": [chain]}, "pageData": {},
    }  # fmt: skip


def template() -> str:
    """The file, as the editor's 导出 would write it."""
    made = editor()
    compiled = widget(made["schema"]["componentsTree"][0], _PRIVATE)
    whole = {"editorData": json.dumps(made, ensure_ascii=False), "widgetInfo": compiled, "type": "im", "mode": "card"}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(template(), encoding="utf-8")
