"""One of the company, as a chat platform knows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in a platform's directory. `platform`: wecom, dingtalk. `departments`: their names."""

    platform: str
    userid: str
    name: str
    departments: tuple[str, ...] = ()
    active: bool = True
