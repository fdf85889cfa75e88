"""What DingTalk tells, the same in a Stream frame and in a call to our addresses, as an Incoming
(dingtalk.md 1.3, 3.4)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bot.channels.dingtalk.keys import Key, restore
from bot.crypto import BadEnvelope
from bot.payload import BadPayload
from bot.phrases import printable
from config_chat import DingTalk
from handlers.incoming import Attached, Incoming, Press

Tree = Mapping[str, Any]
CHANNEL: Final = "dingtalk"
FILE: Final = "dingtalk:"
"""How the address of a file begins: what follows is the platform's downloadCode."""

PICTURE: Final = "图片和视频还看不懂。请用文字说，或把订单表格当文件发给我。"
UNHEARD: Final = "这条语音没有听清。请再说一遍，或直接打字。"
UNKNOWN: Final = "这种消息还看不懂。请用文字说，发「帮助」看可以做什么。"
NO_QUOTA: Final = "钉钉说本月的消息额度已用完，您这条没有收到内容。请先在看板上操作，并请管理员增加额度。"
NO_ACCOUNT: Final = "没有收到您的钉钉账号：您不是本企业成员，或者机器人还没有发布。请让管理员检查。"

_GROUP: Final = "2"
_MENTION: Final = re.compile(r"^@\S+\s+")
_SPACES: Final = str.maketrans(dict.fromkeys("\u2005\u2006\xa0", " "))  # clients put one of these after a mention
DOUBLE_SECONDS: Final = 10  # the same press of the same person again so soon is a double tap
_MOST_QUOTED: Final = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """A message and where its answer goes. `reply`: an address for answers, good until `reply_until`. `plain`: what to
    say to somebody known, where the message is none that can be understood. `quoted_id`: by what the platform knows the
    robot's message that is quoted. `called`: userids of the colleagues who are called by @."""

    incoming: Incoming
    reply: str = ""
    reply_until: datetime | None = None
    plain: str = ""
    quoted_id: str = ""
    called: tuple[str, ...] = ()

    @property
    def used_up(self) -> bool:
        """Whether the platform says so of the month's messages."""
        return self.plain == NO_QUOTA


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press on the card `track_id`; `press`: None for a button that no key of ours signed. `before`: the message id
    that the same press a little earlier may bear."""

    incoming: Incoming
    press: Press | None
    track_id: str
    before: str = ""


def tree_of(text: bytes | str) -> dict[str, Any]:
    """Raises BadEnvelope for what is no JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadEnvelope("no JSON") from error
    if not isinstance(found, dict):
        raise BadEnvelope("no JSON object")
    return found


def said(body: Tree, settings: DingTalk, now: datetime) -> Said:
    """A message to the robot. Raises BadEnvelope."""
    message_id, chat = _text(body, "msgId"), _text(body, "conversationId")
    if not message_id or not chat:
        raise BadEnvelope("no msgId or no conversationId")
    words, plain, file = _content(body)
    pictures = _pictures(body)
    sender, is_group = _text(body, "senderStaffId"), str(body.get("conversationType")) == _GROUP
    incoming = Incoming(
        channel=CHANNEL,
        message_id=message_id,
        sender=sender,
        chat=chat if is_group else sender,
        is_group=is_group,
        at=_moment(body.get("createAt")) or now,
        text=_without_mention(words, settings.name, is_group=is_group),
        quoted=_quoted(_child(body, "text")),
        file=file,
        pictures=pictures,
    )
    until = _moment(body.get("sessionWebhookExpiredTime"))
    quoted_id = _text(body, "originalProcessQueryKey")
    plain = "" if pictures and plain == PICTURE else plain
    plain = plain if sender or plain == NO_QUOTA else NO_ACCOUNT
    return Said(incoming, _text(body, "sessionWebhook"), until, plain, quoted_id, _called(body))


def pressed(body: Tree, keys: Sequence[bytes], now: datetime) -> Pressed:
    """A press on a card; `keys`: by which its button may be signed. Raises BadEnvelope."""
    clicker, track_id = _text(body, "userId"), _text(body, "outTrackId")
    if not clicker or not track_id:
        raise BadEnvelope("no userId or no outTrackId")
    ids, params = _parameters(body)
    found = _key(ids, params, keys)
    press = found.press(_choice(params)) if found is not None else None
    parts = json.dumps([track_id, clicker, ids, params], sort_keys=True, default=str)
    name = f"press:{hashlib.blake2b(parts.encode(), digest_size=12).hexdigest()}"
    slot = int(now.timestamp()) // DOUBLE_SECONDS
    incoming = Incoming(
        channel=CHANNEL,
        message_id=f"{name}:{slot}",  # the platform gives a press no id
        sender=clicker,
        chat=_text(body, "spaceId") or track_id,
        is_group=True,  # its place is not told reliably, and one card may lie in several
        at=now,
        press=press,
    )
    return Pressed(incoming, press, track_id, f"{name}:{slot - 1}")


# messages


def _called(body: Tree) -> tuple[str, ...]:
    """The robot is called as well, but has no userid."""
    ids = (_text(one, "staffId") for one in _parts(body.get("atUsers")))
    return tuple(dict.fromkeys(one for one in ids if one))


def _content(body: Tree) -> tuple[str, str, Attached | None]:
    """The words; what to say where there are none; the file."""
    kind, content = _text(body, "msgtype"), _child(body, "content")
    if body.get("errorCode", body.get("errCode")) and not content and not _child(body, "text"):
        return "", NO_QUOTA, None
    if kind == "text":
        return _clean(_text(_child(body, "text"), "content")), "", None
    if kind == "richText":
        words = _clean("".join(_text(part, "text") or " " for part in _parts(content.get("richText"))))
        return words, "" if words else PICTURE, None
    if kind == "audio":
        words = _clean(_text(content, "recognition"))
        return words, "" if words else UNHEARD, None
    if kind == "file" and (code := _text(content, "downloadCode")):
        return "", "", Attached(FILE + code, "", _clean(_text(content, "fileName")))
    return "", PICTURE if kind in ("picture", "video") else UNKNOWN, None


def _pictures(body: Tree) -> tuple[Attached, ...]:
    kind, content = _text(body, "msgtype"), _child(body, "content")
    parts = _parts(content.get("richText")) if kind == "richText" else [content] if kind == "picture" else []
    codes = (_text(part, "downloadCode") for part in parts)
    return tuple(Attached(FILE + code, "") for code in codes if code)


def _clean(words: str) -> str:
    return printable(words.translate(_SPACES)).strip()


def _without_mention(words: str, name: str, *, is_group: bool) -> str:
    """The robot's own @ is taken off by the platform already, mostly; that of a line copied from a group is not. In a
    group another @ is somebody who is meant."""
    bare = words.replace(f"@{name}", " ").strip()
    return bare if is_group else _MENTION.sub("", bare).strip()


def _quoted(text: Tree) -> str:
    """All words of the quoted message; a card comes as a tree of texts."""
    replied = _child(text, "repliedMsg")
    found = list(dict.fromkeys(_words(replied.get("content")))) if text.get("isReplyMsg") else []
    return _clean("\n".join(found))[:_MOST_QUOTED]


def _words(found: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, list) and depth < 8:
        for one in found:
            yield from _words(one, depth + 1)
    elif isinstance(found, dict) and depth < 8:
        for name, value in found.items():
            if not isinstance(value, str) or name in _WORDED:
                yield from _words(value, depth + 1)


_WORDED: Final = frozenset({"text", "content", "value", "title", "summary", "markdown", "recognition", "fileName"})


# presses


def _parameters(body: Tree) -> tuple[list[str], dict[str, Any]]:
    """The pressed components and what they sent; older pages name and nest them in another way."""
    told = body.get("content", body.get("value"))
    tree = tree_of(told) if isinstance(told, str) else told if isinstance(told, dict) else {}
    inner = _child(tree, "cardPrivateData")
    params = {**_child(tree, "params"), **_child(inner, "params")}
    ids = inner.get("actionIds") or tree.get("actionIds")
    return [one for one in ids if isinstance(one, str)] if isinstance(ids, list) else [], params


def _key(ids: list[str], params: Tree, keys: Sequence[bytes]) -> Key | None:
    """Our own template says `key`; the public ones the button's id, here or there."""
    given = [params.get(name) for name in ("key", "action", "id")] + ids[:1]
    for one in given:
        if isinstance(one, str) and one:
            try:
                return restore(one, *keys)
            except BadPayload:
                continue
    return None


def _choice(params: Tree) -> str:
    choice = params.get("choice", "")
    return choice if isinstance(choice, str) else str(choice) if isinstance(choice, int | float) else ""


# small parts


def _moment(milliseconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parts(found: object) -> list[Tree]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _child(body: Tree, name: str) -> Tree:
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _text(body: Tree, name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""
