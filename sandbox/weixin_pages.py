"""WeChat around a company's own page: who opens it (网页授权), its script's signature, and what the script draws."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, Response, jsonify, redirect, request

from sandbox.chat_errors import Refused
from sandbox.state import State
from sandbox.weixin import weixin_of
from sandbox.weixin_customers import Customers, customers_of

MOST_TEMPLATES = 3
TICKET_SECONDS = 7200

# What WeChat's script does of all that it can: it checks the signature, and draws the one tag.
SCRIPT = """window.wx = (() => {
  const ready = [], wrong = [];
  const ask = (path, sent) => fetch(`%s${path}`, {method: "POST", body: JSON.stringify(sent)}).then((a) => a.json());
  function draw(tag) {
    const parts = [...tag.querySelectorAll('script[type="text/wxtag-template"]')];
    const root = tag.attachShadow({mode: "open"});
    root.innerHTML = parts.map((one) => one.textContent).join("");
    root.addEventListener("click", async () => {
      const told = await ask("/tap", {template: tag.getAttribute("template") || ""});
      tag.dispatchEvent(new CustomEvent(told.errCode ? "error" : "success", {detail: told}));
    });
  }
  return {
    ready: (then) => ready.push(then), error: (then) => wrong.push(then),
    config: (asked) => ask("/check", {...asked, url: location.href.split("#")[0]}).then((told) => {
      if (told.errMsg !== "config:ok") return wrong.forEach((then) => then(told));
      if ((asked.openTagList || []).includes("wx-open-subscribe"))
        document.querySelectorAll("wx-open-subscribe").forEach(draw);
      ready.forEach((then) => then());
    }),
  };
})();
"""


class Pages:
    """`who`: whose WeChat opens pages now. `answer`: what they tap in the window, accept or reject."""

    def __init__(self, customers: Customers) -> None:
        self.customers = customers
        self.weixin = customers.weixin
        self.answer = "accept"
        self.who = self.first
        self._codes: dict[str, tuple[str, datetime]] = {}
        self._used: set[str] = set()
        self._ticket = ("", self.weixin.clock.now())
        self._pushed: set[str] = set()  # of later taps the platform tells nothing
        self.weixin.chat.state.on_reset.append(self.forget)

    @property
    def first(self) -> str:
        return self.weixin.store.company.customers[0].openid

    def forget(self) -> None:
        self._codes.clear()
        self._used.clear()
        self._pushed.clear()
        self._ticket = ("", self.weixin.clock.now())
        self.answer, self.who = "accept", self.first

    def complaint(self) -> str:
        """What is wrong with the address of the login."""
        given, hub = request.args, urlsplit(self.weixin.chat.hub("")).netloc
        if given.get("appid") != self.weixin.settings.appid:
            return "appid 参数错误"
        if given.get("response_type") != "code" or given.get("scope") != "snsapi_base":
            return "Scope 参数错误或没有 Scope 权限"
        if urlsplit(given.get("redirect_uri", "")).netloc != hub:
            return "redirect_uri 域名与后台配置不一致"
        return ""

    def issue(self) -> str:
        code = secrets.token_hex(16)
        self._codes[code] = (self.who, self.weixin.clock.now() + timedelta(minutes=5))
        return code

    def redeem(self, code: str) -> str:
        openid, ends = self._codes.pop(code, ("", self.weixin.clock.now()))
        if not openid and code in self._used:
            raise Refused(40163, "code been used")
        if not openid or ends <= self.weixin.clock.now():
            raise Refused(40029, "invalid code")
        self._used.add(code)
        return openid

    def ticket(self) -> tuple[str, int]:
        text, ends = self._ticket
        if not text or ends <= self.weixin.clock.now():
            self._ticket = (secrets.token_urlsafe(48), self.weixin.clock.now() + timedelta(seconds=TICKET_SECONDS))
        left = self._ticket[1] - self.weixin.clock.now()
        return self._ticket[0], int(left.total_seconds())

    def check(self, asked: dict[str, Any]) -> str:
        """What WeChat's script is told: config:ok, or why not."""
        url = str(asked.get("url", ""))
        if asked.get("appId") != self.weixin.settings.appid:
            return "config:invalid appid"
        if urlsplit(url).netloc != urlsplit(self.weixin.chat.hub("")).netloc:
            return "config:invalid url domain"
        parts = (self._ticket[0], asked.get("nonceStr"), asked.get("timestamp"), url)
        text = "jsapi_ticket={}&noncestr={}&timestamp={}&url={}".format(*parts)
        signed = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return "config:ok" if self._ticket[0] and signed == asked.get("signature") else "config:invalid signature"

    def tap(self, listed: str) -> dict[str, Any]:
        """A tap on the drawn button; only the first one of somebody is pushed."""
        templates = [one for one in re.split(r",\s*", listed) if one]
        if not templates:
            return {"errCode": 10001, "errMsg": "subscribe:fail TmplIds can't be empty"}
        if len(templates) > MOST_TEMPLATES:
            return {"errCode": 20003, "errMsg": "subscribe:fail Templates count out of max bounds"}
        if any(one not in self.customers.notices for one in templates):
            return {"errCode": 20001, "errMsg": "subscribe:fail No template data return"}
        accept = self.answer == "accept"
        if self.who in self._pushed:
            for one in templates:
                self.customers.credits[self.who, one] += accept
        else:
            self._pushed.add(self.who)
            self.customers.tap(self.who, *templates, accept=accept)
        details = ",".join(f'"{one}":"{{\\"status\\":\\"{self.answer}\\"}}"' for one in templates)
        return {"errMsg": "subscribe:ok", "subscribeDetails": f"{{{details}}}"}


def pages_of(state: State) -> Pages:
    part = state.parts["weixin_pages"]
    if not isinstance(part, Pages):
        raise TypeError("the part of the account's pages is not registered")
    return part


def register(app: Flask, state: State) -> None:
    weixin = weixin_of(state)
    here = Pages(customers_of(state))
    state.parts["weixin_pages"] = here
    routes = Blueprint("weixin_pages", __name__)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        answer = error.answer()
        return jsonify({**answer, "errmsg": f"{error.errmsg} rid: {secrets.token_hex(4)}-{secrets.token_hex(8)}"})

    @routes.get("/weixin/connect/oauth2/authorize")
    def authorize() -> Any:
        if why := here.complaint():
            return Response(why, status=400, mimetype="text/plain; charset=utf-8")
        told = urlencode({"code": here.issue(), "state": request.args.get("state", "")})
        target = request.args["redirect_uri"]
        return redirect(f"{target}{'&' if '?' in target else '?'}{told}")

    @routes.get("/weixin/sns/oauth2/access_token")
    def access_token() -> Response:
        asked = (request.args.get("appid"), request.args.get("secret"), request.args.get("grant_type"))
        if asked[:2] != (weixin.settings.appid, weixin.settings.secret):
            raise Refused(40125, "invalid appsecret")
        if asked[2] != "authorization_code":
            raise Refused(40002, "invalid grant_type")
        openid = here.redeem(request.args.get("code", ""))
        told = {"access_token": secrets.token_hex(16), "expires_in": 7200, "refresh_token": secrets.token_hex(16)}
        return jsonify({**told, "openid": openid, "scope": "snsapi_base"})

    @routes.get("/weixin/cgi-bin/ticket/getticket")
    def getticket() -> Response:
        weixin.tokens.check(request.args.get("access_token"))
        if request.args.get("type") != "jsapi":
            raise Refused(40097, "invalid args")
        ticket, left = here.ticket()
        return jsonify({"errcode": 0, "errmsg": "ok", "ticket": ticket, "expires_in": left})

    @routes.get("/weixin/jweixin-1.6.0.js")
    def script() -> Response:
        return Response(SCRIPT % weixin.chat.public("/weixin/jssdk"), mimetype="text/javascript")

    @routes.post("/weixin/jssdk/check")
    def check() -> Any:
        return jsonify({"errMsg": here.check(_body())}), 200, {"Access-Control-Allow-Origin": "*"}

    @routes.post("/weixin/jssdk/tap")
    def tap() -> Any:
        return jsonify(here.tap(str(_body().get("template", "")))), 200, {"Access-Control-Allow-Origin": "*"}

    app.register_blueprint(routes)


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}
