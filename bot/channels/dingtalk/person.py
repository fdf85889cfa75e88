"""Whoever logged in with DingTalk's page in a browser: calls with the person's own token, which no client of the
application knows (dingtalk.md 5.3)."""

from __future__ import annotations

from typing import Any, Final

import requests

from bot.channels.dingtalk.errors import resolution
from bot.channels.sending import UNREACHABLE, Body, SendError
from bot.channels.tokens import Http
from config_chat import DingTalk

_HEADER: Final = "x-acs-dingtalk-access-token"
_OK: Final = 200


def token_of(settings: DingTalk, code: str) -> tuple[str, str]:
    """The person's token, and the company with which they logged in ("" where that is not told). Raises SendError."""
    asked = {
        "clientId": settings.app_key,
        "clientSecret": settings.app_secret,
        "code": code,
        "grantType": "authorization_code",
    }
    told = _asked(settings, "POST", "v1.0/oauth2/userAccessToken", json=asked)
    return str(told.get("accessToken") or ""), str(told.get("corpId") or "")


def union_id(settings: DingTalk, token: str) -> str:
    """ "" where the platform names nobody. Raises SendError."""
    told = _asked(settings, "GET", "v1.0/contact/users/me", headers={_HEADER: token})
    return str(told.get("unionId") or "")


def _asked(settings: DingTalk, method: str, path: str, **options: Any) -> Body:
    try:
        with Http(settings.gateway) as wire:
            answer = wire.request(method, f"{settings.gateway}/{path}", allow_redirects=False, **options)
            told = answer.json()
    except (requests.RequestException, ValueError):
        raise SendError(UNREACHABLE, unknown=True) from None
    if answer.status_code == _OK and isinstance(told, dict):
        return told
    code = str(told.get("code") or "") if isinstance(told, dict) else ""
    raise SendError(resolution(code, str(told.get("message") or "")), code) if code else SendError(UNREACHABLE)
