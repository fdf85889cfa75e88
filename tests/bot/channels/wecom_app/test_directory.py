"""Who is in the company, as the app sees it."""

from __future__ import annotations

import pytest

from bot.channels.colleague import Colleague
from bot.channels.sending import SendError
from bot.channels.wecom_app import directory
from bot.channels.wecom_app.api import App
from sandbox.chat_errors import Refused
from tests.bot.conftest import Town


def test_everybody_with_departments_and_whether_they_are_active(town: Town, app: App) -> None:
    town.wecom.status |= {"laowang": 5, "zhaojie": 4, "waiguan": 2}
    found = {one.userid: one for one in directory.colleagues(app)}
    assert found["xiaoli"] == Colleague("wecom", "xiaoli", "小李", ("客服部",))
    assert {userid for userid, one in found.items() if one.active} == {"xiaoli", "chenjie"}
    assert len(found) == 5


def test_whom_the_range_names_one_by_one_is_there_as_well(town: Town, app: App) -> None:
    town.wecom.alone += ["waiguan", "xiaoli"]
    found = {one.userid: one for one in directory.colleagues(app)}
    assert len(found) == 5
    assert found["waiguan"].name == "外包小周"


def test_somebody_who_is_listed_twice_stands_there_once(town: Town, app: App) -> None:
    members = town.wecom.members
    town.wecom.members = lambda department: [*members(department), "xiaoli"]  # type: ignore[method-assign]
    assert [one.userid for one in directory.colleagues(app)].count("xiaoli") == 1


def test_an_app_without_the_right_to_details_gets_names(town: Town, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    town.wecom.status["laowang"] = 5
    refused = App.get

    def get(self: App, path: str, **options: object) -> object:
        if path == "user/list":
            raise _no_right()
        return refused(self, path, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(App, "get", get)
    found = {one.userid: one.active for one in directory.colleagues(app)}
    assert found["laowang"], "nobody is known to be inactive"


def _no_right() -> SendError:
    from bot.channels.wecom_app.errors import CODES

    return SendError(CODES[60011], 60011)


def test_one_of_them_by_account(town: Town, app: App) -> None:
    found = directory.find(app, "LaoWang")
    assert found is not None
    assert (found.userid, found.name, found.active) == ("laowang", "老王", True)
    assert directory.find(app, "nobody") is None


def test_a_directory_that_refuses_is_no_empty_company(town: Town, app: App) -> None:
    def refuse() -> list[dict[str, object]]:
        raise Refused(48002, "api forbidden")

    town.wecom.departments = refuse  # type: ignore[method-assign]
    with pytest.raises(SendError, match="权限不足"):
        directory.colleagues(app)
