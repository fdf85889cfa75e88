"""What customers do with the service account beside writing: scan codes, follow, leave, allow single notices; and the
mini program's notices."""

import base64
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.chat_errors import Refused
from sandbox.chat_limits import Tokens
from sandbox.chat_press import NotPossible
from sandbox.chat_wire import Outcome
from sandbox.company_customers import Template
from sandbox.state import State
from sandbox.weixin import Weixin, checked_values, weixin_of

LONGEST = 30 * 24 * 3600
# The smallest JPEG that viewers open: what a code looks like is nobody's matter here.
PICTURE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/"
    "yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k="
)


class Customers:
    def __init__(self, weixin: Weixin) -> None:
        self.weixin = weixin
        self.credits: Counter[tuple[str, str]] = Counter()  # (openid, template) → notices allowed
        self.notices = {one.id: one for one in weixin.settings.notices}
        company = weixin.chat.state.company
        self.mini, self.mini_tokens = company.mini, Tokens(weixin.clock, renewing=True)
        self.mini_templates = {one.id: one for one in company.mini.templates}
        self._codes: dict[str, tuple[str, Any]] = {}  # ticket → what it carries, when it ends
        self._logins: dict[str, tuple[str, Any]] = {}
        weixin.chat.state.on_reset += [self.credits.clear, self._codes.clear, self._logins.clear]

    # codes

    def make_code(self, body: dict[str, Any]) -> dict[str, Any]:
        seconds, action = body.get("expire_seconds", 60), body.get("action_name")
        if action != "QR_STR_SCENE":
            raise Refused(40053, "invalid action name")
        if not isinstance(seconds, int) or not 1 <= seconds <= LONGEST:
            raise Refused(40053, "invalid expire_seconds")
        scene = str(body.get("action_info", {}).get("scene", {}).get("scene_str", ""))
        if not 1 <= len(scene) <= 64:
            raise Refused(40053, "invalid scene_str")
        ticket = f"gQ{secrets.token_urlsafe(40)}=="
        self._codes[ticket] = (scene, self.weixin.clock.now() + timedelta(seconds=seconds))
        return {"ticket": ticket, "expire_seconds": seconds, "url": f"http://weixin.qq.com/q/{ticket[:22]}"}

    def scene(self, ticket: str) -> str:
        scene, ends = self._codes.get(ticket, ("", None))
        if ends is None or ends <= self.weixin.clock.now():
            raise NotPossible("二维码不存在或已过期")
        return scene

    def newest_ticket(self) -> str:
        return next(reversed(self._codes), "")

    def scan(self, openid: str, ticket: str) -> Outcome:
        """Who does not follow follows by it."""
        scene, new = self.scene(ticket), openid in self.weixin.left
        self.weixin.left.discard(openid)
        key = {"Event": "subscribe", "EventKey": f"qrscene_{scene}"} if new else {"Event": "SCAN", "EventKey": scene}
        return self._event(openid, {**key, "Ticket": ticket})

    def follow(self, openid: str) -> Outcome:
        self.weixin.left.discard(openid)
        return self._event(openid, {"Event": "subscribe", "EventKey": ""})

    def leave(self, openid: str) -> Outcome:
        self.weixin.left.add(openid)
        return self._event(openid, {"Event": "unsubscribe", "EventKey": ""})

    # single notices

    def tap(self, openid: str, *templates: str, accept: bool = True) -> Outcome:
        """A tap on the page's wx-open-subscribe, one entry per template."""
        for template in templates:
            self.credits[openid, template] += accept
        word = "accept" if accept else "reject"
        entries = [{"TemplateId": one, "SubscribeStatusString": word, "PopupScene": 1} for one in templates]
        return self._listed(openid, "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", entries)

    def refuse(self, openid: str, template: str) -> Outcome:
        """Switched off in the account's settings afterwards."""
        self.credits.pop((openid, template), None)
        entry = {"TemplateId": template, "SubscribeStatusString": "reject"}
        return self._listed(openid, "subscribe_msg_change_event", "SubscribeMsgChangeEvent", [entry])

    def send_notice(self, body: dict[str, Any], templates: dict[str, Template], known: set[str]) -> dict[str, Any]:
        openid, template = str(body.get("touser", "")), templates.get(str(body.get("template_id", "")))
        if openid not in known:
            raise Refused(40003, "invalid openid")
        if template is None:
            raise Refused(40037, "invalid template_id")
        values = checked_values(template, body.get("data"))
        if not self.credits[openid, template.id]:
            raise Refused(43101, "user refuse to accept the msg")
        self.credits[openid, template.id] -= 1
        lines = [{"label": template.keys[key], "value": value} for key, value in values.items()]
        shown = {"title": template.title, "lines": lines, "url": str(body.get("page", ""))}
        self.weixin.store.add(f"oa:{self._owner(openid)}", "oa", "template", shown)
        return {"errcode": 0, "errmsg": "ok"}

    def _owner(self, openid: str) -> str:
        """Whose phone it is: the mini program knows people by another id."""
        found = (one.openid for one in self.weixin.store.customers.values() if openid in (one.openid, one.mini_openid))
        return next(found)

    def log_in(self, openid: str) -> str:
        """What wx.login gives the mini program: one use, five minutes."""
        mini = self.weixin.store.customers[openid].mini_openid
        code = secrets.token_hex(16)
        self._logins[code] = (mini, self.weixin.clock.now() + timedelta(minutes=5))
        return code

    def redeem(self, code: str) -> str:
        openid, ends = self._logins.pop(code, ("", self.weixin.clock.now()))
        if ends <= self.weixin.clock.now():
            raise Refused(40029, "invalid code")
        return openid

    def mini_people(self) -> set[str]:
        return {one.mini_openid for one in self.weixin.store.customers.values()}

    def _listed(self, openid: str, event: str, name: str, entries: list[dict[str, Any]]) -> Outcome:
        return self._event(openid, {"Event": event, name: {"List": entries if len(entries) > 1 else entries[0]}})

    def _event(self, openid: str, fields: dict[str, Any]) -> Outcome:
        return self.weixin._post(openid, self.weixin._head(openid, "event") | fields)


def customers_of(state: State) -> Customers:
    part = state.parts["weixin_customers"]
    if not isinstance(part, Customers):
        raise TypeError("the part of the account's customers is not registered")
    return part


def register(app: Flask, state: State) -> None:
    weixin = weixin_of(state)
    customers = Customers(weixin)
    state.parts["weixin_customers"] = customers
    pages = Blueprint("weixin_customers", __name__)

    @pages.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        answer = error.answer()
        return jsonify({**answer, "errmsg": f"{error.errmsg} rid: {secrets.token_hex(4)}-{secrets.token_hex(8)}"})

    _account_routes(pages, customers)
    _mini_routes(pages, customers)
    _thumb_route(pages, customers)
    app.register_blueprint(pages)


def _body() -> dict[str, Any]:
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise Refused(47001, "data format error")
    return found


def _account_routes(pages: Blueprint, customers: Customers) -> None:
    weixin = customers.weixin

    @pages.post("/weixin/cgi-bin/qrcode/create")
    def make_code() -> Response:
        weixin.tokens.check(request.args.get("access_token"))
        return jsonify(customers.make_code(_body()))

    @pages.get("/weixin/cgi-bin/showqrcode")
    def show_code() -> Response:
        try:
            customers.scene(request.args.get("ticket", ""))
        except NotPossible:
            return Response("<html>404</html>", status=404)
        return Response(PICTURE, mimetype="image/jpg")

    @pages.post("/weixin/cgi-bin/message/subscribe/bizsend")
    def notice() -> Response:
        weixin.tokens.check(request.args.get("access_token"))
        return jsonify(customers.send_notice(_body(), customers.notices, set(weixin.store.customers)))


def _mini_routes(pages: Blueprint, customers: Customers) -> None:
    @pages.get("/mini/cgi-bin/token")
    def mini_token() -> Response:
        if request.args.get("appid") != customers.mini.appid:
            raise Refused(40013, "invalid appid")
        if request.args.get("secret") != customers.mini.secret:
            raise Refused(40001, "invalid credential")
        made, seconds = customers.mini_tokens.fetch()
        return jsonify({"access_token": made, "expires_in": seconds})

    @pages.get("/mini/sns/jscode2session")
    def log_in() -> Response:
        if request.args.get("appid") != customers.mini.appid or request.args.get("secret") != customers.mini.secret:
            raise Refused(40125, "invalid appsecret")
        return jsonify(
            {"openid": customers.redeem(request.args.get("js_code", "")), "session_key": secrets.token_hex(8)}
        )

    @pages.post("/mini/cgi-bin/message/subscribe/send")
    def mini_notice() -> Response:
        customers.mini_tokens.check(request.args.get("access_token"))
        return jsonify(customers.send_notice(_body(), customers.mini_templates, customers.mini_people()))


def _thumb_route(pages: Blueprint, customers: Customers) -> None:
    """What the customer's phone can do beside writing; `ticket`: of a code, by default the newest that was made."""

    @pages.post("/phones/api/customer/do")
    def act() -> tuple[Response, int] | Response:
        body = _body()
        who = str(body.get("openid") or customers.weixin.store.company.customers[0].openid)
        template = str(body.get("template", ""))
        acts: dict[str, Callable[[], Outcome]] = {
            "scan": lambda: customers.scan(who, str(body.get("ticket") or customers.newest_ticket())),
            "follow": lambda: customers.follow(who),
            "leave": lambda: customers.leave(who),
            "allow": lambda: customers.tap(who, template),
            "refuse": lambda: customers.refuse(who, template),
        }
        wanted = acts.get(str(body.get("do", "")))
        if wanted is None or who not in customers.weixin.store.customers:
            return jsonify({"error": f"do: {'、'.join(acts)}"}), 400
        try:
            return jsonify(wanted().as_dict())
        except NotPossible as error:
            return jsonify({"error": str(error)}), 409
