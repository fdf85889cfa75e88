"""The SDK's client with its defects mended, over real sockets."""

from __future__ import annotations

import logging
import threading

import pytest
from redis import Redis

from bot.channels.dingtalk.api import MOST_MEDIA_BYTES, DingApi
from bot.channels.dingtalk.quota import Kind
from bot.channels.sending import Reaction, SendError
from tests.bot.channels.dingtalk.ding_town import DingTown, plain_settings, saying
from tests.bot.conftest import NO_RETRY

SEND = "v1.0/robot/groupMessages/send"
DEPARTMENTS = "topapi/v2/department/listsub"


def text(content: str = "好") -> dict[str, str]:
    return {
        "robotCode": "dingdemokey0000001",
        "openConversationId": "cidDEMO01==",
        "msgKey": "sampleText",
        "msgParam": f'{{"content":"{content}"}}',
    }


def test_both_hosts_take_the_one_token(ding_town: DingTown, api: DingApi) -> None:
    assert api.call("POST", SEND, text())["processQueryKey"]
    assert api.ask(DEPARTMENTS, {"dept_id": 1})["errcode"] == 0
    assert ding_town.ding.tokens.fetches == 1


def test_a_token_that_ended_is_renewed_once_on_either_host(ding_town: DingTown, api: DingApi) -> None:
    api.call("POST", SEND, text())
    ding_town.ding.tokens.expire()
    api.call("POST", SEND, text())
    assert ding_town.ding.tokens.fetches == 2
    ding_town.ding.tokens.expire()
    api.ask(DEPARTMENTS, {"dept_id": 1})
    assert ding_town.ding.tokens.fetches == 3


@pytest.mark.parametrize(
    ("status", "answer"),
    [(400, {"code": "InvalidAuthentication", "message": "no"}), (200, {"errcode": 40014, "errmsg": "no"})],
)
def test_a_lasting_token_error_ends_after_one_renewal(redis: Redis, status: int, answer: dict[str, object]) -> None:
    asked: list[tuple[str, str, bytes]] = []
    with saying(status, answer, asked=asked) as url:
        api = DingApi(plain_settings(url), redis)
        with pytest.raises(SendError) as error:
            api.call("POST", "v1.0/x" if status == 400 else "topapi/x", {})
    assert error.value.resolution.reaction is Reaction.ALERT
    assert len(asked) == 2


def test_the_new_host_sees_no_token_in_an_address(redis: Redis) -> None:
    asked: list[tuple[str, str, bytes]] = []
    with saying(200, {"success": True}, asked=asked) as url:
        DingApi(plain_settings(url), redis).call("PUT", "v1.0/card/instances", {"outTrackId": "中"})
        DingApi(plain_settings(url), redis).ask("topapi/x", {})
    (method, path, body), (_, old, _) = asked
    assert (method, path, body) == ("PUT", "/v1.0/card/instances?", '{"outTrackId": "中"}'.encode())
    assert old == "/topapi/x?access_token=token-1"


@pytest.mark.parametrize("uri", ["https://example.com/x", "/topapi/x"])
def test_nobody_else_gets_the_token(api: DingApi, uri: str) -> None:
    with pytest.raises(ValueError, match="two hosts"):
        api.request("POST", uri)


def test_processes_share_one_token(ding_town: DingTown, redis: Redis, api: DingApi) -> None:
    apis = [DingApi(api.settings, redis) for _ in range(4)]
    threads = [threading.Thread(target=one.call, args=("POST", SEND, text(str(n)))) for n, one in enumerate(apis)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ding_town.chat("dgroup")) == 4
    assert ding_town.ding.tokens.fetches == 1


def test_a_token_is_renewed_before_its_end(api: DingApi, redis: Redis) -> None:
    api.call("POST", SEND, text())
    (name,) = [key for key in redis.keys("hub:token:*") if b"lock" not in key]
    assert 6800 < redis.ttl(name) <= 6900  # 7200 − 300


def test_a_wrong_secret_is_a_matter_of_configuration(api: DingApi, redis: Redis) -> None:
    wrong = DingApi(api.settings.model_copy(update={"app_secret": "wrong-secret"}), redis)
    with pytest.raises(SendError) as error:
        wrong.call("POST", SEND, text())
    assert (error.value.permanent, error.value.code) == (True, "invalidClientIdOrSecret")


def test_a_missing_permission_is_named(ding_town: DingTown, api: DingApi) -> None:
    ding_town.ding.withheld = {"qyapi_robot_sendmsg"}
    with pytest.raises(SendError) as error:
        api.call("POST", SEND, text())
    assert error.value.resolution.reaction is Reaction.ALERT
    assert "qyapi_robot_sendmsg" in str(error.value)


@pytest.mark.parametrize(
    ("status", "answer", "unknown"),
    [(502, "<html>bad gateway</html>", True), (200, "<html>blocked</html>", True), (500, {"code": "system.busy"}, True),
     (429, {"code": "systemBusy"}, False), (200, {"status": 1111, "wait": 5, "source": "x5"}, False)],
)  # fmt: skip
def test_what_is_busy_is_tried_again(redis: Redis, status: int, answer: object, unknown: bool) -> None:
    with saying(status, answer) as url, pytest.raises(SendError) as error:
        DingApi(plain_settings(url), redis).call("POST", "v1.0/x", {})
    assert (error.value.permanent, error.value.unknown) == (False, unknown)


def test_success_false_is_no_success(redis: Redis) -> None:
    with saying(200, {"success": False, "errorCode": "param.invalid"}) as url, pytest.raises(SendError) as error:
        DingApi(plain_settings(url), redis).call("POST", "v1.0/x", {})
    assert error.value.permanent


@pytest.mark.parametrize(
    ("code", "reaction"), [("60011", Reaction.ALERT), ("40014", Reaction.ALERT), ("x", Reaction.GIVE_UP)]
)
def test_the_real_code_behind_88(redis: Redis, code: str, reaction: Reaction) -> None:
    answer = {"errcode": 88, "errmsg": "ding talk error", "sub_code": code, "sub_msg": "没有权限"}
    with saying(200, answer) as url, pytest.raises(SendError) as error:
        DingApi(plain_settings(url), redis).ask("topapi/x", {})
    assert error.value.resolution.reaction is reaction


def test_no_answer_may_have_arrived(api: DingApi, redis: Redis) -> None:
    api.call("POST", SEND, text())
    away = DingApi(api.settings.model_copy(update={"gateway": "http://127.0.0.1:9/x"}), redis)
    with pytest.raises(SendError) as error:
        away.call("POST", SEND, text())
    assert (error.value.permanent, error.value.silence) == (False, True)
    assert error.value.__cause__ is None


def test_neither_log_nor_error_holds_a_secret(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with saying(500, "<html>") as url:
        api = DingApi(plain_settings(url), redis)
        for path in ("v1.0/x", "topapi/x"):
            with pytest.raises(SendError) as error:
                api.call("POST", path, {"secret": "of-a-customer"})
            caplog.records.append(logging.makeLogRecord({"msg": str(error.value)}))
    with saying(200, {"errcode": 400002, "errmsg": "x"}) as url, pytest.raises(SendError):
        DingApi(plain_settings(url), redis).ask("topapi/x", {"secret": "of-a-customer"})
    told = "\n".join(record.getMessage() for record in caplog.records)
    for secret in ("token-1", "s-e-c-r-e-t", "of-a-customer"):
        assert secret not in told


def test_a_file_is_whole_though_the_token_had_ended(ding_town: DingTown, api: DingApi) -> None:
    api.call("POST", SEND, text())
    ding_town.ding.tokens.expire()
    media = api.upload("file", "订单.xlsx", b"PK\x03\x04whole")
    assert ding_town.ding.store.files[media].content == b"PK\x03\x04whole"
    with pytest.raises(SendError) as error:
        api.upload("file", "订单.xlsx", bytes(MOST_MEDIA_BYTES + 1))
    assert error.value.permanent


def test_what_is_paid_is_counted_and_what_is_exempt_is_not(ding_town: DingTown, api: DingApi) -> None:
    api.call("POST", SEND, text())
    api.ask(DEPARTMENTS, {"dept_id": 1})
    with pytest.raises(SendError):
        api.call("POST", SEND, text() | {"openConversationId": "cidOTHER=="})
    assert api.quota.used(Kind.CALLS) == sum(ding_town.calls.values()) == 2


def test_what_is_throttled_costs_nothing_and_waits(redis: Redis) -> None:
    with saying(403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}) as url:
        api = DingApi(plain_settings(url), redis)
        with pytest.raises(SendError) as error:
            api.call("POST", "v1.0/x", {})
    assert error.value.resolution.reaction is Reaction.WAIT
    assert api.quota.used(Kind.CALLS) == 0


def test_a_month_that_the_platform_calls_used_up_is_used_up(ding_town: DingTown, api: DingApi) -> None:
    ding_town.ding.quota.use_up(calls=5000)
    with pytest.raises(SendError) as error:
        api.call("POST", SEND, text())
    assert error.value.permanent
    with pytest.raises(SendError):
        api.quota.check(Kind.CALLS)
    api.quota.check(Kind.CALLS, urgent=True)


def test_with_redis_away_nothing_is_sent_and_counting_is_silent(api: DingApi) -> None:
    away = DingApi(api.settings, Redis(port=9, socket_connect_timeout=0.2, retry=NO_RETRY))
    with pytest.raises(SendError) as error:
        away.call("POST", SEND, text())
    assert not error.value.permanent
    away.quota.count(Kind.CALLS)
    away.quota.shut(Kind.CALLS)
