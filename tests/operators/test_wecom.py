"""`flask hub menu | directory | appchat | recall`, against the platform's stand-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, abort
from sqlalchemy import select

from bot.card import Text
from bot.channels.sending import Parcel
from bot.channels.wecom_app.client import AppSender
from config import Settings
from handlers import people
from models import Notification, TrailRow
from operators.hub import prepare
from tests.bot.conftest import Town, open_town, town_settings
from wire import Hub


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv("SANDBOX_GREETING", "0")
    with open_town() as found:
        yield found


@pytest.fixture
def settings(town: Town) -> Settings:
    return town_settings(town.url, town.state.company)


@pytest.fixture
def said(flask: Flask, hub: Hub) -> Callable[..., str]:
    """What `flask hub …` prints; it fails unless it ends as expected."""
    prepare(hub)

    def run(*words: str, ends: int = 0) -> str:
        result = flask.test_cli_runner().invoke(args=["hub", *words])
        assert result.exit_code == ends, result.output
        return result.output

    return run


def test_the_menu_is_put_once(town: Town, said: Callable[..., str]) -> None:
    assert "已更新" in said("menu")
    assert "没有变化" in said("menu")
    assert list(town.wecom.menu.reachable())[:2] == ["看板", "我的"]


def test_the_directory_says_who_is_registered(town: Town, said: Callable[..., str]) -> None:
    town.wecom.status["waiguan"] = 4
    lines = {line.split()[1]: line for line in said("directory").splitlines()}
    assert lines["xiaoli"].split() == ["wecom", "xiaoli", "小李", "客服部", "已登记"]
    assert "已登记" not in lines["waiguan"]
    assert "未激活" in lines["waiguan"]


def test_somebody_who_is_registered_and_not_in_the_company_is_named(town: Town, said: Callable[..., str]) -> None:
    said("staff", "add", "xiaozhao", "小赵", "--roles", "service", "--unchecked")
    (line,) = [line for line in said("directory").splitlines() if "xiaozhao" in line]
    assert "通讯录里没有" in line


def test_a_wrong_account_is_refused_with_the_one_that_was_meant(town: Town, said: Callable[..., str]) -> None:
    refused = said("staff", "add", "waiguna", "外包小周", "--roles", "service", ends=1)
    assert "您要登记的是不是：外包小周（waiguan）" in refused
    assert "--unchecked" in refused
    assert "外包小周" in said("staff", "add", "waiguan", "外包小周", "--roles", "service")


def test_a_directory_that_is_silent_holds_up_nobody(town: Town, said: Callable[..., str]) -> None:
    town.wecom.departments = lambda: abort(500)  # type: ignore[method-assign]
    printed = said("staff", "add", "xiaozhao", "小赵", "--roles", "service")
    assert "没有核对通讯录" in printed
    assert "小赵" in printed


def test_the_hub_makes_its_own_group(town: Town, hub: Hub, said: Callable[..., str]) -> None:
    printed = said("appchat", "create", "青禾订单群", "--owner", "chenjie")
    (chatid,) = town.wecom.chats.chats
    assert f'appchat = "{chatid}"' in printed
    assert town.wecom.chats.chats[chatid].owner == "chenjie"
    assert "提醒会发到这个群" in town.texts(f"appchat:{chatid}")[0], "phones show a group once something was said"
    assert "appchat" in said("appchat", "show", ends=1), "not in hub.toml yet"

    assert hub.settings.wecom is not None
    named = hub.settings.model_copy(update={"wecom": hub.settings.wecom.model_copy(update={"appchat": chatid})})
    object.__setattr__(hub, "settings", named)
    assert "群主 chenjie" in said("appchat", "show")
    said("staff", "add", "waiguan", "外包小周", "--roles", "service")
    said("staff", "off", "laowang")
    assert "加入 waiguan，移出 laowang" in said("appchat", "update")
    assert "加入 无，移出 无" in said("appchat", "update")


def test_an_app_for_a_part_of_the_company_may_not_have_a_group(town: Town, said: Callable[..., str]) -> None:
    town.wecom.chats.whole_company = False
    assert "权限不足" in said("appchat", "create", "群", ends=1)


def test_an_operator_tries_whether_somebody_is_reached(
    town: Town, hub: Hub, said: Callable[..., str], tmp_path: Path
) -> None:
    guide = tmp_path / "使用说明.pdf"
    guide.write_bytes(b"%PDF-1.4 guide")
    assert "已发给小李" in said("send", "xiaoli", "收到", "请回复", "--file", str(guide))
    text, file = town.chat("app:xiaoli")
    assert text.body["content"].startswith("收到 请回复")
    assert (file.kind, file.body["name"]) == ("file", "使用说明.pdf")
    with hub.open_desk() as desk:
        row = desk.session.scalars(select(TrailRow).where(TrailRow.action == "发消息")).one()
    assert "使用说明.pdf" in row.detail
    assert "--file" in said("send", "xiaoli", ends=1)
    assert "没有登记 nobody" in said("send", "nobody", "在吗", ends=1)
    object.__setattr__(hub, "settings", hub.settings.model_copy(update={"wecom": None}))
    assert "没有配置应用" in said("send", "xiaoli", "在吗", ends=1)


def test_what_was_sent_can_be_taken_back(town: Town, hub: Hub, said: Callable[..., str]) -> None:
    numbers = [_sent(hub, subject) for subject in ("order:5", "private")]
    assert [line.split()[0] for line in said("recall").splitlines()] == [str(one) for one in reversed(numbers)]
    assert "已撤回" in said("recall", str(numbers[0]))
    assert "没有可以撤回的消息" in said("recall", str(numbers[0]), ends=1)
    assert "撤回了 1 条" in said("recall", "--private", "XiaoLi")
    assert [message.recalled for message in town.chat("app:xiaoli")] == [True, True]
    assert said("recall") == ""


def test_without_the_app_it_says_what_is_missing(hub: Hub, said: Callable[..., str]) -> None:
    object.__setattr__(hub, "settings", hub.settings.model_copy(update={"wecom": None}))
    for words in (("menu",), ("appchat", "show"), ("appchat", "create", "群")):
        assert "[wecom]" in said(*words, ends=1)
    assert said("directory") == ""


def _sent(hub: Hub, subject: str) -> int:
    assert hub.settings.wecom is not None
    receipt = AppSender(hub.settings.wecom, hub.redis, "").send(Parcel("xiaoli", Text("好"), subject))
    with hub.open_desk() as desk:
        person = next(one for one in people.staff(desk) if one.name == "小李")
        row = Notification(
            dedupe_key=subject,
            channel="staff",
            recipient=str(person.id),
            purpose="text",
            subject=subject,
            state="sent",
            next_try_at=desk.now,
            created_at=desk.now,
            sent_at=desk.now,
            carried_by="wecom_app",
            msgid=receipt.msgid,
        )
        desk.session.add(row)
        desk.session.flush()
        return row.id
