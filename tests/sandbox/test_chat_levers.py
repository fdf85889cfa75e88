"""The same faults on WeCom and DingTalk: slow, broken, lost, doubled, out of order, expired, disconnected."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox.aibot import aibot_of
from sandbox.wecom import wecom_of
from tests.sandbox import chat_samples as samples
from tests.sandbox.chat_hub import Bench, BotClient
from tests.sandbox.ding_hub import Ding, StreamClient

Json = dict[str, Any]
PLATFORMS = ("wecom", "dingtalk")


class Wecom:
    """The long connection of WeCom's bot, with the words that the tests use for both platforms."""

    chat = "bot"

    def __init__(self, d: Ding) -> None:
        self.bench = d.bench
        client = BotClient(d.bench, self._answer)
        client.subscribe(d.bench)
        self.client = client

    def _answer(self, frame: Json) -> list[Json]:
        body = {"msgtype": "markdown", "markdown": {"content": "好"}}
        return [{"cmd": "aibot_respond_msg", "headers": frame["headers"], "body": body}]

    def heard(self) -> list[str]:
        return [one["body"]["text"]["content"] for one in self.client.callbacks if "text" in one["body"]]

    def call(self) -> requests.Response:
        url = f"{self.bench.base}/qyapi/cgi-bin/department/list"
        return requests.get(url, params={"access_token": self.bench.token()}, timeout=10)

    def method(self) -> str:
        return "list"

    def closed(self) -> bool:
        return self.client.closed.wait(5)


class DingTalk:
    chat = "ding"

    def __init__(self, d: Ding) -> None:
        self.d = d
        self.client: StreamClient = d.connect()
        self.token = d.token()

    def heard(self) -> list[str]:
        frames = [json.loads(one["data"]) for one in self.client.frames if one["type"] == "CALLBACK"]
        return [one["text"]["content"] for one in frames]

    def call(self) -> requests.Response:
        return self.d.call("POST", "/v1.0/robot/groupMessages/send", self.d.group_message("好"), token=self.token)

    def method(self) -> str:
        return "send"

    def closed(self) -> bool:
        return bool(self.client.wait(0, "disconnect"))


Platform = Wecom | DingTalk
MAKERS: dict[str, Callable[[Ding], Platform]] = {"wecom": Wecom, "dingtalk": DingTalk}


@pytest.fixture(params=PLATFORMS)
def platform(d: Ding, request: pytest.FixtureRequest) -> Iterator[Platform]:
    d.bench.switch(deadline_seconds=1)
    yield MAKERS[request.param](d)
    link = aibot_of(d.bench.state).link
    link.close()
    assert d.bench.chat.store.wait(lambda: not link.online(), 5)


def name(platform: Platform) -> str:
    return "wecom" if isinstance(platform, Wecom) else "dingtalk"


def say(d: Ding, platform: Platform, words: str) -> Json:
    return d.bench.say("xiaoli", platform.chat, words)


def test_a_dropped_callback_reaches_nobody(d: Ding, platform: Platform) -> None:
    d.bench.switch(drop_callbacks=1)
    assert say(d, platform, "一")["why"] == "dropped"
    assert say(d, platform, "二")["answered"] is True
    assert platform.heard() == ["二"]


def test_a_doubled_callback_comes_twice(d: Ding, platform: Platform) -> None:
    d.bench.switch(duplicate_callbacks=1)
    say(d, platform, "一")
    d.wait(lambda: platform.heard() == ["一", "一"])


def test_a_callback_may_be_overtaken_by_the_next_one(d: Ding, platform: Platform) -> None:
    d.bench.switch(reorder_callbacks=1)
    assert say(d, platform, "一")["kind"] == "held"
    assert say(d, platform, "二")["answered"] is True
    d.wait(lambda: platform.heard() == ["二", "一"])


def test_what_is_held_back_goes_out_when_the_levers_are_touched(d: Ding, platform: Platform) -> None:
    d.bench.switch(reorder_callbacks=True)
    say(d, platform, "一")
    d.bench.switch(reorder_callbacks=0)
    d.wait(lambda: platform.heard() == ["一"])


def test_a_slow_platform_answers_late(d: Ding, platform: Platform) -> None:
    d.bench.switch(slow_answers=0.2, platform=name(platform))
    started = time.monotonic()
    assert platform.call().status_code == 200
    assert time.monotonic() - started >= 0.2
    d.bench.switch(slow_answers=0)


def test_a_broken_platform_answers_500_so_many_times(d: Ding, platform: Platform) -> None:
    own = d.bench.token() if isinstance(platform, Wecom) else ""
    d.bench.switch(fail_calls=1, platform=name(platform))
    if own:
        url = f"{d.bench.base}/qyapi/cgi-bin/department/list"
        assert requests.get(url, params={"access_token": own}, timeout=10).status_code == 500
    else:
        assert platform.call().status_code == 500
    assert platform.call().status_code == 200


@pytest.mark.parametrize(("kind", "wecom", "dingtalk"), [("throttle", 45009, 403), ("expire_token", 42001, 400)])
def test_each_platform_says_in_its_own_way_what_was_armed(
    d: Ding, platform: Platform, kind: str, wecom: int, dingtalk: int
) -> None:
    fault = {"kind": kind, "platform": name(platform), "method": platform.method()}
    requests.post(f"{d.bench.base}/control/fault", json=fault, timeout=5)
    answer = platform.call()
    assert answer.status_code == (dingtalk if isinstance(platform, DingTalk) else 200)
    assert isinstance(platform, DingTalk) or answer.json()["errcode"] == wecom


@pytest.mark.parametrize("kind", ["http_500", "not_json", "cut_connection", "lose_reply", "slow"])
def test_single_calls_fail_by_the_faults_of_the_marketplaces_too(d: Ding, platform: Platform, kind: str) -> None:
    fault = {"kind": kind, "platform": name(platform), "method": platform.method(), "seconds": 0.1}
    requests.post(f"{d.bench.base}/control/fault", json=fault, timeout=5)
    if kind in {"cut_connection", "lose_reply"}:
        with pytest.raises(requests.ConnectionError):
            platform.call()
    else:
        answer = platform.call()
        assert (answer.status_code == 500) == (kind == "http_500")
        assert answer.headers["Content-Type"].startswith("text/html") == (kind == "not_json")
    assert platform.call().status_code == 200
    if isinstance(platform, DingTalk):
        sent = 1 + (kind in {"lose_reply", "slow"})
        assert len(d.bench.shown("xiaoli", "dgroup")) == sent, "a lost reply is of something that was done"


def test_a_fault_of_any_platform_is_not_meant_for_chats(d: Ding, platform: Platform) -> None:
    requests.post(f"{d.bench.base}/control/fault", json={"kind": "http_500"}, timeout=5)
    assert platform.call().status_code == 200


def test_a_connection_may_end_now(d: Ding, platform: Platform) -> None:
    d.bench.switch(disconnect=True, platform=name(platform))
    assert platform.closed()


def test_tokens_end_on_the_platform_that_is_meant(d: Ding) -> None:
    wecom, ding = d.bench.token(), d.token()
    d.bench.switch(expire_token=True, platform="dingtalk")
    assert d.bench.get("/qyapi/cgi-bin/department/list", access_token=wecom)["errcode"] == 0
    assert d.old("/topapi/v2/user/get", {"userid": "dt-xiaoli"}, token=ding)["errcode"] == 40014
    d.bench.switch(expire_token=True)
    assert d.bench.get("/qyapi/cgi-bin/department/list", access_token=wecom)["errcode"] == 42001


def test_codes_end_early_on_both_platforms(d: Ding) -> None:
    sent = d.bench.send("template_card", samples.button_interaction("t-9"))
    wecom = wecom_of(d.bench.state).issue_code("xiaoli")
    ding = d.bench.get("/dingtalk/jsapi/code", corpId=d.settings.corpid, who="xiaoli")["code"]
    d.bench.switch(expire_codes=True)
    agent = d.bench.state.company.wecom.agentid
    body = {"userids": ["xiaoli"], "agentid": agent, "button": {"replace_name": "好"}}
    assert d.bench.call("message/update_template_card", body | {"response_code": sent["response_code"]})["errcode"]
    told = d.bench.get("/qyapi/cgi-bin/auth/getuserinfo", access_token=d.bench.token(), code=wecom)
    assert told["errcode"] == 40029
    assert d.old("/topapi/v2/user/getuserinfo", {"code": ding})["errcode"] == 40078


def test_switches_are_of_both_platforms_or_of_the_one_that_is_named(d: Ding) -> None:
    told = d.bench.switch(drop_callbacks=3)
    assert (told["switches"]["drop_callbacks"], told["dingtalk_switches"]["drop_callbacks"]) == (3, 3)
    told = d.bench.switch(drop_callbacks=0, platform="dingtalk")
    assert (told["switches"]["drop_callbacks"], told["dingtalk_switches"]["drop_callbacks"]) == (3, 0)
    assert "unknown platform" in d.bench.switch(drop_callbacks=1, platform="feishu")["error"]
    assert "unknown switch" in d.bench.switch(drop_everything=1)["error"]
    told = d.bench.get("/control/chat")
    assert (told["switches"]["drop_callbacks"], told["dingtalk_switches"]["drop_callbacks"]) == (3, 0)


def test_a_new_day_switches_everything_off(d: Ding, ding_bench: Bench) -> None:
    d.bench.switch(drop_callbacks=3, slow_answers=1)
    told = ding_bench.new_day().get("/control/chat")
    for part in ("switches", "dingtalk_switches"):
        assert (told[part]["drop_callbacks"], told[part]["slow_answers"]) == (0, 0)


@pytest.mark.parametrize("body", [{"fly": 1}, [], {"use_calls": "many"}, {"event": {}}])
def test_a_lever_that_is_not_there_is_told(d: Ding, body: Any) -> None:
    answer = requests.post(f"{d.bench.base}/control/dingtalk", json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]
