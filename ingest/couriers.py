"""Couriers as platforms write them, and which ones a platform can be told of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

import structlog

from ingest.http import transient
from ingest.snapshot import Unreadable
from ingest.source import PlatformError
from models.couriers import find_courier

log = structlog.get_logger()


def slug_of(name: str) -> str:
    """Our slug for a platform's courier name; the name as it came where we do not know it."""
    found = find_courier(name) if name else None
    return found.slug if found else name


class Codes:
    """A platform's codes of our couriers. `seed`: slug → code, as known beforehand; `ask`: the platform's own list,
    code → name, asked once and only where it is needed. It raises PlatformError."""

    def __init__(self, seed: Mapping[str, str], ask: Callable[[], Mapping[str, str]]) -> None:
        self._seed, self._ask = seed, ask
        self._listed: dict[str, str] | None = None

    def of(self, courier: str) -> Mapping[str, str]:
        """Slug → code, with the one of `courier` if it has any. Raises PlatformError."""
        return self._seed if courier in self._seed else self._own()

    def slugs(self) -> list[str]:
        """Whom the platform takes, by its own list. Raises PlatformError."""
        return sorted(self._own())

    def _own(self) -> Mapping[str, str]:
        if self._listed is None:
            try:
                names = self._ask()
            except Unreadable as error:
                raise transient("no-couriers", str(error)) from None
            by_name = {found.slug: code for code, name in names.items() if (found := find_courier(name))}
            self._listed = by_name | {slug: code for slug, code in self._seed.items() if code in names}
        return self._listed


@runtime_checkable
class TellsCouriers(Protocol):
    """A marketplace that has a list of the couriers of which it can be told."""

    def couriers(self) -> list[str]:
        """Our slugs. Raises PlatformError."""
        ...


def told_of(marketplace: object) -> list[str] | None:
    """The couriers of which a marketplace can be told; None where it does not say, or not now."""
    if not isinstance(marketplace, TellsCouriers):
        return None
    try:
        return marketplace.couriers() or None
    except PlatformError as error:
        log.warning("couriers_not_told", code=error.code)
        return None
