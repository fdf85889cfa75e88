"""Who is told is decided by a handler (group, staff, customer); how, by this table. Rungs are tried from the top: one
that the settings, the process or a receiver rules out is skipped, one that fails for good leads to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from redis import Redis
from sqlalchemy.orm import Session

from bot.channels import CHANNELS, Tools
from bot.channels.sending import Sender
from config import Settings
from handlers.customers import reach
from handlers.desk import Desk
from handlers.manners import readers
from models import Notification, Staff
from models.people import platform_of

if TYPE_CHECKING:
    from bot.channels.wecom_bot.connection import Link

Home = Literal["worker", "stream"]


class To(StrEnum):
    GROUP = "group"  # the home group
    CHAT = "chat"  # the group that the row names: where somebody asked
    ROLE = "role"  # those whose matter the case is now, 1:1
    PERSON = "person"
    CUSTOMER = "customer"


def _always(_settings: Settings, _is_card: bool) -> bool:
    return True


def _is_card(_settings: Settings, is_card: bool) -> bool:
    return is_card


def _is_text(_settings: Settings, is_card: bool) -> bool:
    """A text needs no buttons: it stays in a group while any way leads there."""
    return not is_card


def _group_takes_it(settings: Settings, is_card: bool) -> bool:
    """Whether button cards may be pushed into groups is not settled by the platform's pages: a setting."""
    return settings.bot is not None and (settings.bot.push_group_cards or not is_card)


@dataclass(frozen=True, slots=True)
class Rung:
    """`as_text`: the card as lines with its short code and the board's address; of a file the words in its place."""

    channel: str
    to: To
    when: Callable[[Settings, bool], bool] = _always
    as_text: bool = False

    @property
    def name(self) -> str:
        """By which a row remembers the rung that took it."""
        return f"{self.channel}+text" if self.as_text else self.channel


LADDER: Final[dict[str, tuple[Rung, ...]]] = {
    "group": (
        Rung("wecom_bot", To.GROUP, when=_group_takes_it),
        Rung("wecom_appchat", To.GROUP, when=_is_text),
        Rung("wecom_hook", To.GROUP, when=_is_text),
        Rung("wecom_app", To.ROLE),
        Rung("wecom_appchat", To.GROUP, when=_is_card),
        Rung("wecom_bot", To.GROUP, as_text=True),
        Rung("wecom_hook", To.GROUP, when=_is_card),
    ),
    "chat_dingtalk": (Rung("dingtalk", To.CHAT), Rung("dingtalk", To.CHAT, as_text=True)),
    "group_dingtalk": (
        Rung("dingtalk", To.GROUP),
        Rung("dingtalk_hook", To.GROUP, when=_is_text),
        Rung("dingtalk", To.ROLE),
        Rung("dingtalk", To.GROUP, as_text=True),
        Rung("dingtalk_hook", To.GROUP, when=_is_card),
    ),
    "staff": (
        Rung("wecom_app", To.PERSON),
        Rung("wecom_bot", To.PERSON),
        Rung("wecom_bot", To.PERSON, as_text=True),
        Rung("dingtalk", To.PERSON),
        Rung("dingtalk", To.PERSON, as_text=True),
        Rung("dingtalk_notice", To.PERSON),
    ),
    "customer": (
        Rung("wechat_oa", To.CUSTOMER),
        Rung("wechat_subscribe", To.CUSTOMER),
        Rung("wechat_mini", To.CUSTOMER),
        Rung("wecom_kf", To.CUSTOMER),
        Rung("sms", To.CUSTOMER),
    ),
    "customer_kf": (Rung("wecom_kf", To.CHAT),),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A rung that can be tried now, and the platform's id of who is reached."""

    rung: Rung
    sender: Sender
    recipient: str

    def memory(self, *, is_card: bool) -> timedelta:
        """How long the platform takes the same message for one that it has."""
        channel = CHANNELS[self.rung.channel]
        return channel.knows_card if is_card and not self.rung.as_text else channel.knows_text


class Ways:
    """The rungs that one process can use, and the logical channels that it serves."""

    def __init__(self, channels: tuple[str, ...], tools: Tools) -> None:
        self.channels = channels
        self.redis = tools.redis
        self._settings = tools.settings
        opened = {slug: channel.open_sender(tools) for slug, channel in CHANNELS.items()}
        self.senders: dict[str, Sender] = {slug: sender for slug, sender in opened.items() if sender is not None}

    def serves(self, channel: str) -> bool:
        """Whether any rung could be tried at all with these settings."""
        return any(rung.channel in self.senders for rung in LADDER[channel])

    def find(self, desk: Desk, row: Notification, *, is_card: bool) -> list[Way]:
        """The ways to the row's receiver from the best down; empty when there is none."""
        found = []
        person = _staff(desk.session, row.recipient) if row.channel == "staff" else None
        for rung in LADDER[row.channel]:
            sender = self.senders.get(rung.channel)
            if sender is None or not rung.when(self._settings, is_card) or (rung.as_text and not is_card):
                continue
            if rung.to is To.CUSTOMER:
                recipient = reach.address(desk.session, row, rung.channel, desk.now)
            else:
                recipient = self._recipient(desk, rung, row, person)
            if recipient:
                found.append(Way(rung, sender, recipient))
        return _where_they_look(person, found)

    def _recipient(self, desk: Desk, rung: Rung, row: Notification, person: Staff | None) -> str:
        if rung.to is To.GROUP:
            return CHANNELS[rung.channel].group(self._settings)
        if rung.to is To.ROLE:
            platform = platform_of(rung.channel)
            return "|".join(one.userids[platform] for one in readers.of(desk, row, platform))
        if rung.to is To.PERSON:
            return person.userids.get(platform_of(rung.channel), "") if person is not None else ""
        return row.recipient


def ways(settings: Settings, redis: Redis, *, home: Home, link: Callable[[], Link | None] | None = None) -> Ways:
    """What the process `home` delivers and how: "stream" serves the channels that begin with the long connection,
    "worker" the others. Without `link` the bot's rungs are skipped."""
    held = channels_of_stream(settings)
    channels = held if home == "stream" else tuple(channel for channel in LADDER if channel not in held)
    return Ways(channels, Tools(settings, redis, link))


def for_file(found: Sequence[Way]) -> list[Way]:
    """How a file may go by these ways: 1:1 alone, where the channel takes one; after that, by any of them, the words
    that say where to get it."""
    taking = [way for way in found if way.rung.to is To.PERSON and CHANNELS[way.rung.channel].files]
    return taking + [replace(way, rung=replace(way.rung, as_text=True)) for way in found]


def channels_of_stream(settings: Settings) -> tuple[str, ...]:
    """The logical channels whose first usable rung is the bot, where the bot has a long connection."""
    if settings.bot is None or settings.bot.mode != "stream":
        return ()
    return tuple(channel for channel, rungs in LADDER.items() if _first(rungs, settings) == "wecom_bot")


def reaches(settings: Settings, channel: str) -> bool:
    """Whether a logical channel leads anywhere at all with these settings: a bot by URL only answers."""
    answers_only = settings.bot is not None and settings.bot.mode != "stream"
    rungs = (rung for rung in LADDER[channel] if not (answers_only and rung.channel == "wecom_bot"))
    return any(CHANNELS[rung.channel].configured(settings) for rung in rungs)


def _first(rungs: tuple[Rung, ...], settings: Settings) -> str:
    usable = (
        rung.channel for rung in rungs if CHANNELS[rung.channel].configured(settings) and rung.when(settings, False)
    )
    return next(usable, "")


def _staff(session: Session, staff_id: str) -> Staff | None:
    staff = session.get(Staff, int(staff_id)) if staff_id.isdecimal() else None
    return staff if staff is not None and staff.active else None


def _where_they_look(person: Staff | None, found: list[Way]) -> list[Way]:
    """Of somebody who is on several platforms, the rungs of the one on which they spoke last come first."""
    if person is None:
        return found
    return sorted(found, key=lambda way: platform_of(way.rung.channel) != person.heard_on)
