"""Somebody says what the columns of a file are: by `列 …` in the chat, or by the drop-downs of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handlers import permissions
from handlers.desk import Actor, Desk, Refusal
from handlers.received import headings, received
from handlers.received import look as received_look
from models import Received
from models.fields import lacking, title
from models.received import State
from texts import order as order_text


def say(desk: Desk, actor: Actor, text: str) -> str:
    """`列 收货信息=地址 货品=商品` about the file that the actor sent last; what to answer. Raises Refusal."""
    permissions.check(desk, received.PERMIT, actor)
    said = headings.pairs(text)
    file = received_look.latest(desk, actor, State.MAPPING)
    if file is None:
        raise Refusal("没有等着说明表头的文件，请先把表格发给机器人")
    look = map_columns(desk, file, actor, said)
    if look.missing:
        lacks = "、".join(title(field) for field in look.missing)
        return f"记住了。还缺「{lacks}」，请接着说，例如：\n{headings.example(look.unknown, look.missing)}"
    received.make_ready(desk, file, actor)
    return f"记住了，以后同样表头的表格直接就能导入。{received.named(file)}（{look.rows} 行）正在导入…"


def map_columns(desk: Desk, file: Received, actor: Actor, said: Mapping[str, str]) -> received_look.Look:
    """heading → field; remembered, and the file's look brought up to date. Raises Refusal."""
    permissions.check(desk, received.PERMIT, actor)
    look = received_look.look_of(desk, file)
    if look is None or file.state not in (State.MAPPING, State.PREVIEW):
        raise Refusal("这个文件现在不需要说明表头，请刷新页面看看")
    columns = headings.applied(look.columns, said)
    if columns != look.columns:
        headings.remember(desk, look.mark, columns, actor)
    named = replace(look, columns=columns, whole_address=_whole_address(columns, look))
    return received_look.keep(desk, file, replace(named, missing=_missing(columns, named, look)))


def _whole_address(columns: Sequence[tuple[str, str]], look: received_look.Look) -> bool:
    """Whether the column that is now called the address holds the person and the phone too, as its first filled cell
    does (the same is asked when a table is read, ingest/sheet/look.py)."""
    place = next((at for at, (_, field) in enumerate(columns) if field == "address"), None)
    if place is None:
        return False
    return order_text.holds_receiver(next((row[place] for row in look.sample if row[place]), ""))


def _missing(
    columns: Sequence[tuple[str, str]], now: received_look.Look, look: received_look.Look
) -> tuple[str, ...]:  # fmt: skip
    """Of a report that names nobody nothing is asked."""
    known = {field for _, field in columns if field}
    if not look.missing and "address" not in {field for _, field in look.columns}:
        return ()
    return lacking(known, whole_address=now.whole_address)
