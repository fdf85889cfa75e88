"""Who is in the company; and whether an account that is to be registered is anybody's."""

from __future__ import annotations

import pytest
from redis import Redis

from bot import directory
from bot.channels.colleague import Colleague
from bot.channels.sending import SendError
from bot.directory import doubt
from config import Settings, parse
from tests.bot.conftest import Town
from tests.conftest import settings_document

COMPANY = (
    Colleague("wecom", "xiaoli", "小李", ("客服部",)),
    Colleague("wecom", "laowang", "老王", ("仓库部",)),
    Colleague("wecom", "WangWu", "王五", ("仓库部",)),
    Colleague("wecom", "gone", "走了的", ("仓库部",), active=False),
)


@pytest.mark.parametrize(
    ("userid", "name", "said"),
    [
        ("xiaoli", "小李", ""),
        ("wangwu", "随便", ""),
        ("lao-wang", "老王", "您要登记的是不是：老王（laowang）"),
        ("wang", "王", "老王（laowang）、王五（WangWu）"),
        ("wangwei", "魏", "王五（WangWu）"),
        ("nobody", "没有这个人", "请核对账号"),
        ("gone", "走了的", "已停用、未激活或已离职"),
    ],
)
def test_a_wrong_account_is_doubted_and_the_right_one_suggested(userid: str, name: str, said: str) -> None:
    found = doubt(COMPANY, userid, name)
    assert said in found
    assert bool(found) == bool(said)


def test_a_directory_that_shows_nobody_proves_nothing() -> None:
    assert doubt((), "nobody", "谁") == ""


def test_everybody_of_every_platform_that_is_configured(town: Town, town_conf: Settings, redis: Redis) -> None:
    assert {one.userid for one in directory.everybody(town_conf, redis)} == {
        "xiaoli",
        "laowang",
        "zhaojie",
        "chenjie",
        "waiguan",
    }
    nowhere = parse({**settings_document(), "wecom": None})
    assert directory.everybody(nowhere, redis) == []
    assert directory.look(nowhere, redis, "xiaoli", "小李") == ""


def test_one_account_is_looked_at_by_one_question(town: Town, town_conf: Settings, redis: Redis) -> None:
    town.wecom.departments = None  # type: ignore[method-assign, assignment]  # nobody lists the company
    assert directory.look(town_conf, redis, "LaoWang", "老王") == ""


def test_who_left_is_no_account_to_register(town: Town, town_conf: Settings, redis: Redis) -> None:
    town.wecom.status["laowang"] = 5
    assert "已离职" in directory.look(town_conf, redis, "laowang", "老王")
    assert "老王" not in directory.look(town_conf, redis, "laowan", "老王"), "nobody who left is suggested"
    assert "小李（xiaoli）" in directory.look(town_conf, redis, "xiaolii", "小李")


def test_a_directory_that_does_not_answer_raises(redis: Redis) -> None:
    with pytest.raises(SendError):
        directory.look(parse(settings_document()), redis, "xiaoli", "小李")
