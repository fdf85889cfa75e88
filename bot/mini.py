"""The company's mini program binds a buyer to an order: it sends wx.login's code with the order's number and the end of
its phone, and which notices were allowed by the tap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import requests
import structlog

from bot.calls import Call, Reply, Take
from bot.channels.tokens import Http
from bot.crypto import BadEnvelope
from bot.phrases import printable
from config_customers import Mini
from handlers.customers import credits, hearing
from handlers.desk import OpenDesk

log = structlog.get_logger()
CHANNEL: Final = "wechat_mini"
PATH: Final = "/wechat/mini/bind"
_QUICK: Final = (0.5, 1.0)  # seconds: the phone waits
_MOST: Final = 3  # notices in one tap
_AWAY: Final = "微信暂时没有应答，请稍后再试"
_EXPIRED: Final = "登录已过期，请重新打开小程序再试"


def of_mini(settings: Mini, open_desk: OpenDesk) -> Take:
    """Takes {"code", "number", "tail", "templates": [ids]}, answers {"ok", "said"}."""
    http = Http(settings.gateway)

    def take(call: Call) -> Reply:
        asked = _read(call.body)
        listed = asked.get("templates") or ()
        if not isinstance(listed, list | tuple):
            raise BadEnvelope("templates is no list")
        openid, why = _openid(http, settings, _whole(asked.get("code", "")))
        if not openid:
            return _reply({"ok": False, "said": why})
        words = printable(_whole(f"{asked.get('number', '')} {asked.get('tail', '')}"))[:80]
        allowed = [str(one) for one in listed if isinstance(one, str)][:_MOST]
        known = {one.id for one in settings.templates.values()}
        with open_desk() as desk:
            said = hearing.hear(desk, openid, words, CHANNEL)
            for template in known.intersection(allowed):
                credits.allowed(desk, CHANNEL, openid, template, more=True)
        return _reply({"ok": True, "said": said})

    return take


def _read(body: bytes) -> Mapping[str, Any]:
    """Raises BadEnvelope."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEnvelope("no JSON") from error
    if not isinstance(found, dict):
        raise BadEnvelope("no JSON object")
    return found


def _whole(told: object) -> str:
    """Without halves of letters, which neither the platform nor the database takes."""
    return str(told).encode("utf-8", "ignore").decode()


def _openid(http: Http, settings: Mini, code: str) -> tuple[str, str]:
    """Who opened the mini program; else "" and why it is not known."""
    query = {"appid": settings.appid, "secret": settings.secret, "js_code": code, "grant_type": "authorization_code"}
    try:
        answer = http.get(f"{settings.gateway}/sns/jscode2session", params=query, timeout=_QUICK).json()
    except (requests.RequestException, ValueError):
        return "", _AWAY
    openid = answer.get("openid") if isinstance(answer, dict) else None
    if isinstance(openid, str) and openid:
        return openid, ""
    log.warning("mini_login_refused", code=answer.get("errcode") if isinstance(answer, dict) else None)
    return "", _EXPIRED


def _reply(said: Mapping[str, Any]) -> Reply:
    return Reply(json.dumps(said, ensure_ascii=False).encode(), "application/json; charset=utf-8")
