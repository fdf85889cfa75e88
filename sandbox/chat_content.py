"""The content of messages an app may send: each msgtype's own fields and limits (wecom.md section 3.2)."""

import re
from typing import Any

from sandbox.chat_blocks import Surface
from sandbox.chat_cards import check
from sandbox.chat_errors import Refused, invalid
from sandbox.chat_store import Store

Body = dict[str, Any]
TEXT_BYTES = 2048
NAME = re.compile(r"\$(userName|userAlias|userAliasOrName)=([^$\s]+)\$")
MEDIA_DAYS = 3


def cut_bytes(text: str, most: int) -> str:
    """Longer text is cut, never in the middle of a character."""
    return text.encode()[:most].decode(errors="ignore")


def content_of(payload: Body, store: Store, surface: Surface) -> Body:
    """The body to show for `payload[msgtype]`; raises Refused as the platform would."""
    kind = payload.get("msgtype")
    reader = READERS.get(str(kind))
    if reader is None:
        raise Refused(40008, f"invalid message type: {kind!r}")
    part = payload.get(str(kind))
    if not isinstance(part, dict):
        raise Refused(44004 if kind in {"text", "markdown"} else 40058, f"invalid parameter: {kind}")
    body = check(part, surface) if kind == "template_card" else reader(part, store)
    return _with_names(body, store) if payload.get("enable_id_trans") == 1 else body


def _with_names(value: Any, store: Store) -> Any:
    if isinstance(value, dict):
        return {name: _with_names(item, store) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_names(item, store) for item in value]
    if isinstance(value, str):
        return NAME.sub(lambda found: store.person_name(found[2]), value)
    return value


def _text(part: Body, _: Store) -> Body:
    content = part.get("content")
    if not isinstance(content, str) or not content.strip():
        raise Refused(44004, "empty content")
    return {"content": cut_bytes(content, TEXT_BYTES)}


def _textcard(part: Body, _: Store) -> Body:
    title, description, url = (part.get(name) for name in ("title", "description", "url"))
    if not isinstance(title, str) or not title.strip():
        raise Refused(41016, "missing title")
    if not isinstance(description, str) or not description.strip():
        raise Refused(41033, "missing description")
    if len(title) > 128 or len(description) > 512:
        raise Refused(45002, "content size out of limit: textcard")
    check_url(url, "textcard.url")
    return {"title": title, "description": description, "url": url, "btntxt": str(part.get("btntxt") or "详情")[:4]}


def _news(part: Body, _: Store) -> Body:
    articles = part.get("articles")
    if not isinstance(articles, list) or not articles:
        raise invalid("news.articles")
    if len(articles) > 8:
        raise Refused(45008, "article count out of limit")
    for article in articles:
        title = article.get("title") if isinstance(article, dict) else None
        if not isinstance(title, str) or not title.strip():
            raise Refused(41016, "missing title")
        if len(title.encode()) > 128 or len(str(article.get("description", "")).encode()) > 512:
            raise Refused(45002, "content size out of limit: news")
        if "appid" not in article:
            check_url(article.get("url"), "news.articles.url")
    return {"articles": articles}


def _media(part: Body, store: Store) -> Body:
    media_id = part.get("media_id")
    if not media_id:
        raise Refused(41006, "missing media_id")
    kept = store.files.get(str(media_id))
    age = (store.clock.now() - kept.at).days if kept else MEDIA_DAYS
    if kept is None or age >= MEDIA_DAYS:
        raise Refused(40007, "invalid media_id")
    told: Body = {name: str(part[name]) for name in ("title", "description") if name in part}
    return told | {"media_id": kept.media_id, "name": kept.name, "size": len(kept.content)}


def check_url(url: Any, field: str) -> None:
    if not isinstance(url, str) or not re.match(r"https?://\S+", url):
        raise invalid(field, "needs a scheme")
    if len(url.encode()) > 2048:
        raise Refused(45002, f"content size out of limit: {field}")


READERS = {
    "text": _text,
    "markdown": _text,
    "textcard": _textcard,
    "news": _news,
    "image": _media,
    "voice": _media,
    "video": _media,
    "file": _media,
    "template_card": _text,  # never called: cards have their own check
}
