"""The messages that webhooks take: a custom robot's, a sessionWebhook's, an HTTP answer's (dingtalk.md 2.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import OldDeclined

MOST_AT = 50
NO_AT = {"link", "feedCard"}
Shown = tuple[str, Json]


def shown(core: Core, payload: Json) -> Shown:
    """(kind of message, what phones show of it). Raises OldDeclined."""
    kind = payload.get("msgtype")
    reader = READERS.get(str(kind))
    if reader is None:
        raise OldDeclined(400105, f"不支持的消息类型: {kind}")
    part = payload.get(str(kind))
    if not isinstance(part, dict):
        raise OldDeclined(40035, f"缺少参数 {kind}")
    found, body = reader(part)
    return found, body | {"at": _at(core, payload, body, str(kind))}


def _at(core: Core, payload: Json, body: Json, kind: str) -> list[str]:
    """Who is notified: an id must stand in `at` and, as @id, in the text too."""
    at = payload.get("at") or {}
    if not isinstance(at, dict):
        raise OldDeclined(40035, "参数 at 不合法")
    everybody = at.get("isAtAll") is True
    ids = at.get("atUserIds") or []
    if not isinstance(ids, list) or len(ids) > MOST_AT:
        raise OldDeclined(40035, f"at 最多 {MOST_AT} 人")
    if kind in NO_AT and (ids or everybody):
        core.remark(f"webhook: {kind} notifies nobody")
        return []
    if everybody:
        return core.store.viewers(core.store.ding_group)
    text = str(body.get("content", ""))
    found = []
    for one in ids:
        userid = core.userid_of(one)
        if f"@{one}" not in text:
            core.remark(f"webhook: {one} stands in at and not as @{one} in the text: nobody is notified")
        elif userid is not None:
            found.append(userid)
    return found


def _need(part: Json, *names: str) -> None:
    for name in names:
        if not isinstance(part.get(name), str) or not part[name].strip():
            raise OldDeclined(40035, f"缺少参数 {name}")


def _text(part: Json) -> Shown:
    _need(part, "content")
    return "text", {"content": part["content"]}


def _markdown(part: Json) -> Shown:
    _need(part, "title", "text")
    return "markdown", {"title": part["title"], "content": part["text"]}


def _link(part: Json) -> Shown:
    _need(part, "title", "text", "messageUrl")
    picture = str(part.get("picUrl") or "")
    return "ding_link", {"title": part["title"], "content": part["text"], "url": part["messageUrl"], "picture": picture}


def _action_card(part: Json) -> Shown:
    """With singleTitle and singleURL the whole card is one link, and `btns` does not count."""
    _need(part, "title", "text")
    body: Json = {"title": part["title"], "content": part["text"]}
    if part.get("singleTitle") or part.get("singleURL"):
        _need(part, "singleTitle", "singleURL")
        return "ding_action", body | {"buttons": [button(part["singleTitle"], part["singleURL"])], "across": False}
    buttons = part.get("btns")
    if not isinstance(buttons, list) or not buttons:
        raise OldDeclined(40035, "缺少参数 btns")
    if part.get("btnOrientation", "0") not in {"0", "1"}:
        raise OldDeclined(40035, 'btnOrientation 应为 "0" 或 "1"')
    for one in buttons:
        _need(one if isinstance(one, dict) else {}, "title", "actionURL")
    found = [button(one["title"], one["actionURL"]) for one in buttons]
    return "ding_action", body | {"buttons": found, "across": part.get("btnOrientation") == "1"}


def _feed_card(part: Json) -> Shown:
    links = part.get("links")
    if not isinstance(links, list) or not links:
        raise OldDeclined(40035, "缺少参数 links")
    for one in links:
        _need(one if isinstance(one, dict) else {}, "title", "messageURL", "picURL")
    found = [{"title": one["title"], "url": one["messageURL"], "picture": one["picURL"]} for one in links]
    return "ding_feed", {"title": found[0]["title"], "links": found}


def button(text: Any, url: Any) -> Json:
    return {"text": str(text), "url": str(url), "key": str(url), "style": "plain"}


READERS: dict[str, Callable[[Json], Shown]] = {
    "text": _text,
    "markdown": _markdown,
    "link": _link,
    "actionCard": _action_card,
    "feedCard": _feed_card,
}
