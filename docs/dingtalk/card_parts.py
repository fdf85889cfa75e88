"""The parts of a DingTalk card template as its editor writes them: every component with every property that it has.

The file format is not documented; names and shapes are those of files that the editor exported (schemaVersion 3.0.0).
What is not of interest here has the editor's own default.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

Props = dict[str, Any]
Node = dict[str, Any]
_ALWAYS: Final[Props] = {"op": "and", "conditions": []}


def words(content: str = "") -> Props:
    """A text with `${variable}` in it; inside a loop `${loop.key}`."""
    return {"i18n": False, "type": "dynamicString", "content": content}


def value(kind: str, fixed: Any, variable: str = "", scope: str = "global") -> Props:
    """A property that is fixed, or bound to a variable (`scope` loop: `list[0].key`)."""
    how = "variable" if variable else "fixed"
    return {"type": kind, "valueType": how, "value": fixed, "variable": variable, "variableType": scope}


def bound(variable: str = "", scope: str = "global", kind: str = "") -> Props:
    found: Props = {"type": "variableValue", "variableType": scope, "variable": variable}
    return found | ({"varType": kind} if kind else {})


def link(variable: str = "", scope: str = "global") -> Props:
    return value("dynamicLink", "", variable, scope)


def number(fixed: int) -> Props:
    return value("dynamicNumber", fixed)


def colour(token: str) -> Props:
    return value("dynamicColor", token)


def shown(*unless_empty: str) -> Props:
    """Always, or only where none of these variables is empty."""
    conditions = [
        {"value": "", "op": "isNotEmpty", "variable": name, "variableType": "global", "type": "variable",
         "valueType": "fixed", "valueVariableType": "global"}
        for name in unless_empty
    ]  # fmt: skip
    how = "condition" if conditions else "fixed"
    return {
        "type": "dynamicVisible",
        "value": True,
        "valueType": how,
        "condition": {"op": "and", "conditions": conditions},
    }


def param(name: str = "", variable: str = "", scope: str = "global", number_: str = "1") -> Props:
    """What a press hands back."""
    how = "variable" if variable else "fixed"
    return {"type": how, "variable": variable, "value": "", "name": name, "variableType": scope, "id": number_}


def calls_back(action_id: str, *params: Props) -> Props:
    return {"actionType": "request", "actionId": words(action_id), "params": list(params)}


def opens(variable: str) -> Props:
    return {"actionType": "url", "url": link(variable)}


def remembers(local: str, content: str) -> Props:
    """Puts a text into a variable of this client alone."""
    kept = {"localVarAction": bound(local, kind="string"), "stringLocalValue": words(content)}
    return {"actionType": "setLocalState", **kept}


def action(**changes: Any) -> Props:
    """Everything that the editor asks about a click."""
    nothing: Props = {
        "actionType": "url", "statPoint": words(), "statPointParams": [], "urlType": "all", "url": link(),
        "androidUrl": link(), "pcUrl": link(), "iosUrl": link(), "isDtmd": False, "actionId": words(),
        "params": [param()], "successToast": words(), "failureToast": words(),
        "successCondition": copy.deepcopy(_ALWAYS), "copyValue": words(), "copyVariable": bound(), "copyType": "common",
        "customHandler": "", "customDurboHandler": "", "confirmTitle": words("标题"), "confirmMessage": words("内容"),
        "confirmOkText": words("确认"), "confirmOkAction": "request", "confirmOkReqActionActionId": words(),
        "confirmOkReqActionParams": [param()], "confirmOkReqActionToast": words(), "confirmCancelText": words("取消"),
        "confirmCancelAction": "none", "confirmCancelReqActionActionId": words(),
        "confirmCancelReqActionParams": [param()], "confirmCancelReqActionToast": words(),
        "actionSheetTitle": words("标题"), "actionSheetMessage": words("面板描述"), "actionSheetItems": [],
        "toastContent": words(), "toastType": 1, "toastActionText": words(), "toastActionUrl": link(),
        "localVarAction": bound(), "booleanLocalValue": value("dynamicBoolean", False), "numberLocalValue": number(0),
        "stringLocalValue": words(), "enableCustomLocalData": False, "customLocalData": "{}",
        "openModalTitle": words("标题"), "openModalHeight": 500, "openModalWidth": 400, "events": [],
        "selectActionType": "setLocalState", "selectDataKey": bound(),
        "selectOptions": value("dynamicSelectOptions", []), "selectParams": [], "selectIndex": bound(),
        "fixWidth": False, "fixedWidth": 0, "autoWidth": False, "dataSources": [], "updateTargetValue": bound(),
        "updateTargetVariable": bound(), "apiName": words(), "apiParams": [param() | {"type": "variable"}],
        "apiRetLocalVar": bound(), "jsapiName": words(), "jsapiParams": [param()], "jsapiRetLocalVar": bound(),
        "callAPIName": words(), "callAPIType": "jsapi", "callAPIParams": [param()], "isCallAPIParamsVariable": False,
        "callAPIVariableParams": bound(), "videoUrl": words(), "dynamicEventVar": bound(),
        "fold": value("dynamicBoolean", False),
    }  # fmt: skip
    return nothing | changes


def margins(top: int, bottom: int, sides: int) -> Props:
    return {"margin": -2, "marginTop": top, "marginBottom": bottom, "marginLeft": sides, "marginRight": sides}


class Maker:
    """Makes components and numbers them; `used`: which kinds there are."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count(1)
        self.used: list[str] = []

    def card(self, children: Sequence[Node]) -> Node:
        props = {
            **action(), "linkCondition": shown(), "enableClickEvent": False, "transformToEventChain": False,
            "disabledWhileForward": False, "enableStatPoint": False, "enableOnAppear": False, "onAppear": action(),
            "autoFoldConfig": {"needFold": False, "heightLimit": 480,
                               "foldStatusLocalDataKey": "_cardFoldStatusLocalDataKey"},
            "summaryContent": bound(), "enableExposeStatPoint": False, "exposeStatPoint": words(),
            "exposeStatPointParams": [param()], "enableDebugTool": False, "isLinkToCard": False,
        }  # fmt: skip
        found = self._node("Card", "", props, children)
        return found | {
            "fileName": "order-hub",
            "dataSource": {"list": []},
            "state": {},
            "lifeCycles": {},
            "methods": {},
        }

    def text(self, content: str, *, token: str, style: str, lines: int, **changes: Any) -> Node:
        icon = {"type": "icon", "icon": "", "iconType": "ddIcon"}
        props = {
            "text": words(content), "hoverText": words(), "iconType": "iconCode", "iconFont": icon, "icon": link(),
            "darkIcon": link(), "autoWidth": False, "maxWidth": number(0), "fixedWidth": number(0),
            **margins(2, 2, 12), "fontColorType": "Standard", "enableHighlight": False, "maxLine": number(lines),
            "color": colour(token), "customLightColor": colour("#35404b"), "customDarkColor": colour("#f6f6f6"),
            "gravity": "left", "fontSizeType": "Standard", "styleType": "standard", "styleToken": style,
            "size": "middle", "customFontSize": 15, "customFontLineHeight": 22, "bold": False, "italic": False,
            "strikeThrough": False, "lineHeight": "normal", "visible": shown(), "autoMaxWidth": False,
            "enableIcon": False, "innerOffset": 0,
        }  # fmt: skip
        return self._node("BaseText", "基础文本", props | changes, ())

    def grid(self, children: Sequence[Node], **changes: Any) -> Node:
        """A box; `changes` may hold an action."""
        gradient = [{"type": "linear", "direction": value("dynamicSelect", "toBottom"),
                     "colors": [colour("#ffffff"), colour("#ffffff")]}]  # fmt: skip
        mouse: Props = {}
        for event in ("onMouseEnter", "onMouseLeave"):
            mouse |= {
                f"{event}ActionType": "setLocalState", f"{event}LocalVar": bound(),
                f"{event}BooleanLocalValue": value("dynamicBoolean", False), f"{event}NumberLocalValue": number(0),
                f"{event}StringLocalValue": words(),
            }  # fmt: skip
        props = {
            **action(), "isAutoHeight": True, "height": 100, "direction": "horizontal", "isAutoWidth": False,
            "width": 50, "isFixedWidth": False, "enableColSpan": False, "colSpan": 0, "visible": shown(),
            "childGravity": "leftTop", "hasBackground": False, "hasHoverBackground": False, "hoverText": words(),
            "hasBorder": False, "borderWidth": number(1), "borderColor": "#F6F6F6", "darkModeBorderColor": "#3C3C3C",
            **margins(0, 0, 0), "paddingTop": number(0), "paddingBottom": number(0), "paddingLeft": number(0),
            "paddingRight": number(0), "standardGradientBackground": "AIGradient", "hasGradientBackground": False,
            "gradientBackgroundType": "Standard", "backgroundType": "Standard",
            "standardBackgroundColor": colour("common_bg_color"), "backgroundGradientStartColor": colour("#ffffff"),
            "enableGradientMiddleColor": False, "backgroundGradientMiddleColor": colour("#ffffff"),
            "backgroundGradientEndColor": colour("#ffffff"),
            "backgroundGradientDirection": value("dynamicSelect", "toBottom"), "backgroundColor": "#F6F6F6",
            "darkModeBackgroundColor": "#3C3C3C", "cornerRadius": 4, "cornerRadiusLeftTop": 4,
            "cornerRadiusRightTop": 4, "cornerRadiusRightBottom": 4, "cornerRadiusLeftBottom": 4, "blur": False,
            "isFullHeight": False, "exposeStatPoint": words(), "exposeStatPointParams": [param()],
            "bgGradient": gradient, "enableDarkBgGradient": False, "darkBgGradient": copy.deepcopy(gradient),
            "enableOnAppear": False, "onAppear": action(), "enableMouseEvent": False, **mouse,
            "enableExposeStatPoint": False, "minHeight": number(0), "maxHeight": number(0),
            "enableClickEvent": "actionType" in changes, "transformToEventChain": False,
            "disabledWhileForward": False, "enableStatPoint": False, "innerOffset": 0,
        }  # fmt: skip
        return self._node("Grid", "布局容器", props | changes, children)

    def loop(self, listed: str, children: Sequence[Node], **changes: Any) -> Node:
        props = {
            "listData": bound(listed), "direction": "vertical", "visible": shown(), "isFixedWidth": False,
            "isAutoWidth": False, "width": 50, "equalSpace": False, "flowLayout": False, "flowDirection": "x",
            "childGap": False, "childGapSize": 4, "childDivider": False, "childDividerMarginLeft": 0,
            "childDividerMarginRight": 0, "childDividerMarginBottom": 0, "childDividerMarginTop": 0,
            **margins(0, 0, 0), "scrollable": False, "childWidth": "match_content", "childDividerWidth": 0.5,
            "childDividerColorDark": "rgba(255, 255, 255, 0.12)", "childDividerColorLight": "rgba(17, 31, 44, 0.12)",
            "paging": False, "hasMore": value("dynamicBoolean", False), "onLoadMore": action(),
            "isFixedHeight": False, "height": 100, "innerOffset": 0,
        }  # fmt: skip
        return self._node("Loop", "循环渲染容器", props | changes, children)

    def button(self, content: str, *, colour_of: Props, status: str = "normal", **changes: Any) -> Node:
        icon = {"type": "icon", "icon": "", "iconType": "ddIcon"}
        props = {
            **action(), "text": words(content), "status": value("dynamicSelect", status), "color": colour_of,
            "icon": link(), "darkModeIcon": link(), "enableIcon": False, "iconPosition": "left",
            "iconType": "iconCode", "iconFont": value("dynamicIcon", icon), "enableCornerMark": False,
            "cornerMarkPosition": "right", "cornerMarkText": words("按钮角标文案"), "cornerMarkTextColor": "white",
            "cornerBackgroundColorType": "standard", "standardCornerBackgroundColor": "RedGradient",
            "customCornerBackgroundColor": "#FF6A00", "customCornerDarkModeBackgroundColor": "#FF6A00",
            "cornerMarkVisible": shown(), "enableClickEvent": "actionType" in changes, "visible": shown(),
            "widthMode": "match_parent", "width": 200, **margins(4, 4, 12), "transformToEventChain": False,
            "disabledWhileForward": False, "enableStatPoint": False, "innerOffset": 0,
        }  # fmt: skip
        return self._node("SingleButton", "单个按钮", props | changes, ())

    def _node(self, kind: str, title: str, props: Props, children: Sequence[Node]) -> Node:
        if kind not in self.used:
            self.used.append(kind)
        found: Node = {
            "componentName": kind, "id": f"node_orderhub{next(self._numbers):02}", "props": props, "title": title,
            "hidden": False, "isLocked": False, "condition": True, "conditionGroup": "",
        }  # fmt: skip
        return found | ({"children": list(children)} if children else {})


def components_map(used: Sequence[str]) -> list[Props]:
    return [
        {"package": "@ali/dxComponent", "version": "1.0.0", "exportName": kind, "main": "./src/index.tsx",
         "destructuring": False, "subName": "", "componentName": kind}
        for kind in used
    ]  # fmt: skip
