"""The Sender of DingTalk's robot: cards that can be changed at any time, texts, pictures, files; groups and 1:1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels.dingtalk import posting
from bot.channels.dingtalk.api import DingApi
from bot.channels.dingtalk.errors import (
    EXISTS,
    GONE,
    NO_RECALL,
    NO_USER,
    NOBODY,
    SECOND,
    TOO_MANY,
    USED_UP,
    not_delivered,
)
from bot.channels.dingtalk.notes import Notes
from bot.channels.dingtalk.quota import Kind
from bot.channels.dingtalk.render import message
from bot.channels.dingtalk.shown import Shown
from bot.channels.pace import Pace
from bot.channels.sending import (
    REDIS_AWAY,
    Body,
    Change,
    Enclosed,
    Parcel,
    Reaction,
    Receipt,
    Resolution,
    SendError,
    Whose,
)
from config_chat import DingTalk

_MOST_AT_ONCE: Final = 20  # people in one call
_THERE: Final = "重发时平台已有这张卡片"
# Why a message waits although the platform answers; without a code it would count as silent.
_OWN_LIMIT: Final = "calls_per_second"
_ITS_TURN: Final = "outTrackId"
_SLOWED: Final = "flowControlledStaffIdList"
_SAVING: Final = Resolution(Reaction.USED, Whose.IT, "本月的钉钉接口额度快用完了，卡片不再更新")


class DingSender:
    """A paid call each, or one for each person where a card goes to several."""

    def __init__(self, settings: DingTalk, redis: Redis, link: str, api: DingApi | None = None) -> None:
        self._settings = settings
        self._link = link
        self._api = api or DingApi(settings, redis)
        self._notes = Notes(redis)
        self._shown = Shown(redis)
        self._pace = Pace(redis, "dingtalk")
        self._seconds = _Seconds(redis, settings.calls_per_second)

    def wait_seconds(self, recipient: str) -> float:
        people = recipient.split("|")
        try:
            return self._seconds.wait(len(people)) or self._pace.wait_seconds(people)
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        """A card's outTrackId is the parcel's key: the same parcel again is the same card."""
        self._api.quota.check(Kind.CALLS, urgent=parcel.urgent)
        if isinstance(parcel.drawing, Card):
            return self._send_card(parcel, parcel.drawing)
        if isinstance(parcel.drawing, Enclosed):
            return self._send_message(parcel, posting.enclosed(self._api, parcel.drawing))
        assert isinstance(parcel.drawing, Text)
        return self._send_message(parcel, message(parcel.drawing, self._link))

    def change(self, change: Change) -> None:
        """For everybody who has the card. What somebody alone was told of an older state goes. Nothing is sent where
        the card was given a newer state meanwhile."""
        try:
            with self._shown.turn(change.task_id) as mine:
                if not mine:
                    raise SendError(SECOND, _ITS_TURN)
                self._change(change)
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def _change(self, change: Change) -> None:
        revision = change.card.revision
        if self._shown.reach(change.task_id, revision) > revision:
            return
        try:
            self._api.quota.check(Kind.CALLS)
            wait = self._seconds.wait(1)
        except SendError as error:
            raise SendError(_SAVING) if error.permanent else error from None
        if wait:
            raise SendError(SECOND, _OWN_LIMIT)
        outdated = self._notes.outdated(change.task_id, revision)
        try:
            self._put(change, outdated)
        except SendError as error:
            raise SendError(_SAVING, error.code) if error.resolution is USED_UP else error from None
        self._notes.taken_off(change.task_id, outdated)

    def _put(self, change: Change, outdated: Sequence[str]) -> None:
        """Somebody who had a line of their own may have left the company: that stops nobody else's card."""
        try:
            self._api.call("PUT", posting.CARD, posting.changed(change, self._settings, outdated))
        except SendError as error:
            if not (outdated and error.code in NO_USER):
                raise
            self._api.call("PUT", posting.CARD, posting.changed(change, self._settings))

    def recall(self, msgid: str) -> None:
        """Take back a text, picture or file, within a day; `msgid` as the receipt told it: `group|key`, `|key` for 1:1,
        without a bar for a card. Raises SendError; a card cannot be taken back."""
        group, bar, key = msgid.partition("|")
        if not bar:
            raise SendError(NO_RECALL)
        body: Body = {"robotCode": self._settings.robot, "processQueryKeys": [key]}
        if group:
            path, body = "v1.0/robot/groupMessages/recall", body | {"openConversationId": group}
        else:
            path = "v1.0/robot/otoMessages/batchRecall"
        if key not in self._api.call("POST", path, body).get("successResult", []):
            raise SendError(GONE)

    # cards

    def _send_card(self, parcel: Parcel, card: Card) -> Receipt:
        first, *others = [parcel.recipient] if parcel.is_group else parcel.recipient.split("|")
        try:
            made = self._deliver(posting.CREATE, posting.created(parcel, card, first, self._settings))
        except SendError as error:
            # After a lost answer it says that the card had arrived.
            if not (parcel.again and error.code == EXISTS):
                raise
            made = Receipt(problem=_THERE)
        failed = [(one, why) for one in others if (why := self._also_to(parcel, card, one)) is not None]
        # Whom a passing error held up is tried once more, after the others; not who may have the card already.
        lost = [
            one for one, why in failed if why.permanent or why.unknown or self._also_to(parcel, card, one) is not None
        ]
        return Receipt(made.msgid, problem="、".join(part for part in (made.problem, *lost) if part))

    def _also_to(self, parcel: Parcel, card: Card, userid: str) -> SendError | None:
        """The same card in one more chat. Whoever cannot be reached is left out: the others have it already."""
        try:
            self._deliver(posting.DELIVER, posting.delivered(parcel, card, userid))
        except SendError as error:
            return error
        return None

    def _deliver(self, path: str, body: Body) -> Receipt:
        """`success` at the top does not mean that it was delivered: each entry says so of itself."""
        answer = self._api.call("POST", path, body)
        result = answer.get("result")
        entries = result.get("deliverResults", ()) if isinstance(result, dict) else result or ()
        for entry in entries:
            if not entry.get("success"):
                raise SendError(not_delivered(str(entry.get("spaceType", "")), str(entry.get("errorMsg") or "")))
        carrier = next((str(entry.get("carrierId") or "") for entry in entries), "")
        return Receipt(carrier)

    # messages

    def _send_message(self, parcel: Parcel, content: Body) -> Receipt:
        robot = {"robotCode": self._settings.robot, **content}
        if parcel.is_group:
            body = robot | {"openConversationId": parcel.recipient}
            answer = self._api.call("POST", "v1.0/robot/groupMessages/send", body)
            return Receipt(f"{parcel.recipient}|{answer.get('processQueryKey', '')}")
        return self._send_to_people(parcel.recipient.split("|"), robot)

    def _send_to_people(self, people: Sequence[str], robot: Body) -> Receipt:
        """Raises SendError where nobody was reached."""
        first = self._send_to_some(people[:_MOST_AT_ONCE], robot)
        lost = [first.problem]
        for start in range(_MOST_AT_ONCE, len(people), _MOST_AT_ONCE):
            some = people[start : start + _MOST_AT_ONCE]
            try:
                lost.append(self._send_to_some(some, robot).problem)
            except SendError:  # the first have it already
                lost += some
        return Receipt(first.msgid, problem="、".join(one for one in lost if one))

    def _send_to_some(self, people: Sequence[str], robot: Body) -> Receipt:
        """An answer without an error does not mean that everybody was reached."""
        answer = self._api.call("POST", "v1.0/robot/oToMessages/batchSend", robot | {"userIds": list(people)})
        lost = [str(one) for one in answer.get("invalidStaffIdList") or ()]
        slowed = [str(one) for one in answer.get("flowControlledStaffIdList") or ()]
        if not set(people) - {*lost, *slowed}:
            raise SendError(TOO_MANY, _SLOWED) if slowed else SendError(NOBODY)
        return Receipt(f"|{answer.get('processQueryKey', '')}", problem="、".join((*lost, *slowed)))


class _Seconds:
    """Calls of one second, of all processes."""

    def __init__(self, redis: Redis, most: int) -> None:
        storage = RedisStorage("redis://", connection_pool=redis.connection_pool, key_prefix="hub:pace")
        self._limiter = MovingWindowRateLimiter(storage)
        self._window = RateLimitItemPerSecond(most)
        self._most = most

    def wait(self, calls: int) -> float:
        """0 and so many counted, or a second and none counted."""
        return 0.0 if self._limiter.hit(self._window, "dingtalk", cost=min(calls, self._most)) else 1.1
