"""The notices as a page shows them: every line with its limit, and what the customer would see on each way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Final

from handlers import find, permissions
from handlers.customers import editing, fields, filling, notices, state
from handlers.customers.events import EVENTS, VALUES
from handlers.customers.notices import Key, Notice
from handlers.customers.sends import WAYS
from handlers.customers.show import masked, state_of
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import Reference

_CHANGES: Final = 10
PLAIN: Final = "plain"
"""The name of the field for the words of ways without templates; every other is called as its key."""


@dataclass(frozen=True, slots=True)
class Line:
    """A field of the form. `words`: of a const what may be chosen. `says`: its limit."""

    name: str
    label: str
    says: str
    words: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Listed:
    """`ways`: by which customers can be told of it, as the settings stand."""

    event: str
    title: str
    stands: str
    version: int
    on: bool
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    by: str
    words: str
    undone_by: str


@dataclass(frozen=True, slots=True)
class NoticePage:
    """`stamp`: what the form was made from; `places`: what may stand in braces; `templates`: id and title of those that
    it may be changed to; `template`: the title of the one that holds, "" for none. `newest`: of the event whose change
    would be undone, "" where there is none."""

    event: str
    title: str
    on: bool
    stands: str
    version: int
    stamp: str
    lines: tuple[Line, ...]
    places: tuple[str, ...]
    template: str
    templates: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    newest: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One way. `lines`: label and value of a template; `words`: of a way with free words. `problem`: why it does not go
    out so; `note`: what is to be known besides."""

    way: str
    title: str = ""
    lines: tuple[editing.Line, ...] = ()
    words: str = ""
    problem: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was typed: `wrong`: field → why it cannot stand; `shown`: each way with what can."""

    wrong: Mapping[str, str] = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()


def listed(desk: Desk) -> list[Listed]:
    known = notices.templates(desk)
    return [
        Listed(event, EVENTS[event].title, state_of(now, known), notices.version(desk, event), now.on, _ways(desk, now))
        for event, now in notices.notices(desk).items()
    ]


def one(desk: Desk, actor: Actor, event: str) -> NoticePage:
    """Raises Refusal for an event that there is not."""
    now, known = _now(desk, event), notices.templates(desk)
    chosen = known.get(now.template)
    others = [(one.id, one.title or one.id) for one in known.values() if not one.gone and one.keys]
    last = notices.last(desk)
    return NoticePage(
        event, EVENTS[event].title, now.on, state_of(now, known), notices.version(desk, event), stamp(now),
        tuple(_lines(desk, now)), tuple(f"{{{VALUES[name]}}}" for name in EVENTS[event].values),
        (chosen.title if chosen else "") or now.template,
        tuple((slug, title) for slug, title in others if slug != now.template),
        tuple(Change(row.set_at, row.set_by, row.change, row.undone_by)
              for row in notices.newest(desk, event, _CHANGES)),
        EVENTS[last].title if last else "", permissions.allowed(notices.SET, actor),
    )  # fmt: skip


def stamp(now: Notice) -> str:
    """By which a form knows that nobody else changed the notice meanwhile."""
    return hashlib.blake2b(json.dumps(asdict(now), sort_keys=True).encode(), digest_size=8).hexdigest()


def tried(desk: Desk, event: str, typed: Mapping[str, str], order: Reference | None = None) -> Tried:
    """`typed`: field → words, as far as they were typed; `order`: whose values are shown, else made-up ones. Raises
    Refusal for an order that there is not."""
    now = _now(desk, event)
    wrong = _wrong(desk, now, typed)
    draft = _drafted(desk, now, {name: words for name, words in typed.items() if name not in wrong})
    return Tried(wrong, tuple(_shown(desk, draft, _values(desk, event, order))))


def save(desk: Desk, actor: Actor, event: str, typed: Mapping[str, str]) -> str:
    """All that was typed at once, as one change; says what is new. Raises Refusal where anything of it cannot stand, or
    nothing is new."""
    permissions.check(desk, notices.SET, actor)
    now = _now(desk, event)
    if wrong := _wrong(desk, now, typed):
        raise Refusal(f"还没有保存：{'；'.join(wrong.values())}")
    made = _drafted(desk, now, typed)
    labels = {line.name: line.label for line in _lines(desk, now)}
    before, after = {**now.fields, PLAIN: now.plain}, {**made.fields, PLAIN: made.plain}
    changed = [name for name in after if after[name] != before.get(name, "")]
    change = "；".join(f"{labels.get(name, name)}：{before.get(name) or '无'} → {after[name]}" for name in changed)
    notices.put(desk, actor, (now, made), change)
    return change


def _now(desk: Desk, event: str) -> Notice:
    if event not in EVENTS:
        raise Refusal("没有这种客户通知")
    return notices.notice(desk, event)


def _lines(desk: Desk, now: Notice) -> list[Line]:
    found = []
    for key in notices.keys_of(desk, now):
        says = "从审核过的词里选" if key.words else fields.kind_of(key.key).says
        label = key.label or key.key
        found.append(Line(key.key, label, says, key.words, now.fields.get(key.key, "")))
    plain = "微信客服和话术用；4 到 300 个字，不能有网址"
    return [*found, Line(PLAIN, "文字", plain, (), now.plain)]


def _keys(desk: Desk, now: Notice) -> dict[str, Key]:
    return {key.key: key for key in notices.keys_of(desk, now)}


def _wrong(desk: Desk, now: Notice, typed: Mapping[str, str]) -> dict[str, str]:
    """Of what differs from what holds."""
    keys, wrong = _keys(desk, now), {}
    for name, words in typed.items():
        if words == (now.plain if name == PLAIN else now.fields.get(name, "")):
            continue
        try:
            if name == PLAIN:
                editing.check_plain(now.event, words)
            elif name in keys:
                editing.check(now.event, keys[name], words)
        except Refusal as refusal:
            wrong[name] = str(refusal)
    return wrong


def _drafted(desk: Desk, now: Notice, typed: Mapping[str, str]) -> Notice:
    known = {name: words for name, words in typed.items() if name in _keys(desk, now)}
    return replace(now, fields={**now.fields, **known}, plain=typed.get(PLAIN, now.plain))


def _values(desk: Desk, event: str, wanted: Reference | None) -> dict[str, str]:
    """Of a real order, its number masked; else as an order could have them."""
    if wanted is None:
        return {name: editing.SAMPLE[name] for name in EVENTS[event].values}
    order_id = find.one(desk, wanted)
    order = state.order(desk, order_id)
    values = state.values(order, state.goods_of(desk, [order_id]).get(order_id, ""), desk.now)
    missing = {name: editing.SAMPLE[name] for name in EVENTS[event].values if not values.get(name)}
    return {**values, **missing, "number": masked(values["number"])}


def _ways(desk: Desk, now: Notice) -> tuple[str, ...]:
    letter = filling.drafted(desk, now, [{}])
    by_words = ["wecom_kf"] if desk.settings.kf is not None else []
    return tuple(WAYS[way] for way in WAYS if way in letter.filled or way in by_words)


def _shown(desk: Desk, draft: Notice, values: dict[str, str]) -> list[Shown]:
    letter = filling.drafted(desk, draft, [values])
    found = []
    if draft.template:
        lines, problem = editing.preview(desk, draft, values)
        known = notices.templates(desk).get(draft.template)
        gone = "模板在公众号后台已不存在，请换一个" if known is not None and known.gone else ""
        found.append(Shown("wechat_oa", known.title if known else "", tuple(lines), problem=gone or problem))
    for way in ("wechat_subscribe", "wechat_mini"):
        if (one := letter.filled.get(way)) is not None:
            lines = [editing.Line(_means(desk, way, draft.event, key), value) for key, value in one.values.items()]
            found.append(Shown(way, "", tuple(lines), problem=one.problem, note="内容由配置文件定，这里改不了"))
    if desk.settings.kf is not None:
        found.append(Shown("wecom_kf", words=letter.words))
    if (one := letter.filled.get("sms")) is not None:
        said = list(desk.settings.sms.templates[notices.name_of(draft.event)].values) if desk.settings.sms else []
        lines = [editing.Line(VALUES[name], one.values[str(at)]) for at, name in enumerate(said, 1)]
        note = "正文是短信平台审核过的模板，这里只填进这几处"
        found.append(Shown("sms", "", tuple(lines), problem=one.problem, note=note))
    return found


def _means(desk: Desk, way: str, event: str, key: str) -> str:
    """What a configured template's key holds, for nobody knows its label."""
    account, mini = desk.settings.weixin, desk.settings.mini
    told = account.notices if way == "wechat_subscribe" and account else mini.templates if mini else {}
    found = notices.configured(told, event)
    return next((VALUES[name] for name, one in found.keys.items() if one == key), key) if found else key


def title_of(shown: Shown) -> str:
    return WAYS[shown.way]


def undo(desk: Desk, actor: Actor, event: str) -> str:
    """The newest change of all notices, which must be this one's: what is taken back was seen. Raises Refusal."""
    permissions.check(desk, notices.SET, actor)
    last = notices.last(desk)
    if last and last != event:
        raise Refusal(f"最近一次改动是「{EVENTS[last].title}」通知的，请到那一页撤销")
    return notices.undo(desk, actor)[1]


def read(typed: Mapping[str, str], lines: Sequence[Line]) -> dict[str, str]:
    """Of what was sent the fields that the form has, as people see them: trimmed."""
    names = {line.name for line in lines}
    return {name: words.replace("\r\n", "\n").strip() for name, words in typed.items() if name in names}
