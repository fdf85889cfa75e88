"""What each code asks for."""

from __future__ import annotations

import pytest

from bot.channels.dingtalk.errors import CODES, Code, not_delivered, resolution
from bot.channels.sending import Reaction, Whose


@pytest.mark.parametrize(
    ("code", "reaction"),
    [
        ("InvalidAuthentication", Reaction.REFRESH),
        (40014, Reaction.REFRESH),
        ("system.busy", Reaction.RETRY),
        (-1, Reaction.RETRY),
        ("Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", Reaction.WAIT),
        (90018, Reaction.WAIT),
        (90013, Reaction.WAIT),
        ("Forbidden.AccessDenied.ApiCountLimitForOrg", Reaction.GIVE_UP),
        (90020, Reaction.GIVE_UP),
        ("group.disbanded", Reaction.PERSON),
        ("staffId.notExisted", Reaction.PERSON),
        ("param.cardNotExist", Reaction.USED),
        ("param.templateUnpublished", Reaction.ALERT),
        ("param.contentUnsafe", Reaction.GIVE_UP),
        # of which no table knows
        ("param.dynamicSomething", Reaction.GIVE_UP),
        ("invalidParameter.msgParam.invalid", Reaction.GIVE_UP),
        ("Forbidden.AccessDenied.SomethingNew", Reaction.ALERT),
        ("SomethingNew", Reaction.GIVE_UP),
        (123456, Reaction.GIVE_UP),
    ],
)
def test_every_code_has_its_reaction(code: Code, reaction: Reaction) -> None:
    assert resolution(code).reaction is reaction


def test_every_text_is_for_people() -> None:
    for code, found in CODES.items():
        assert found.text, code
        assert not found.text.isascii(), code
        assert found.wait_seconds > 0 or found.reaction is not Reaction.WAIT, code


def test_the_missing_permission_is_named_once() -> None:
    code = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
    told = "应用尚未开通所需的权限：[Card.Instance.Write]，点击链接申请 Card.Instance.Write"
    assert resolution(code, told).text.endswith("：Card.Instance.Write")
    assert resolution(code).text == CODES[code].text


def test_who_was_not_reached_is_said_with_the_platforms_reason() -> None:
    assert "机器人不在群内" in not_delivered("IM_GROUP", "机器人不在群内").text
    assert not_delivered("im_group", "").reaction is Reaction.PERSON
    assert not_delivered("IM_ROBOT", "").whose is Whose.RECEIVER
