"""改地址, 改电话 as they are typed: 1:1 alone, an order and what is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from handlers import find, show
from handlers.commands.command import Request
from handlers.desk import Actor, Desk, Refusal
from handlers.receivers import change
from handlers.views import View


@dataclass(frozen=True)
class _Changing:
    """`ask` is said where nothing new is written, with the order's number for {}."""

    what: str
    ask: str
    do: Callable[[Desk, int, Actor, str], str]


_ADDRESS: Final = _Changing("改地址", "改成哪里？请发：改地址 {} 新地址", change.address)
_PHONE: Final = _Changing("改电话", "改成多少？请发：改电话 {} 13800001234", change.phone)


def address(desk: Desk, request: Request, actor: Actor) -> View:
    return _changed(desk, request, actor, _ADDRESS)


def phone(desk: Desk, request: Request, actor: Actor) -> View:
    return _changed(desk, request, actor, _PHONE)


def _changed(desk: Desk, request: Request, actor: Actor, changing: _Changing) -> View:
    if request.incoming.is_group:
        raise Refusal(change.IN_A_GROUP)
    wanted, rest = find.one_in(desk, request.rest, changing.what)
    words = rest.strip(" ,，:：;；")
    if not words:
        raise Refusal(changing.ask.format(wanted.shown))
    order_id = find.one(desk, wanted)
    return show.show_order(desk, order_id, actor, note=changing.do(desk, order_id, actor, words))
