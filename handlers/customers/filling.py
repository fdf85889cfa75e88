"""What one message to a customer says on each way it may go: checked values of a template, or plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from config_customers import SmsTemplate
from config_kinds import TemplateName
from handlers.customers import events, fields, notices
from handlers.customers.notices import Key, Notice
from handlers.desk import Desk

_MOST_LINES: Final = 5
_SMS_VALUE: Final = 20  # characters of one value
_NOT_ALIKE: Final = "缺货，各单到货时间不同"


@dataclass(frozen=True, slots=True)
class Filled:
    """`template`: the platform's id. `values`: its key → value. `problem`: why it cannot be sent, "" where it can."""

    template: str
    values: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """`filled`: channel → template; a channel without one is not there. `words`: for ways that take free words."""

    event: str
    filled: Mapping[str, Filled]
    words: str


def letter(desk: Desk, event: str, several: Sequence[Mapping[str, str]]) -> Letter:
    """`several`: the values of each order that is told of, at least one; a template tells of the first and counts the
    others."""
    return drafted(desk, notices.notice(desk, event), several)


def drafted(desk: Desk, now: Notice, several: Sequence[Mapping[str, str]]) -> Letter:
    """The same with a notice that does not hold yet."""
    event = now.event
    values = _counted(several) | (_of_all(several) if event == "stock" else {})
    found: dict[str, Filled] = {}
    if now.template:
        found["wechat_oa"] = _template(desk, now, values)
    account, mini, sms = desk.settings.weixin, desk.settings.mini, desk.settings.sms
    if account is not None and (one := notices.configured(account.notices, event)):
        found["wechat_subscribe"] = _plainly(one.id, one.keys, values)
    if mini is not None and (one := notices.configured(mini.templates, event)):
        found["wechat_mini"] = _plainly(one.id, one.keys, values)
    if sms is not None and event in sms.important and (text := _sms(sms.templates, event)):
        found["sms"] = _message(text, values)
    return Letter(event, found, _words(now, several))


def filled_in(now: Notice, keys: Sequence[Key], values: Mapping[str, str]) -> Filled:
    """A notice with these values; its problem names the key that is missing, or that nothing fits."""
    made: dict[str, str] = {}
    for key in keys:
        made[key.key] = fields.clean(key.key, events.filled(now.fields.get(key.key, ""), values), key.words)
    empty = [f"{key.label or key.key}（{key.key}）" for key in keys if not made[key.key]]
    return Filled(now.template, made, f"模板里 {'、'.join(empty)} 没有内容" if empty else "")


def _template(desk: Desk, now: Notice, values: Mapping[str, str]) -> Filled:
    known = notices.templates(desk).get(now.template)
    if known is not None and known.gone:
        return Filled(now.template, problem="模板在公众号后台已不存在，请发「模板」换一个")
    return filled_in(now, notices.keys_of(desk, now), values)


def _plainly(template: str, keys: Mapping[str, str], values: Mapping[str, str]) -> Filled:
    """`keys`: our value → the template's key."""
    made = {key: fields.clean(key, values.get(name, "")) for name, key in keys.items()}
    empty = [key for key, value in made.items() if not value]
    return Filled(template, made, f"模板里 {'、'.join(empty)} 没有内容" if empty else "")


def _message(template: SmsTemplate, values: Mapping[str, str]) -> Filled:
    made = {str(at): fields.one_line(values.get(name, ""))[:_SMS_VALUE] for at, name in enumerate(template.values, 1)}
    empty = [f"{{{at}}}" for at, value in made.items() if not value]
    return Filled(template.id, made, f"短信模板里 {'、'.join(empty)} 没有内容" if empty else "")


def _sms(templates: Mapping[TemplateName, SmsTemplate], event: str) -> SmsTemplate | None:
    return next((one for name, one in templates.items() if name == event), None)


def _of_all(several: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """A template has room for one day: it is no promise to an order that waits longer, or nobody knows how long."""
    if len({one.get("reason") for one in several}) == 1:
        return {}
    return {"reason": _NOT_ALIKE, "time": max(one.get("time", "") for one in several)}


def _counted(several: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first = dict(several[0])
    if len(several) == 1 or "goods" not in first:
        return first
    # The count must survive the cut to a thing's twenty characters.
    count = f" 等{len(several)}单"
    goods = first["goods"]
    room = 20 - len(count)
    return {**first, "goods": (goods if len(goods) <= room else goods[: room - 1] + "…") + count}


def _words(now: Notice, several: Sequence[Mapping[str, str]]) -> str:
    lines = [events.filled(now.plain, _explained(values)) for values in several[:_MOST_LINES]]
    more = len(several) - len(lines)
    return "\n".join([*lines, f"另有 {more} 单情况相同。"] if more else lines)


def _explained(values: Mapping[str, str]) -> Mapping[str, str]:
    """What nobody put into a sentence is explained by its reason."""
    if values.get("words") or "reason" not in values:
        return values
    return {**values, "words": f"很抱歉，您购买的{values.get('goods') or '商品'}还不能发出（{values['reason']}）。"}
