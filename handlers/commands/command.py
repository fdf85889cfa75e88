"""What every command is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from config import Settings
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


class Group(StrEnum):
    """Under which heading 帮助 shows a command, in this order."""

    ASK = "查询"
    ACT = "处理"
    PEOPLE = "人员"
    STEER = "设置"


def everywhere(_settings: Settings) -> bool:
    return True


def with_shop(platform: str) -> Callable[[Settings], bool]:
    """Where a shop of that platform is switched on: orders made in chat need one of their own, tables too."""
    return lambda settings: any(shop.platform == platform and shop.enabled for shop in settings.shops)


@dataclass(frozen=True, slots=True)
class Looking:
    """The part of a command that only asks, as 帮助 shows it to whoever may change nothing by it."""

    usage: str
    does: str
    example: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """`names`: as people type it, the first one is shown. `about_order`: it names an order first, or quotes a card.
    `asks`: it changes nothing, so that it may be asked again at any time, and a misspelt one may be guessed.
    `group`: its heading in 帮助; `example`: a whole line as somebody would type it; `brief`: a
    few characters beside its name, where 帮助 lists many; `more`: what 帮助 says beyond `does` when it is asked about
    this command alone, a sentence a line. `changes`: who may give the forms of it that change something, where that is
    not everybody whom `permit` names; `looking`: what 帮助 shows the others of it. `there`: whether it can work here at
    all; 帮助 does not list it otherwise, and it says itself what is lacking."""

    names: tuple[str, ...]
    usage: str
    does: str
    run: Callable[[Desk, Request, Actor], View]
    permit: Permit
    about_order: bool = False
    asks: bool = False
    group: Group = Group.ACT
    example: str = ""
    brief: str = ""
    more: tuple[str, ...] = ()
    changes: Permit | None = None
    looking: Looking | None = None
    there: Callable[[Settings], bool] = everywhere
