"""The app's menu: what can be asked without a word behind it, put there once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels.sending import SendError
from bot.channels.wecom_app import menu
from bot.channels.wecom_app.api import App
from handlers.commands import COMMANDS, read
from tests.bot.conftest import Town

BOARD = "http://127.0.0.1:8780/board"


def test_each_entry_is_a_command_that_needs_no_words() -> None:
    made = menu.menu_of(COMMANDS, BOARD)["button"]
    assert [one["name"] for one in made] == ["看板", "我的", "更多"]
    below = made[2]["sub_button"]
    assert below[-1] == {"type": "view", "name": "打开看板", "url": BOARD}
    assert below[-2]["name"] == "帮助"
    for entry in (*made[:2], *below[:-1]):
        asked = read(entry["key"])
        assert asked is not None, entry
        assert asked.rest == "", entry
        assert COMMANDS[asked.slug].asks, entry


def test_a_menu_never_has_more_than_the_platform_takes() -> None:
    many = {
        f"more{number}": replace(COMMANDS["board"], names=(f"问{number}",), usage=f"问{number}") for number in range(9)
    }
    made = menu.menu_of({**COMMANDS, **many}, BOARD)["button"]
    assert len(made) == 3
    assert len(made[2]["sub_button"]) == 5
    assert made[2]["sub_button"][3]["name"] == "帮助"
    bare = menu.menu_of({}, BOARD)["button"]
    assert [one["name"] for one in bare] == ["更多"]


def test_the_menu_is_put_once(town: Town, app: App) -> None:
    wanted = menu.menu_of(COMMANDS, BOARD)
    assert [menu.put(app, wanted) for _ in range(3)] == [True, False, False]
    assert town.wecom.menu.writes == 1
    assert "看板" in town.wecom.menu.reachable()
    assert menu.put(app, menu.menu_of(COMMANDS, f"{BOARD}/other"))
    assert town.wecom.menu.writes == 2


def test_an_app_that_may_not_have_one_says_why(town: Town, app: App) -> None:
    elsewhere = App(app.settings.model_copy(update={"agentid": 7}), app.redis)
    with pytest.raises(SendError, match="AgentId"):
        menu.put(elsewhere, menu.menu_of(COMMANDS, BOARD))
