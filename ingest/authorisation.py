"""A shop's token: the one of the settings, or what it became when the hub renewed it (kept sealed)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from config import Erp, Shop
from ingest.beijing import end_of_day
from ingest.means import Means
from ingest.source import Action, PlatformError
from models import Authorisation as Row
from models.session import vault_of
from models.vault import CannotOpen, fingerprint

log = structlog.get_logger()

_REST: Final = timedelta(hours=1)  # after a renewal that was refused: platforms count renewals
_PASSING: Final = (Action.RETRY, Action.WAIT, Action.PAUSE)
_SEAL: Final = b"authorisations.sealed"
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(4070003, hashtext(:slug))")


@dataclass(frozen=True, slots=True)
class Tokens:
    """`ends_at`: when the authorisation ends, None where nobody said."""

    token: str
    refresh_token: str
    ends_at: datetime | None


Ask = Callable[[str], Tokens]
"""(refresh token) → what the platform gave for it. Raises PlatformError."""


class Authorisation:
    """The authorisation of one shop. Without a refresh token in the settings it is theirs alone, and nothing is kept.

    `in_time`: how long before its end the platform lets it be renewed."""

    def __init__(self, shop: Shop | Erp, means: Means, in_time: timedelta) -> None:
        self._shop, self._means, self._in_time = shop, means, in_time
        ends_at = end_of_day(shop.authorised_until) if shop.authorised_until else None
        self._given = Tokens(shop.token, shop.refresh_token, ends_at)
        self._held: Tokens | None = None if shop.refresh_token else self._given
        self._tried = False

    def token(self, ask: Ask) -> str:
        """The token to call with; renewed first, where its end is near. A renewal that fails holds up nothing."""
        if not self._tried and self._near_its_end():
            self._tried = True
            try:
                self.renew(ask)
            except PlatformError as error:
                log.warning("renewal_failed", shop=self._shop.slug, code=error.code)
        return self._tokens().token

    def until(self) -> datetime | None:
        return self._tokens().ends_at

    def renew(self, ask: Ask) -> bool:
        """Whether there is another token than before. Raises PlatformError where a later try may succeed."""
        if not self._shop.refresh_token:
            return False
        before, now = self._tokens(), self._means.now()
        with self._means.sessions() as session:
            session.execute(_ONE_AT_A_TIME, {"slug": self._shop.slug})  # a refresh token works once
            row, self._held = self._read(session)
            if self._held.token == before.token and (row is None or now - row.tried_at >= _REST):
                self._held = self._renewed(ask, self._held)
                self._keep(session, row, now)
            session.commit()
        return self._held.token != before.token

    def _renewed(self, ask: Ask, held: Tokens) -> Tokens:
        try:
            return ask(held.refresh_token)
        except PlatformError as error:
            if error.resolution.action in _PASSING:
                raise
            log.warning("renewal_refused", shop=self._shop.slug, code=error.code)
            return held

    def _near_its_end(self) -> bool:
        ends_at, now = self._tokens().ends_at, self._means.now()
        return bool(self._shop.refresh_token) and ends_at is not None and ends_at - self._in_time <= now < ends_at

    def _tokens(self) -> Tokens:
        if self._held is None:
            with self._means.sessions() as session:
                self._held = self._read(session)[1]
        return self._held

    def _read(self, session: Session) -> tuple[Row | None, Tokens]:
        """The kept row, and what counts: the settings, where they hold a token that came after the kept one."""
        row = session.get(Row, self._shop.slug)
        if row is None or bytes(row.renewed_from) != self._mark():
            return None, self._given
        try:
            kept = json.loads(vault_of(session).open(bytes(row.sealed), _SEAL))
        except CannotOpen:
            log.warning("authorisation_does_not_open", shop=self._shop.slug)
            return row, self._given
        if kept["token"] == self._given.token:  # a renewal that was refused: the settings say all
            return row, self._given
        return row, Tokens(kept["token"], kept["refresh_token"], row.ends_at)

    def _keep(self, session: Session, row: Row | None, now: datetime) -> None:
        held = self._tokens()
        plain = json.dumps({"token": held.token, "refresh_token": held.refresh_token}).encode()
        session.merge(Row(
            slug=self._shop.slug, renewed_from=self._mark(), sealed=vault_of(session).seal(plain, _SEAL),
            ends_at=held.ends_at, tried_at=now,
        ))  # fmt: skip

    def _mark(self) -> bytes:
        return fingerprint(self._shop.token.encode())
