"""Changing what customers are told, line by line: every line is checked when it is written, and explained where it
cannot be sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from handlers.customers import events, fields, notices
from handlers.customers.events import EVENTS, NAMES, VALUES
from handlers.customers.filling import filled_in
from handlers.customers.notices import Key, Known, Notice
from handlers.desk import Actor, Desk, Refusal

_MOST_PLAIN: Final = 300
_CUT: Final = ("thing", "short_thing")  # kinds of which a too long value is cut, and people are told so
SAMPLE: Final = {
    "number": "2000000000000012345", "goods": "马克杯 红色 ×2", "courier": "顺丰速运", "waybill": "SF1234567890123",
    "time": "2026年1月5日 18:00", "result": "已处理", "reason": "商品缺货", "deadline": "2026年1月5日 18:00",
    "amount": "¥69.00", "rest": "餐盘 ×1，预计 01-05 18:00 前发出",
    "words": "亲，非常抱歉，您购买的马克杯 红色暂时缺货，预计 01-05 到货，到货后优先为您发出。",
}  # fmt: skip
# What a template's label most likely means, the narrower first.
_MEANS: Final = (
    ("其余|剩余", "rest"), ("快递单号|物流单号|运单", "waybill"), ("订单", "number"), ("商品|名称|物品|货品", "goods"),
    ("快递|物流|承运", "courier"), ("原定|承诺|应", "deadline"), ("时间|日期", "time"), ("原因", "reason"),
    ("结果|状态|进度", "result"), ("金额|退款", "amount"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a notice as the customer sees it. `cut`: it was longer."""

    label: str
    value: str
    cut: bool = False


def set_line(desk: Desk, actor: Actor, event: str, about: tuple[str, str]) -> str:
    """`about`: a key or its label, and its new words. Says what changed. Raises Refusal."""
    name, words = about
    now = notices.notice(desk, event)
    key = _key(desk, now, name)
    check(event, key, words)
    before = now.fields.get(key.key, "")
    change = f"{key.label or key.key}：{before or '无'} → {words}"
    notices.put(desk, actor, (now, notices.with_field(now, key.key, words)), change)
    return change + _cut_note(key, words)


def set_plain(desk: Desk, actor: Actor, event: str, words: str) -> str:
    """The words for ways without templates. Raises Refusal."""
    check_plain(event, words)
    change = f"文字：{words}"
    now = notices.notice(desk, event)
    notices.put(desk, actor, (now, replace(now, plain=words)), change)
    return change


def check_plain(event: str, words: str) -> None:
    """Raises Refusal explaining why these cannot be the words for ways without templates."""
    _known_places(event, words)
    if not 4 <= len(words) <= _MOST_PLAIN:
        raise Refusal(f"文字请写 4 到 {_MOST_PLAIN} 个字，现在有 {len(words)} 个")
    if re.search(r"https?://|www\.", words):
        raise Refusal("文字里不能有网址")


def switch(desk: Desk, actor: Actor, event: str, *, on: bool) -> str:
    """Raises Refusal where it is so already."""
    change = "打开" if on else "关闭"
    now = notices.notice(desk, event)
    notices.put(desk, actor, (now, replace(now, on=on)), change)
    return change


def change_template(desk: Desk, actor: Actor, event: str, name: str) -> str:
    """Another template of the account, by its id or title; its lines are filled by what their labels mean. Raises
    Refusal."""
    found = _template(desk, name)
    fields_now = {key.key: _guess(event, key) for key in found.keys}
    now = notices.notice(desk, event)
    change = f"换成模板「{found.title}」"
    notices.put(desk, actor, (now, replace(now, template=found.id, fields=fields_now)), change)
    empty = [key.label or key.key for key in found.keys if not fields_now[key.key]]
    if not empty:
        return change
    return (
        f"{change}。还要写好这些行，否则发不出去：{'、'.join(empty)}，例如：模板 {EVENTS[event].title} {empty[0]} 内容"
    )


def preview(desk: Desk, now: Notice, values: dict[str, str]) -> tuple[list[Line], str]:
    """What the customer sees, and what stands in the way."""
    keys = notices.keys_of(desk, now)
    made = filled_in(now, keys, values)
    lines = []
    for key in keys:
        whole = fields.one_line(events.filled(now.fields.get(key.key, ""), values))
        lines.append(Line(key.label or key.key, made.values[key.key], cut=made.values[key.key] != whole))
    return lines, made.problem


def check(event: str, key: Key, words: str) -> None:
    """Raises Refusal explaining why `words` cannot stand under the key."""
    _known_places(event, words)
    title = f"{key.label}（{key.key}）" if key.label else key.key
    if not events.places(words):
        if said := fields.complaint(key.key, words, key.words):
            raise Refusal(f"{title}：{said}")
        return
    sample = fields.one_line(events.filled(words, SAMPLE))
    if key.words:
        raise Refusal(f"{title}：只能填审核过的词，不能放会变的内容：{'、'.join(key.words[:8])}")
    cleaned = fields.clean(key.key, sample)
    kept = cleaned == sample or (cleaned and fields.kind_of(key.key) in (fields.KINDS[one] for one in _CUT))
    if not kept:
        raise Refusal(f"{title}：要求{fields.kind_of(key.key).says}。这样写出来是「{sample[:40]}」，放不进去")


def _known_places(event: str, words: str) -> None:
    allowed = [VALUES[name] for name in EVENTS[event].values]
    for place in events.places(words):
        if NAMES.get(place) not in EVENTS[event].values:
            known = " ".join(f"{{{title}}}" for title in allowed)
            raise Refusal(f"「{EVENTS[event].title}」通知里没有 {{{place}}} 这个内容，可以写：{known}")
    if words.count("{") + words.count("｛") != len(events.places(words)):
        raise Refusal("括号没有成对，内容请写成 {订单号} 这样")


def _key(desk: Desk, now: Notice, name: str) -> Key:
    keys = notices.keys_of(desk, now)
    if not keys:
        raise Refusal(f"「{EVENTS[now.event].title}」还没有选模板，请先发：模板 {EVENTS[now.event].title} 换 模板名称")
    found = [key for key in keys if name in (key.key, key.label)]
    if len(found) == 1:
        return found[0]
    known = "、".join(f"{key.label or key.key}" for key in keys)
    raise Refusal(f"这个模板没有「{name[:12]}」这一行，可以改：{known}")


def _template(desk: Desk, name: str) -> Known:
    listed = [one for one in notices.templates(desk).values() if not one.gone and one.keys]
    found = [one for one in listed if name in (one.id, one.title)]
    if len(found) == 1:
        return found[0]
    if not listed:
        raise Refusal("还没有读到公众号的模板，请先发：模板 读取，过一会儿再换")
    if len(found) > 1:
        raise Refusal(f"有 {len(found)} 个模板叫「{name[:20]}」，请写模板 ID：{'、'.join(one.id for one in found[:5])}")
    raise Refusal(f"没有「{name[:20]}」这个模板，可以换成：{'、'.join(one.title for one in listed[:10])}")


def _guess(event: str, key: Key) -> str:
    for pattern, value in _MEANS:
        if re.search(pattern, key.label):
            fits = value in EVENTS[event].values and not key.words
            return f"{{{VALUES[value]}}}" if fits else ""
    return ""


def _cut_note(key: Key, words: str) -> str:
    sample = fields.one_line(events.filled(words, SAMPLE))
    cut = bool(events.places(words)) and fields.clean(key.key, sample) != sample
    return "（太长时会截短，请用预览看效果）" if cut else ""
