"""Who opens a page of ours: each chat platform tells its own members, in its client without a click, elsewhere by its
login page (wecom.md 8, dingtalk.md 5.3). What `web/login.py` asks for; the clients are loaded when somebody logs in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlencode

from redis import Redis

from bot.channels.sending import SendError
from config import Settings
from config_chat import DingTalk, WecomApp
from handlers.login import NoAnswer, NotOurs, Spent

if TYPE_CHECKING:
    from bot.channels.dingtalk.api import DingApi
    from bot.channels.wecom_app.api import App

Told = TypeVar("Told")
_WECOM_SPENT: Final = frozenset({40029})
_DING_SPENT: Final = frozenset({40078, "invalidParameter.authCode.notFound"})
_NOT_THERE: Final = 60121


def entrances(settings: Settings, redis: Redis) -> tuple[WecomEntrance | DingEntrance, ...]:
    """One for each platform that `settings` names."""
    found: list[WecomEntrance | DingEntrance] = []
    if settings.wecom is not None:
        found.append(WecomEntrance(settings.wecom, redis))
    if settings.dingtalk is not None:
        found.append(DingEntrance(settings.dingtalk, redis))
    return tuple(found)


class WecomEntrance:
    """WeCom: OAuth inside its client, a code to scan in a browser."""

    slug = "wecom"
    title = "企业微信"
    channel = "wecom_app"
    script = ""
    asked: Mapping[str, str] = {}

    def __init__(self, settings: WecomApp, redis: Redis) -> None:
        self._settings = settings
        self._redis = redis

    @cached_property
    def _api(self) -> App:
        from bot.channels.wecom_app.api import App

        return App(self._settings, self._redis)

    def is_client(self, agent: str) -> bool:
        return "wxwork" in agent.lower()

    def address(self, back: str, state: str, agent: str) -> str:
        """Where the browser goes to log in; it comes back to `back` with `code` and `state`."""
        told = {"appid": self._settings.corpid, "redirect_uri": back}
        who = {"agentid": self._settings.agentid, "state": state}
        if self.is_client(agent):
            query = urlencode({**told, "response_type": "code", "scope": "snsapi_base", **who})
            return f"{self._settings.oauth_gateway}/connect/oauth2/authorize?{query}#wechat_redirect"
        query = urlencode({"login_type": "CorpApp", **told, **who})
        return f"{self._settings.login_gateway}/wwlogin/sso/login?{query}"

    def who(self, answer: Mapping[str, str]) -> str:
        """The userid behind what came back. Raises NotOurs, Spent, NoAnswer."""
        told = _asked(lambda: self._api.get("auth/getuserinfo", code=_code(answer)), _WECOM_SPENT)
        return _given(told, "userid")


class DingEntrance:
    """DingTalk: its script inside its client, its login page in a browser."""

    slug = "dingtalk"
    title = "钉钉"
    channel = "dingtalk"

    def __init__(self, settings: DingTalk, redis: Redis) -> None:
        self._settings = settings
        self._redis = redis
        self.script = settings.jsapi
        self.asked: Mapping[str, str] = {"corp": settings.corpid, "client": settings.app_key}

    @cached_property
    def _api(self) -> DingApi:
        from bot.channels.dingtalk.api import DingApi

        return DingApi(self._settings, self._redis)

    def is_client(self, agent: str) -> bool:
        return "dingtalk" in agent.lower()

    def address(self, back: str, state: str, agent: str) -> str:
        """DingTalk's login page; it comes back to `back` with `authCode` and `state`."""
        query = urlencode({
            "redirect_uri": back, "response_type": "code", "client_id": self._settings.app_key,
            "scope": "openid corpid", "state": state, "prompt": "consent",
        })  # fmt: skip
        return f"{self._settings.login_gateway}/oauth2/auth?{query}"

    def who(self, answer: Mapping[str, str]) -> str:
        """The userid behind what came back: `code` from the script, `authCode` from the login page. Raises NotOurs,
        Spent, NoAnswer."""
        if answer.get("authCode"):
            return self._of_browser(answer["authCode"][:512])
        told = _asked(lambda: self._api.ask("topapi/v2/user/getuserinfo", {"code": _code(answer)}), _DING_SPENT)
        return _given(told.get("result"), "userid")

    def _of_browser(self, code: str) -> str:
        from bot.channels.dingtalk import person

        token, corpid = _asked(lambda: person.token_of(self._settings, code), _DING_SPENT)
        if corpid not in ("", self._settings.corpid):
            raise NotOurs  # logged in with the account of another company
        union = _asked(lambda: person.union_id(self._settings, token), _DING_SPENT)
        found = _asked(lambda: self._api.ask("topapi/user/getbyunionid", {"unionid": union}), _DING_SPENT)
        result = found.get("result")
        if isinstance(result, dict) and str(result.get("contact_type", 0)) != "0":
            raise NotOurs  # a contact, and no member
        return _given(result, "userid")


def _asked(call: Callable[[], Told], spent: frozenset[object]) -> Told:
    try:
        return call()
    except SendError as error:
        if error.code in spent:
            raise Spent from None
        if error.code == _NOT_THERE:
            raise NotOurs from None
        raise NoAnswer(str(error)) from None


def _given(told: object, name: str) -> str:
    """Raises NotOurs where the platform names nobody."""
    found = told.get(name) if isinstance(told, Mapping) else None
    if not isinstance(found, str) or not found:
        raise NotOurs
    return found


def _code(answer: Mapping[str, str]) -> str:
    return answer.get("code", "")[:512]
