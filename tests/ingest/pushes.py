"""Pushes as their platforms send them: bodies of `tests/golden/ingest/<platform>/push/`, signed here."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from config import Shop
from ingest.push import push_of
from ingest.pushing import Arrived, Message, Push, Untrusted
from sandbox.chat_crypto import Crypto
from tests.ingest.golden import GOLDEN

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)  # 10:30 in Beijing
KEY, SECRET = "12345678", "helloworld"
TOKEN, AES_KEY = "DemoShopPushToken", "OrderAssistantShopAesKey0123456789ABCDEFGHI"


def shop(platform: str, **changes: Any) -> Shop:
    values = {
        "slug": "one",
        "platform": platform,
        "prefix": "AA",
        "name": "示例店",
        "app_key": KEY,
        "app_secret": SECRET,
    }
    return Shop(**{**values, "push_token": TOKEN, "push_aes_key": AES_KEY, **changes})


def pushing(platform: str) -> Push:
    push = push_of(shop(platform))
    assert push is not None
    return push


def golden(platform: str, name: str) -> bytes:
    return (GOLDEN / platform / "push" / name).read_bytes()


def arrived(body: bytes, query: Mapping[str, str], now: datetime = NOW, **headers: str) -> Arrived:
    return Arrived(query, {name.replace("_", "-"): value for name, value in headers.items()}, body, now)


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def joined(params: Mapping[str, str]) -> str:
    return "".join(f"{name}{params[name]}" for name in sorted(params))


def taobao(body: bytes, secret: str = SECRET, now: datetime = NOW, **more: str) -> Arrived:
    query = {"app_key": KEY, "timestamp": "2026-03-01 10:30:00", **more}
    signed = {**query, "top-host": "hub"}
    sign = md5(f"{secret}{joined(signed)}{body.decode()}{secret}").upper()
    return arrived(
        body, {**query, "sign": sign}, now, content_type="application/json", top_sign_list="top-host", top_host="hub"
    )


def jd(body: bytes, secret: str = SECRET, now: datetime = NOW) -> Arrived:
    query = {"app_key": KEY, "timestamp": "2026-03-01 10:30:00.000+0800", "v": "2.0"}
    query["360buy_param_json"] = body.decode()
    return arrived(b"", {**query, "sign": md5(f"{secret}{joined(query)}{secret}").upper()}, now)


def pdd(body: bytes, secret: str = SECRET, now: datetime = NOW) -> Arrived:
    query = {"client_id": KEY, "timestamp": "1772332200"}
    sign = md5(f"{secret}{joined({**query, 'body': body.decode()})}{secret}").upper()
    return arrived(body, {**query, "sign": sign}, now)


def douyin(body: bytes, secret: str = SECRET, now: datetime = NOW) -> Arrived:
    return arrived(body, {}, now, app_id=KEY, event_sign=md5(f"{KEY}{body.decode()}{secret}"))


def douyin_spi(body: bytes, secret: str = SECRET, *, key: str = KEY) -> dict[str, str]:
    """The query of a call of the SPI kind: pattern of vector D5."""
    stamp = "2026-03-01 10:30:00"
    text = f"{secret}app_key{key}param_json{body.decode()}timestamp{stamp}{secret}"
    sign = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"app_key": key, "timestamp": stamp, "sign_method": "2", "sign": sign, "param_json": body.decode()}


def wxshop(body: bytes, token: str = TOKEN, now: datetime = NOW, *, appid: str = KEY, json: bool = True) -> Arrived:
    sealed = Crypto(token, AES_KEY, appid).seal(body, 1772332200, "nonce1")
    envelope = f'{{"ToUserName":"gh_1","Encrypt":"{sealed.encrypt}"}}'
    if not json:
        envelope = f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{sealed.encrypt}]]></Encrypt></xml>"
    return arrived(envelope.encode(), sealed.query, now)


SIGNED: dict[str, Callable[..., Arrived]] = {"taobao": taobao, "jd": jd, "pdd": pdd, "douyin": douyin, "wxshop": wxshop}


def one(platform: str, name: str) -> Message:
    (found,) = pushing(platform).messages(SIGNED[platform](golden(platform, name)))
    return found


def refused(platform: str, sent: Arrived) -> None:
    with pytest.raises(Untrusted) as caught:
        pushing(platform).messages(sent)
    assert SECRET not in str(caught.value)
