"""The messages of the robot interfaces: each msgKey with its keys (dingtalk.md 2.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import missing, wrong
from sandbox.dingtalk_webhook import Shown, button

MOST_BYTES = 15_000
FILE_TYPES = {"xlsx", "pdf", "zip", "rar", "doc", "docx"}


def message(core: Core, body: Json) -> Shown:
    """(kind, what phones show) of `msgKey` and `msgParam`. Raises Declined."""
    key, text = body.get("msgKey"), body.get("msgParam")
    if not key:
        raise missing("msgKey")
    if text is None:
        raise missing("msgParam")
    reader = READERS.get(str(key))
    if reader is None:
        raise wrong("invalidParameter.msgKey.invalid", f"msgKey 不合法: {key}")
    if not isinstance(text, str):
        raise wrong("invalidParameter.msgParam.invalid", "msgParam 应为 JSON 字符串")
    if len(text.encode()) > MOST_BYTES:
        raise wrong("invalidParameter.msgParam.tooLong", f"msgParam 超过 {MOST_BYTES} 字节")
    try:
        param = json.loads(text)
    except ValueError as error:
        raise wrong("invalidParameter.msgParam.invalid", "msgParam 不是 JSON") from error
    names, read = reader
    if not isinstance(param, dict):
        raise wrong("invalidParameter.msgParam.invalid", "msgParam 应为 JSON 对象")
    for name in names:
        if not isinstance(param.get(name), str) or not param[name].strip():
            raise wrong("invalidParameter.msgParam.invalid", f"msgParam 缺少 {name}，或不是字符串")
    if strange := sorted(set(param) - set(names) - OPTIONAL):
        core.remark(f"robot: {key} does not show {', '.join(strange)}")
    return read(core, param)


def _text(_: Core, param: Json) -> Shown:
    return "text", {"content": param["content"]}


def _markdown(_: Core, param: Json) -> Shown:
    return "markdown", {"title": param["title"], "content": param["text"]}


def _picture(core: Core, param: Json) -> Shown:
    if param["photoURL"].startswith(("http://", "https://")):
        return "image", {"url": param["photoURL"], "name": ""}
    return "image", _media(core, param["photoURL"])


def _link(_: Core, param: Json) -> Shown:
    shown = {"title": param["title"], "content": param["text"]}
    return "ding_link", shown | {"url": param["messageUrl"], "picture": param["picUrl"]}


def _one_button(_: Core, param: Json) -> Shown:
    buttons = [button(param["singleTitle"], param["singleURL"])]
    return "ding_action", {"title": param["title"], "content": param["text"], "buttons": buttons, "across": False}


def _buttons(title: str, url: str, number: int, *, across: bool = False) -> tuple[tuple[str, ...], Any]:
    pairs = [(f"{title}{one}", f"{url}{one}") for one in range(1, number + 1)]

    def read(_: Core, param: Json) -> Shown:
        shown = {"title": param["title"], "content": param["text"], "across": across}
        return "ding_action", shown | {"buttons": [button(param[name], param[link]) for name, link in pairs]}

    return ("title", "text", *(name for pair in pairs for name in pair)), read


def _audio(core: Core, param: Json) -> Shown:
    if not param["duration"].isdigit():
        raise wrong("invalidParameter.msgParam.invalid", "duration 应为毫秒数")
    return "voice", _media(core, param["mediaId"])


def _file(core: Core, param: Json) -> Shown:
    if param["fileType"].lower() not in FILE_TYPES:
        raise wrong("invalidParameter.msgParam.invalid", f"fileType 不支持: {param['fileType']}")
    return "file", _media(core, param["mediaId"]) | {"name": param["fileName"]}


def _video(core: Core, param: Json) -> Shown:
    _media(core, param["picMediaId"])
    return "video", _media(core, param["videoMediaId"])


def _media(core: Core, media_id: str) -> Json:
    kept = core.store.files.get(media_id)
    if kept is None or not media_id.startswith("@"):
        raise wrong("invalidParameter.msgParam.invalid", f"mediaId 不存在: {media_id}")
    return {"media_id": kept.media_id, "name": kept.name, "size": len(kept.content)}


OPTIONAL = {"height", "width"}
VIDEO = ("videoMediaId", "videoType", "duration", "picMediaId")
READERS: dict[str, tuple[tuple[str, ...], Callable[[Core, Json], Shown]]] = {
    "sampleText": (("content",), _text),
    "sampleMarkdown": (("title", "text"), _markdown),
    "sampleImageMsg": (("photoURL",), _picture),
    "sampleLink": (("title", "text", "messageUrl", "picUrl"), _link),
    "sampleActionCard": (("title", "text", "singleTitle", "singleURL"), _one_button),
    "sampleActionCard2": _buttons("actionTitle", "actionURL", 2),
    "sampleActionCard3": _buttons("actionTitle", "actionURL", 3),
    "sampleActionCard4": _buttons("actionTitle", "actionURL", 4),
    "sampleActionCard5": _buttons("actionTitle", "actionURL", 5),
    "sampleActionCard6": _buttons("buttonTitle", "buttonUrl", 2, across=True),
    "sampleAudio": (("mediaId", "duration"), _audio),
    "sampleFile": (("mediaId", "fileName", "fileType"), _file),
    "sampleVideo": (VIDEO, _video),
}
