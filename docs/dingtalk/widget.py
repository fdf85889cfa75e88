"""The compiled form of the card: nested layouts whose attributes are expressions. The editor compiles anew when the
imported template is saved, so this is what is there until then. It knows the components of `make_card.py` alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import quoteattr

Node = dict[str, Any]
_VARIABLE: Final = re.compile(r"\$\{([^}]+)\}")
_DARK: Final = {
    "common_level1_base_color": ("#171A1D", "#EEF2F8"),
    "common_level3_base_color": ("#66171A1D", "#66EEF2F8"),
    "common_blue1_color": ("#007FFF", "#47A9FF"),
}
_SIZES: Final = {"common_h4_bold_text_style": ("17np", "24np"), "common_footnote_text_style": ("12np", "18np")}
_TONE, _STYLE = "@data{data.cardData.tone}", "@subdata{'style'}"
_EXPRESSIONS: Final = {
    "tone_mark": f"@triple{{@equal{{{_TONE},'warn'}},'⚠️ ',@triple{{@equal{{{_TONE},'good'}},'✅ ',''}}}}",
    "link_words": "@triple{@data{data.cardData.link_title},@data{data.cardData.link_title},'打开看板'}",
    "button_color": f"@triple{{@equal{{{_STYLE},'main'}},'blue',@triple{{@equal{{{_STYLE},'danger'}},'red','gray'}}}}",
    "pick_mark": "@triple{@equal{@subdata{'id'},@data{data.localData.picked}},'● ','○ '}",
}


def widget(root: Node, private: set[str]) -> str:
    """`private`: variables that each reader has for themselves."""
    return "\n".join(_Compiler(private).lines(root, 0)) + "\n"


class _Compiler:
    def __init__(self, private: set[str]) -> None:
        self._private = private

    def lines(self, node: Node, depth: int) -> Iterator[str]:
        kind, props = node["componentName"], node["props"]
        if kind == "Loop":
            yield from self._loop(node, depth)
            return
        if kind in ("BaseText", "SingleButton"):
            yield from self._line_of_text(node, depth)
            return
        layout = {"orientation": "vertical" if kind == "Card" else props["direction"], **self._look(node)}
        if kind == "Card":
            layout |= {"width": "@data{width}", "backgroundColor": "@dtDarkModeAdapter{'#FFFFFF', '#1E1E1E'}"}
        elif props["hasBackground"]:
            layout["backgroundColor"] = "@dtDarkModeAdapter{'#F6F6F6','#3C3C3C'}"
        inner = [line for child in node["children"] for line in self.lines(child, depth + 1)]
        yield from _tag("LinearLayout", layout, inner, depth)

    def _loop(self, node: Node, depth: int) -> Iterator[str]:
        props = node["props"]
        listed = {
            "listData": f"@data{{data.cardData.{props['listData']['variable']}}}",
            "orientation": props["direction"],
        }
        row = [line for child in node["children"] for line in self.lines(child, depth + 2)]
        inner = list(_tag("LinearLayout", {"width": "match_parent", "orientation": "vertical"}, row, depth + 1))
        yield from _tag("ListLayout", listed | self._look(node), inner, depth)

    def _line_of_text(self, node: Node, depth: int) -> Iterator[str]:
        props = node["props"]
        words = {"text": f"@toStr{{{self._words(props['text']['content'])}}}", "lineBreakMode": "end"}
        if node["componentName"] == "BaseText":
            size, height = _SIZES.get(props["styleToken"], ("15np", "22np"))
            light, dark = _DARK[props["color"]["value"]]
            words |= {"textSize": size, "lineHeight": height, "maxLines": str(props["maxLine"]["value"]),
                      "isBold": str("bold" in props["styleToken"]).lower(),
                      "textColor": f"@dtDarkModeAdapter{{'{light}', '{dark}'}}"}  # fmt: skip
            if fixed := props["fixedWidth"]["value"]:
                words["width"] = f"{fixed}np"
        else:
            colour = self._words(f"${{{props['color']['variable']}}}") if props["color"]["variable"] else "'gray'"
            other = f"@triple{{@equal{{{colour},'red'}},'#FF5219','#F2F2F6'}}"
            ground = f"@triple{{@equal{{{colour},'blue'}},'#007FFF',{other}}}"
            words |= {"textSize": "14np", "lineHeight": "36np", "textGravity": "center", "maxLines": "1",
                      "backgroundColor": ground, "cornerRadius": "6np", "width": "match_parent",
                      "textColor": f"@triple{{@equal{{{colour},'gray'}},'#171A1D','#FFFFFF'}}"}  # fmt: skip
        yield from _tag("FastTextView", self._look(node) | words, [], depth)

    def _look(self, node: Node) -> dict[str, str]:
        """Where it stands, whether it shows, and what a tap does."""
        props = node["props"]
        found = {"width": "match_parent", "height": "match_content", "userId": node["id"]}
        for side in ("Top", "Bottom", "Left", "Right"):
            if size := props.get(f"margin{side}"):
                found[f"margin{side}"] = f"{size}np"
        if conditions := props.get("visible", {}).get("condition", {}).get("conditions"):
            there = self._words(f"${{{conditions[0]['variable']}}}")
            found["visibility"] = f"@triple{{@greater{{@toLong{{@len{{@toStr{{{there}}}}}}},0}}, 'visible', 'gone'}}"
        if props.get("enableClickEvent"):
            found["onTap"] = self._tap(node)
        return found

    def _tap(self, node: Node) -> str:
        props = node["props"]
        if props["actionType"] == "url":
            return f"@dtOpenLink{{@data{{data.cardData.{props['url']['variable']}}}}}"
        if props["actionType"] == "setLocalState":
            local, said = props["localVarAction"]["variable"], self._words(props["stringLocalValue"]["content"])
            kept = f"@dtMapAppend{{@data{{data.localData}},'{local}',{said}}}"
            return f"@dtSendOutData{{@dtMapAppend{{null,'localData',{kept}}}}}"
        name, sent = props["actionId"]["content"], ",".join(self._sent(props["params"]))
        context = (
            "@dtMapAppend{@data{data.renderContext},'platform','im','platformBizId',@data{data.renderContext.mid}}"
        )
        pressed = (
            f"@dtMapAppend{{null,'params',@dtMapAppend{{null,{sent}}},'actionIds',@dtArrayAppend{{null,'{name}'}}}}"
        )
        handed = f"@dtMapAppend{{null,'context',{context},'cardPrivateData',{pressed}}}"
        return (
            "@dtSendOutData{@dtMapAppend{null,'actionType','0','cardInstanceId',@data{data.cardInstanceId},"
            f"'actionId','{name}','actionData',{handed},'requestEventId','{name}','requestStatusKey','{name}'}}}}"
        )

    def _sent(self, params: list[dict[str, Any]]) -> Iterator[str]:
        for one in params:
            variable = one["variable"].partition("[0].")[2]
            name = f"loop.{variable}" if variable else str(one["variable"])
            yield f"'{one['name']}',{self._value(name)}"

    def _words(self, content: str) -> str:
        parts, end = [], 0
        for found in _VARIABLE.finditer(content):
            parts += [f"'{content[end : found.start()]}'"] * (found.start() > end) + [self._value(found[1])]
            end = found.end()
        parts += [f"'{content[end:]}'"] * (len(content) > end)
        return parts[0] if len(parts) == 1 else f"@concat{{{', '.join(parts)}}}"

    def _value(self, name: str) -> str:
        if name in _EXPRESSIONS:
            return _EXPRESSIONS[name]
        if name.startswith("loop."):
            return f"@subdata{{'{name.removeprefix('loop.')}'}}"
        if name == "picked":
            return "@data{data.localData.picked}"
        everybody = f"@data{{data.cardData.{name}}}"
        if name not in self._private:
            return everybody
        own = f"@data{{data.cardPrivateData.{name}}}"
        return f"@triple{{@greater{{@toLong{{@len{{@toStr{{{own}}}}}}},0}},{own},{everybody}}}"


def _tag(name: str, attributes: dict[str, str], inner: list[str], depth: int) -> Iterator[str]:
    space = " " * depth
    yield f"{space}<{name} " + " ".join(f"{key}={quoteattr(told)}" for key, told in attributes.items()) + ">"
    yield from inner
    yield f"{space}</{name}>"
