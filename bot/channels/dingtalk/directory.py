"""The company's directory as the application sees it: whoever is outside its range is not there (dingtalk.md 5.2). None
of these questions counts against the month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bot.channels.colleague import Colleague
from bot.channels.dingtalk.api import DingApi
from bot.channels.sending import Body, SendError

PLATFORM: Final = "dingtalk"
_ROOT: Final = 1
_PAGE: Final = 100
_MOST_PAGES: Final = 200  # of one department: a cursor that never ends must
_UNKNOWN: Final = frozenset({60121, 33012})


def colleagues(api: DingApi) -> list[Colleague]:
    """Everybody, by department and name. The platform lists one level of departments, and one department's people, at a
    time. Raises SendError."""
    names = {_ROOT: "", **dict(_below(api, _ROOT))}
    found: dict[str, Colleague] = {}
    for number in names:
        for member in _pages(api, number):
            one = _colleague(member, names)
            found.setdefault(one.userid, one)
    return sorted(found.values(), key=lambda one: (one.departments, one.name))


def find(api: DingApi, userid: str) -> Colleague | None:
    """One of them, None for whom the application does not see. Departments go by their numbers. Raises SendError."""
    try:
        return _colleague(_result(api.ask("topapi/v2/user/get", {"userid": userid})), {})
    except SendError as error:
        if error.code in _UNKNOWN:
            return None
        raise


def _below(api: DingApi, number: int) -> Iterator[tuple[int, str]]:
    """All departments under one: (number, name)."""
    told = api.ask("topapi/v2/department/listsub", {"dept_id": number}).get("result")
    for part in told if isinstance(told, list) else ():
        yield int(part["dept_id"]), str(part.get("name") or part["dept_id"])
        yield from _below(api, int(part["dept_id"]))


def _pages(api: DingApi, number: int) -> Iterator[Body]:
    """One department's people."""
    cursor = 0
    for _ in range(_MOST_PAGES):
        page = _result(api.ask("topapi/v2/user/list", {"dept_id": number, "cursor": cursor, "size": _PAGE}))
        yield from page.get("list") or ()
        if not page.get("has_more"):
            return
        cursor = int(page.get("next_cursor") or 0)


def _result(answer: Body) -> Body:
    found = answer.get("result")
    return found if isinstance(found, dict) else {}


def _colleague(member: Body, names: dict[Any, str]) -> Colleague:
    userid = str(member["userid"])
    departments = tuple(name for one in member.get("dept_id_list") or () if (name := names.get(one, str(one))))
    return Colleague(PLATFORM, userid, str(member.get("name") or userid), departments, bool(member.get("active", True)))
