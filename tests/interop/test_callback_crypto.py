"""Public implementations of the callback scheme, which know nothing of us: what they seal the hub's web door opens,
what the hub answers they open, and a public bot server answers the sandbox."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from dingtalk.crypto import DingTalkCrypto
from flask.testing import FlaskClient
from redis import Redis
from wechatpy.crypto import WeChatCrypto as OfficialCrypto
from wechatpy.work.crypto import WeChatCrypto as AppCrypto
from wecom_new_bot_svr import RspStreamMsg, RspTextMsg, WecomNewBotServer  # type: ignore[import-untyped]
from wecom_new_bot_svr.req_msg import ReqMsg  # type: ignore[import-untyped]
from werkzeug.serving import make_server
from wx_crypt import WXBizMsgCrypt, WxChannel_WecomAiBot  # type: ignore[import-untyped]

from bot.crypto import Crypto
from config import Settings, parse
from handlers.desk import OpenDesk
from sandbox.server import QuietHandler
from tests.bot.conftest import CUSTOMER, callback_app, open_town
from tests.bot.samples import NOW
from tests.conftest import settings_document

STAMP = str(int(NOW.timestamp()))
Desks = Callable[..., OpenDesk]


@dataclass
class Door:
    client: FlaskClient
    settings: Settings

    def post(self, path: str, signature: str, nonce: str, body: bytes) -> bytes:
        query = {"msg_signature": signature, "timestamp": STAMP, "nonce": nonce}
        answer = self.client.post(path, query_string=query, data=body)
        assert answer.status_code == 200, answer.status_code
        return bytes(answer.data)


@pytest.fixture
def door(desks: Desks, redis: Redis, people: dict[str, int]) -> Door:
    document: Any = settings_document()
    document["bot"]["mode"] = "callback"
    settings = parse(document)
    return Door(callback_app(settings, desks(settings), redis).test_client(), settings)


def envelope(sealed: str) -> Element:
    found: Element = ElementTree.fromstring(sealed)
    return found


def test_wechatpy_talks_to_the_app(door: Door) -> None:
    conf = door.settings.wecom
    assert conf is not None
    crypto = AppCrypto(conf.token, conf.aes_key, conf.corpid)
    message = (
        f"<xml><ToUserName>{conf.corpid}</ToUserName><FromUserName>xiaoli</FromUserName><CreateTime>{STAMP}</CreateTime>"
        "<MsgType>text</MsgType><Content>帮助</Content><MsgId>71</MsgId></xml>"
    )
    sealed = crypto.encrypt_message(message, "n-1", STAMP)
    signature = envelope(sealed).findtext("MsgSignature") or ""
    answer = door.post("/wecom/app", signature, "n-1", sealed.encode())
    told = envelope(answer.decode())
    plain = crypto.decrypt_message(answer, told.findtext("MsgSignature"), told.findtext("TimeStamp"), "n-1")
    assert "看板" in plain
    assert "xiaoli" in plain
    echo = Crypto(conf.token, conf.aes_key, conf.corpid).encrypt(b"echo-1")
    asked = door.client.get(
        "/wecom/app",
        query_string={
            "msg_signature": Crypto(conf.token, conf.aes_key, conf.corpid).sign(STAMP, "n-2", echo),
            "timestamp": STAMP,
            "nonce": "n-2",
            "echostr": echo,
        },
    )
    assert asked.data == b"echo-1"


def test_wechatpy_talks_to_the_service_account(door: Door) -> None:
    conf = door.settings.weixin
    assert conf is not None
    crypto = OfficialCrypto(conf.token, conf.aes_key, conf.appid)
    message = (
        f"<xml><ToUserName>gh_demo</ToUserName><FromUserName>{CUSTOMER}</FromUserName><CreateTime>{STAMP}</CreateTime>"
        "<MsgType>text</MsgType><Content>你好</Content><MsgId>72</MsgId></xml>"
    )
    sealed = crypto.encrypt_message(message, "n-1", STAMP)
    signature = envelope(sealed).findtext("MsgSignature") or ""
    answer = door.post("/wechat/oa", signature, "n-1", sealed.encode())
    told = envelope(answer.decode())
    plain = crypto.decrypt_message(answer, told.findtext("MsgSignature"), told.findtext("TimeStamp"), "n-1")
    assert CUSTOMER in plain


def bot_crypto(door: Door) -> Any:
    conf = door.settings.bot
    assert conf is not None
    return WXBizMsgCrypt(conf.token, conf.aes_key, "", channel=WxChannel_WecomAiBot)


def ask(door: Door, message: dict[str, Any]) -> dict[str, Any]:
    """Sealed by the bot framework's crypto, and the hub's answer opened by it."""
    crypto = bot_crypto(door)
    failed, sealed = crypto.EncryptMsg(json.dumps(message).encode(), "n-7", STAMP)
    assert failed == 0
    answer = door.post("/wecom/bot", json.loads(sealed)["msgsignature"], "n-7", sealed.encode())
    told = json.loads(answer)
    failed, plain = crypto.DecryptMsg(answer, told["msgsignature"], str(told["timestamp"]), told["nonce"])
    assert failed == 0
    found: dict[str, Any] = json.loads(plain)
    return found


SAID: dict[str, Any] = {
    "msgid": "m-1", "aibotid": "AIB-DEMO", "chattype": "single", "from": {"userid": "chenjie"},
    "response_url": "https://127.0.0.1:1/x", "msgtype": "text", "text": {"content": "帮助"},
}  # fmt: skip


def test_a_bot_framework_talks_to_the_hub(door: Door) -> None:
    assert ReqMsg.create_msg(SAID).response_url, "the framework reads what we send as a message"
    answer = ask(door, SAID)
    card = answer.get("template_card") or {}
    shown = json.dumps(answer, ensure_ascii=False)
    assert answer["msgtype"] in ("stream", "template_card"), card
    assert "看板" in shown


def test_a_wrong_token_is_refused(door: Door) -> None:
    conf = door.settings.bot
    assert conf is not None
    other = WXBizMsgCrypt("OtherToken", conf.aes_key, "", channel=WxChannel_WecomAiBot)
    _, sealed = other.EncryptMsg(json.dumps(SAID).encode(), "n-8", STAMP)
    query = {"msg_signature": json.loads(sealed)["msgsignature"], "timestamp": STAMP, "nonce": "n-8"}
    assert door.client.post("/wecom/bot", query_string=query, data=sealed).status_code == 403


def test_dingtalks_own_crypto_is_the_same_scheme(settings: Settings) -> None:
    """No door of ours takes this envelope (the robot's messages come signed, not sealed), so it is the crypto itself
    that is compared."""
    assert settings.wecom is not None
    token, key, corpid = settings.wecom.token, settings.wecom.aes_key, settings.wecom.corpid
    theirs, ours = DingTalkCrypto(token, key, corpid), Crypto(token, key, corpid)
    sealed = theirs.encrypt_message('{"EventType":"check_url"}', "n-1", STAMP)
    ours.check(sealed["msg_signature"], STAMP, "n-1", sealed["encrypt"])
    assert ours.decrypt(sealed["encrypt"]) == b'{"EventType":"check_url"}'
    back = ours.encrypt("成功".encode())
    assert theirs.decrypt_encrypt_str(ours.sign(STAMP, "n-2", back), STAMP, "n-2", back) == "成功"


# a public bot server in the hub's place


class Stream(RspStreamMsg):  # type: ignore[misc]  # untyped
    """The framework seals bytes, but hands over a text: as published it answers nothing."""

    def to_json_str(self) -> bytes:
        return str(super().to_json_str()).encode()


class Words(RspTextMsg):  # type: ignore[misc]  # untyped
    def to_json_str(self) -> bytes:
        return str(super().to_json_str()).encode()


@pytest.fixture
def framework(settings: Settings) -> Iterator[tuple[str, WecomNewBotServer]]:
    assert settings.bot is not None
    server = WecomNewBotServer(
        "theirs", "127.0.0.1", 0, "/wecom/bot", token=settings.bot.token, aes_key=settings.bot.aes_key
    )
    server._app.get(server.path)(server._handle_get)
    server._app.post(server.path)(server._handle_post)
    http = make_server("127.0.0.1", 0, server._app, threaded=True, request_handler=QuietHandler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}", server
    http.shutdown()
    http.server_close()


def test_a_public_bot_server_understands_the_sandbox(framework: tuple[str, WecomNewBotServer]) -> None:
    """A stream that grows by refreshes, and a welcome."""
    address, server = framework
    refreshed: list[str] = []

    def answer(message: Any) -> Stream:
        if message.msg_type == "stream":
            refreshed.append(message.stream_id)
            return Stream("s-1", "**办好了**", finish=True)
        assert message.content == "看板"
        return Stream("s-1", "处理中", finish=False)

    server.set_message_handler(answer)
    server.set_event_handler(lambda _message: Words("您好"))
    with open_town(address, mode="callback") as town:
        assert town.aibot.verify_url() == ""
        town.aibot.chat.switches.refresh_seconds = 0.05
        assert town.aibot.say("chenjie", "bot:chenjie", "看板").kind == "stream"
        assert town.aibot.store.wait(lambda: town.texts("bot:chenjie")[-1] == "**办好了**", 5)
        assert town.aibot.enter("xiaoli").kind == "text"
        assert town.complaints == []
    assert refreshed == ["s-1"]
