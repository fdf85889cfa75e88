"""What every command is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from handlers.desk import Actor, Desk
from handlers.incoming import Incoming
from handlers.permissions import Permit
from handlers.views import View


@dataclass(frozen=True, slots=True)
class Request:
    """`rest` is what stands behind the command's name; `known` every command that there is; `code` a case's short
    code."""

    incoming: Incoming
    rest: str
    known: Iterable[Command]
    code: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """`names`: as people type it, the first one is shown. `about_order`: it names an order first, or quotes a card.
    `asks`: it changes nothing, so that it may be asked again at any time."""

    names: tuple[str, ...]
    usage: str
    does: str
    run: Callable[[Desk, Request, Actor], View]
    permit: Permit
    about_order: bool = False
    asks: bool = False
