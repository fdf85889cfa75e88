"""Who is looking at a page of ours: the code of a micro-app inside DingTalk, and of a browser outside (5.3)."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template, request

from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import Declined, OldDeclined, wrong

CODE_SECONDS = 300
TOKEN_SECONDS = 7200
INSIDE, OUTSIDE = "inside", "outside"  # a code of one kind is worth nothing in the interface of the other

# What stands in for the client's own `dd` where a page of ours is opened on the phones.
DD = """window.dd = {env: {platform: "sandbox"}, ready: (then) => then(), requestAuthCode: (asked) =>
  fetch(`%s?${new URLSearchParams({corpId: asked.corpId, clientId: asked.clientId || ""})}`, {credentials: "include"})
    .then(async (answer) => answer.ok ? asked.onSuccess({code: (await answer.json()).code})
      : asked.onFail && asked.onFail(await answer.json()))};
"""


class Login:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._codes: dict[str, tuple[str, str, float]] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        core.chat.state.on_reset.append(self.expire)

    def expire(self) -> None:
        """End every code and every person's token."""
        self._codes.clear()
        self._tokens.clear()

    def issue(self, userid: str, kind: str) -> str:
        code = secrets.token_hex(16)
        self._codes[code] = (userid, kind, self._core.clock.epoch() + CODE_SECONDS)
        return code

    def _redeem(self, code: Any, kind: str) -> str | None:
        """The person, once and within five minutes."""
        userid, found, ends = self._codes.pop(str(code), ("", "", 0.0))
        return userid if found == kind and ends >= self._core.clock.epoch() else None

    def user_info(self, body: Json) -> Json:
        """Old host, with the application's token: a code from inside DingTalk."""
        core = self._core
        userid = self._redeem(body.get("code"), INSIDE)
        if userid is None:
            raise OldDeclined(40078, "不存在的临时授权码")
        staff, person = core.staff_id(userid), core.store.people[userid.lower()]
        chief = person.role == "主管"
        told = {"userid": staff, "unionid": core.union_id(staff), "associated_unionid": core.union_id(staff)}
        shown = {"name": person.name, "sys": chief, "sys_level": 1 if chief else 0}
        return {"result": told | shown | {"device_id": secrets.token_hex(16)}}

    def user_token(self, body: Json) -> Json:
        """New host, without a token: a code from the login page outside DingTalk."""
        settings = self._core.settings
        if (body.get("clientId"), body.get("clientSecret")) != (settings.app_key, settings.app_secret):
            raise wrong("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        if body.get("grantType") != "authorization_code":
            raise wrong("invalidParameter.grantType", "grantType should be authorization_code")
        userid = self._redeem(body.get("code"), OUTSIDE)
        if userid is None:
            raise wrong("invalidParameter.authCode.notFound", "不存在的临时授权码")
        token = secrets.token_hex(16)
        self._tokens[token] = (userid, self._core.clock.epoch() + TOKEN_SECONDS)
        told = {"accessToken": token, "refreshToken": secrets.token_hex(16), "expireIn": TOKEN_SECONDS}
        return told | {"corpId": settings.corpid}

    def me(self) -> Json:
        """New host, with the person's token."""
        core = self._core
        userid, ends = self._tokens.get(request.headers.get("x-acs-dingtalk-access-token", ""), ("", 0.0))
        if not userid or ends < core.clock.epoch():
            raise Declined(400, "InvalidAuthentication", "不合法的access_token")
        staff = core.staff_id(userid)
        told = {"nick": core.store.person_name(userid), "unionId": core.union_id(staff)}
        return told | {"openId": secrets.token_urlsafe(12) + "iE", "avatarUrl": "", "stateCode": "86"}

    def whose(self) -> str:
        """Whose phone the page is opened on: the phones page says it by cookie."""
        who = request.args.get("who") or request.cookies.get("phones_who", "")
        person = self._core.store.people.get(who.lower())
        return person.userid if person else ""


def routes(pages: Blueprint, core: Core, login: Login) -> None:
    @pages.get("/dingtalk/login")
    @pages.get("/dingtalk/login/oauth2/auth")
    def page() -> Any:
        if why := _complaint(core):
            return Response(why, status=400, mimetype="text/plain; charset=utf-8")
        who = login.whose()
        if not who:
            return render_template("who.html", people=core.store.company.people, query=request.args, client="钉钉")
        target = request.args["redirect_uri"]
        told = urlencode({"authCode": login.issue(who, OUTSIDE), "state": request.args.get("state", "")})
        return redirect(f"{target}{'&' if '?' in target else '?'}{told}")

    @pages.get("/dingtalk/jsapi.js")
    def script() -> Response:
        return Response(DD % core.chat.public("/dingtalk/jsapi/code"), mimetype="text/javascript")

    @pages.get("/dingtalk/jsapi/code")
    def code() -> Any:
        """What dd.requestAuthCode gets from the client."""
        who, known = login.whose(), request.args.get("corpId") == core.settings.corpid
        told: Json = {"code": login.issue(who, INSIDE)} if who and known else {"errorMessage": "corpId 不正确或未登录"}
        origin = request.headers.get("Origin", "*")
        allow = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        return jsonify(told), 200 if who and known else 403, allow


def _complaint(core: Core) -> str:
    """What is wrong with the address of the login page."""
    given = request.args
    if given.get("client_id") != core.settings.app_key:
        return "client_id 不正确"
    if given.get("response_type") != "code" or given.get("prompt") != "consent":
        return "response_type 应为 code，prompt 应为 consent"
    if "openid" not in given.get("scope", "").split():
        return "scope 应包含 openid"
    if not given.get("redirect_uri", "").startswith(("http://", "https://")):
        return "redirect_uri 应为完整的网址"
    return ""
