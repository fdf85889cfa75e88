"""Encrypted member ids as plain ones. A 智能机器人 that the super administrator did not make is told encrypted ids; the
app can convert those of members within its range (wecom.md 5.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.channels.wecom_app.api import App

_AT_ONCE: Final = 1000
_KEPT_SECONDS: Final = 7 * 24 * 3600
_STRANGE_SECONDS: Final = 3600  # of an id that is plain already, or of somebody whom the app does not see


class PlainIds:
    """Kept in Redis, so that nobody is asked about at every message. Redis away: asked again."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._prefix = "hub:plainid:" + hashlib.sha256(app.settings.corpid.encode()).hexdigest()[:12]

    def plain_ids(self, ids: Iterable[str]) -> dict[str, str]:
        """Each id with the plain one, in lower case. What is plain already, or not of a member whom the app sees, stays
        as it is. Raises SendError."""
        wanted = list(dict.fromkeys(one for one in ids if one))
        known = self._kept(wanted)
        for part in _parts([one for one in wanted if one not in known]):
            told = self._app.post("batch/openuserid_to_userid", {"open_userid_list": part})
            fresh = {str(one["open_userid"]): str(one["userid"]).lower() for one in told.get("userid_list", [])}
            strange = {one: one.lower() for one in part if one not in fresh}
            self._keep(fresh, _KEPT_SECONDS)
            self._keep(strange, _STRANGE_SECONDS)
            known |= fresh | strange
        return known

    def _kept(self, ids: Sequence[str]) -> dict[str, str]:
        if not ids:
            return {}
        try:
            found = self._redis.mget([self._name(one) for one in ids])
        except RedisError:
            return {}
        return {one: str(plain, "utf-8") for one, plain in zip(ids, found, strict=True) if isinstance(plain, bytes)}

    def _keep(self, found: dict[str, str], seconds: int) -> None:
        try:
            for one, plain in found.items():
                self._redis.set(self._name(one), plain, ex=seconds)
        except RedisError:
            return

    @property
    def _redis(self) -> Redis:
        return self._app.redis

    def _name(self, one: str) -> str:
        return f"{self._prefix}:{one}"


def _parts(ids: Sequence[str]) -> Iterator[list[str]]:
    for first in range(0, len(ids), _AT_ONCE):
        yield list(ids[first : first + _AT_ONCE])
