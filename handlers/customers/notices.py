"""The words of customers' notices: what holds, how it came to be so, and changing it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Row, text

from config_kinds import TEMPLATE_VALUES, Template, TemplateName
from handlers import trail
from handlers.customers.events import EVENTS, VALUES
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit
from models import Role

SET: Final = Permit("改客户通知", frozenset({Role.SUPERVISOR}))

_NOW: Final = text("""
    SELECT DISTINCT ON (event) event, body FROM notice_texts WHERE undone_at IS NULL ORDER BY event, id DESC
""")
_LOCK: Final = text("LOCK TABLE notice_texts IN SHARE ROW EXCLUSIVE MODE")
_WRITE: Final = text("""
    INSERT INTO notice_texts (event, body, before, change, set_at, set_by, set_by_id)
    VALUES (:event, cast(:body AS jsonb), cast(:before AS jsonb), :change, :now, :by, :by_id)
""")
_LAST: Final = text("""
    SELECT id, event, change FROM notice_texts WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1 FOR UPDATE
""")
_NEXT_UNDONE: Final = text("SELECT event FROM notice_texts WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1")
_UNDO: Final = text("UPDATE notice_texts SET undone_at = :now, undone_by = :by WHERE id = :id")
_NEWEST: Final = text("""
    SELECT event, change, set_at, set_by, undone_by FROM notice_texts
    WHERE event = :event ORDER BY id DESC LIMIT :n
""")
_VERSION: Final = text("SELECT 1 + count(*) FROM notice_texts WHERE event = :event AND undone_at IS NULL")
_TEMPLATES: Final = text("SELECT template_id, title, keys, gone FROM account_templates ORDER BY gone, title")


_SERVES_FOR: Final[dict[TemplateName, TemplateName]] = {"part_refunded": "refunded"}


@dataclass(frozen=True, slots=True)
class Notice:
    """`template`: the account's id of one, "" where none was chosen. `fields`: the template's key → words, with values
    in braces. `plain`: what ways without templates say."""

    event: str
    on: bool = True
    template: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One value of a template: its key, what stands before it, and of a const what the account approved."""

    key: str
    label: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A template as the account shows it."""

    id: str
    title: str
    keys: tuple[Key, ...]
    gone: bool


def notices(desk: Desk) -> dict[str, Notice]:
    """What holds now, for every event."""
    told = {row.event: row.body for row in desk.session.execute(_NOW)}
    return {event: _of(event, told[event]) if event in told else usual(desk, event) for event in EVENTS}


def notice(desk: Desk, event: str) -> Notice:
    """Raises KeyError for an event that there is not."""
    return notices(desk)[event]


def told(desk: Desk, event: str) -> bool:
    """Whether customers are told of it at all: it is on, and there is a way that has words for it."""
    here = desk.settings
    mini = [here.mini.templates] if here.mini is not None else []
    ways = [*mini, here.weixin.notices] if here.weixin is not None else mini
    by_sms = here.sms is not None and event in here.sms.templates
    now = notice(desk, event)
    return now.on and bool(now.template or here.kf or by_sms or any(configured(one, event) for one in ways))


def usual(desk: Desk, event: str) -> Notice:
    """As the settings say it."""
    account = desk.settings.weixin
    template = configured(account.templates, event) if account is not None else None
    fields = {key: f"{{{VALUES[value]}}}" for value, key in template.keys.items()} if template is not None else {}
    return Notice(event, True, template.id if template else "", fields, EVENTS[event].plain)


def templates(desk: Desk) -> dict[str, Known]:
    """What the account showed when it was last read, by id."""
    return {
        row.template_id: Known(row.template_id, row.title, tuple(_key(one) for one in row.keys), row.gone)
        for row in desk.session.execute(_TEMPLATES)
    }


def keys_of(desk: Desk, one: Notice) -> tuple[Key, ...]:
    """The keys of a notice's template: the account's own, else those that the notice fills."""
    known = templates(desk).get(one.template)
    return known.keys if known is not None else tuple(Key(key) for key in one.fields)


def one_by_one(desk: Desk) -> None:
    """What is read from now on holds until this is over: whoever wants to change something else waits."""
    desk.session.execute(_LOCK)


def put(desk: Desk, actor: Actor, made: tuple[Notice, Notice], change: str) -> None:
    """From now on it is the second of `made`, which was made from the first; `change` says in words what is new. Raises
    Refusal where nothing is, or where somebody else was quicker."""
    one_by_one(desk)
    seen, after = made
    before = notice(desk, after.event)
    if before != seen:
        raise Refusal("刚才有人改过这种通知，您的没有保存。请看一眼现在的样子，再改一次")
    if after == before:
        raise Refusal("和现在一样，没有改动")
    row = {"event": after.event, "body": _json(after), "before": _json(before), "change": change}
    desk.session.execute(_WRITE, {**row, "now": desk.now, "by": actor.name, "by_id": actor.staff_id})
    _note(desk, actor, "改客户通知", (after.event, change))


def undo(desk: Desk, actor: Actor) -> tuple[str, str]:
    """The newest change is as if it had never been: its event and what it had been. Raises Refusal."""
    one_by_one(desk)
    last = desk.session.execute(_LAST).one_or_none()
    if last is None:
        raise Refusal("没有可以撤销的改动，客户通知都是配置文件里的")
    desk.session.execute(_UNDO, {"now": desk.now, "by": actor.name, "id": last.id})
    _note(desk, actor, "撤销改客户通知", (last.event, last.change))
    return str(last.event), str(last.change)


def last(desk: Desk) -> str:
    """The event whose change `undo` would take back, "" where there is none."""
    row = desk.session.execute(_NEXT_UNDONE).one_or_none()
    return str(row.event) if row is not None else ""


def newest(desk: Desk, event: str, count: int) -> list[Row[Any]]:
    """The last changes: event, change, set_at, set_by, undone_by."""
    return list(desk.session.execute(_NEWEST, {"event": event, "n": count}))


def version(desk: Desk, event: str) -> int:
    """1 is what the settings say; each change that was not undone counts one more."""
    return int(desk.session.execute(_VERSION, {"event": event}).scalar_one())


def with_field(one: Notice, key: str, words: str) -> Notice:
    return replace(one, fields={**one.fields, key: words})


def configured(templates: Mapping[TemplateName, Template], event: str) -> Template | None:
    """The template of an event; one that says as much will do where it has none of its own."""
    name = name_of(event)
    return templates.get(name) or templates.get(_SERVES_FOR.get(name, name))


def name_of(event: str) -> TemplateName:
    return next(name for name in TEMPLATE_VALUES if name == event)


def _of(event: str, body: Mapping[str, Any]) -> Notice:
    return Notice(event, bool(body["on"]), str(body["template"]), dict(body["fields"]), str(body["plain"]))


def _key(one: Mapping[str, Any]) -> Key:
    return Key(str(one["key"]), str(one.get("label", "")), tuple(str(word) for word in one.get("words", ())))


def _json(one: Notice) -> str:
    return json.dumps({name: value for name, value in asdict(one).items() if name != "event"}, ensure_ascii=False)


def _note(desk: Desk, actor: Actor, action: str, about: tuple[str, str]) -> None:
    event, change = about
    trail.write(desk, f"notice:{event}", actor, action=action, detail={EVENTS[event].title: change})
