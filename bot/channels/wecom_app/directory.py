"""The company's directory as the app sees it: whoever is outside its visible range is not there (wecom.md 8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.colleague import Colleague
from bot.channels.sending import Body, SendError
from bot.channels.wecom_app.api import App

PLATFORM: Final = "wecom"
_ACTIVE: Final = 1  # 2 disabled, 4 not activated, 5 left
_UNKNOWN: Final = frozenset({60111, 46004, 40003})
_NUMBERS: Final[Mapping[Any, str]] = {}
_NO_RIGHT: Final = frozenset({60011, 48002})


def colleagues(app: App) -> list[Colleague]:
    """Everybody, by department and name. The platform lists one department at a time, without those below it; whom the
    app's range names one by one stands in none of them. Raises SendError."""
    told = app.get("department/list").get("department", [])
    names = {part["id"]: str(part.get("name") or part["id"]) for part in told}
    found: dict[str, Colleague] = {}
    for number in names:
        for member in _members(app, number):
            colleague = _colleague(member, names)
            found.setdefault(colleague.userid, colleague)
    for userid in _named_alone(app):
        if userid not in found and (alone := find(app, userid, names)) is not None:
            found[userid] = alone
    return sorted(found.values(), key=lambda one: (one.departments, one.name))


def find(app: App, userid: str, names: Mapping[Any, str] = _NUMBERS) -> Colleague | None:
    """One of them, None for whom the app does not see. `names` of departments; without, they go by their numbers.
    Raises SendError."""
    try:
        return _colleague(app.get("user/get", userid=userid), names)
    except SendError as error:
        if error.code in _UNKNOWN:
            return None
        raise


def _named_alone(app: App) -> list[str]:
    told = app.get("agent/get", agentid=app.settings.agentid).get("allow_userinfos") or {}
    return [str(one["userid"]).lower() for one in told.get("user", ())]


def _members(app: App, department: int) -> list[Body]:
    """Raises SendError. An app that may not read details is given names alone: then nobody is known to be inactive."""
    try:
        told = app.get("user/list", department_id=department)
    except SendError as error:
        if error.code not in _NO_RIGHT:
            raise
        told = app.get("user/simplelist", department_id=department)
    members: list[Body] = told.get("userlist", [])
    return members


def _colleague(member: Body, names: Mapping[Any, str]) -> Colleague:
    userid = str(member["userid"]).lower()
    departments = tuple(names.get(one, str(one)) for one in member.get("department", ()))
    active = member.get("status", _ACTIVE) == _ACTIVE
    return Colleague(PLATFORM, userid, str(member.get("name") or userid), departments, active)
