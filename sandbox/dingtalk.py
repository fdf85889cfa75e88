"""DingTalk as an internal application sees it: /dingtalk/api (new host), /dingtalk/oapi (old host), the Stream
gateway, the login page. The parts lie in the other files of this name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask_sock import Sock

from sandbox import dingtalk_control, dingtalk_directory, dingtalk_hooks, dingtalk_login, dingtalk_old
from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import Declined, wrong
from sandbox.dingtalk_tokens import LIFETIME
from sandbox.dingtalk_whole import DingTalk
from sandbox.state import State

Work = Callable[[Json], Json]
Answer = tuple[Response, int]
NO_PERMISSION = "Forbidden.AccessDenied.AccessTokenPermissionDenied"
CARD_SCOPE, ROBOT_SCOPE = "Card.Instance.Write", "qyapi_robot_sendmsg"


def register(app: Flask, state: State) -> None:
    dingtalk = DingTalk(state)
    state.parts["dingtalk"] = dingtalk
    pages = Blueprint("dingtalk", __name__)
    _token_routes(pages, dingtalk)
    _paid_routes(pages, dingtalk)
    _person_routes(pages, dingtalk)
    _old_routes(pages, dingtalk)
    _no_routes(pages, dingtalk)
    dingtalk_control.routes(pages, dingtalk)
    app.register_blueprint(pages)
    _gateway_routes(app, dingtalk)


def body_of() -> Json:
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise wrong("param.isNotJson", "the body is no JSON object")
    return found


def answering(work: Callable[[], Json]) -> Answer:
    try:
        return jsonify(work()), 200
    except Declined as declined:
        return jsonify(declined.answer()), declined.status


def guarded(core: Core, api: str, work: Callable[[], Json], *, paid: bool = True, scope: str = "") -> Answer:
    """A call to the new host: the token in its header, then the limits, the permission, the work."""

    def checked() -> Json:
        core.tokens.check(request.headers.get("x-acs-dingtalk-access-token"))
        core.quota.call(api, paid=paid)
        if scope in core.withheld:
            raise Declined(403, NO_PERMISSION, f"应用尚未开通所需的权限：[{scope}]")
        return work()

    return answering(checked)


def _token_routes(pages: Blueprint, dingtalk: DingTalk) -> None:
    settings = dingtalk.settings

    @pages.get("/dingtalk/oapi/gettoken")
    def gettoken() -> Response:
        key, secret = (request.args.get(name) for name in ("appkey", "appsecret"))
        if (key, secret) != (settings.app_key, settings.app_secret):
            return jsonify({"errcode": 40089, "errmsg": "不合法的appkey或appsecret"})
        token = dingtalk.tokens.fetch()
        return jsonify({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": LIFETIME})

    @pages.post("/dingtalk/api/v1.0/oauth2/accessToken")
    def access_token() -> Answer:
        def work() -> Json:
            body = body_of()
            if (body.get("appKey"), body.get("appSecret")) != (settings.app_key, settings.app_secret):
                raise wrong("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
            return {"accessToken": dingtalk.tokens.fetch(), "expireIn": LIFETIME}

        return answering(work)

    @pages.post("/dingtalk/api/v1.0/oauth2/<corp_id>/token")
    def corp_token(corp_id: str) -> Answer:
        def work() -> Json:
            body = body_of()
            if body.get("grant_type") != "client_credentials":
                raise wrong("unsupportedGrantType", "grant_type should be client_credentials")
            given = (corp_id, body.get("client_id"), body.get("client_secret"))
            if given != (settings.corpid, settings.app_key, settings.app_secret):
                raise wrong("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
            return {"access_token": dingtalk.tokens.fetch(), "expires_in": LIFETIME}

        return answering(work)


def _paid_routes(pages: Blueprint, dingtalk: DingTalk) -> None:
    """Cards and the robot: (method, path under /v1.0, work)."""
    cards, robot = dingtalk.cards, dingtalk.robot
    listed: tuple[tuple[str, str, Work], ...] = (
        ("POST", "/card/instances/createAndDeliver", cards.create_and_deliver),
        ("POST", "/card/instances", cards.create),
        ("POST", "/card/instances/deliver", cards.deliver),
        ("PUT", "/card/instances", cards.update),
        ("POST", "/card/callbacks/register", cards.register),
        ("POST", "/robot/oToMessages/batchSend", robot.send_to_people),
        ("POST", "/robot/groupMessages/send", robot.send_to_group),
        ("POST", "/robot/otoMessages/batchRecall", robot.recall_from_people),
        ("POST", "/robot/groupMessages/recall", robot.recall_from_group),
        ("POST", "/robot/groupMessages/query", robot.group_read_status),
        ("POST", "/robot/messageFiles/download", robot.download),
    )
    for method, path, work in listed:
        _route(pages, dingtalk, (method, path), work)

    @pages.get("/dingtalk/api/v1.0/robot/oToMessages/readStatus")
    def read_status() -> Answer:
        api = "GET /v1.0/robot/oToMessages/readStatus"
        return guarded(dingtalk, api, lambda: robot.read_status(dict(request.args)), scope=ROBOT_SCOPE)

    @pages.get("/dingtalk/files/<code>")
    def file(code: str) -> Response:
        found = dingtalk.talk.downloads.get(code)
        if found is None or found.ends <= dingtalk.clock.epoch():
            return Response(status=403)
        return Response(found.file.content, mimetype="application/octet-stream")


def _route(pages: Blueprint, dingtalk: DingTalk, way: tuple[str, str], work: Work) -> None:
    method, path = way
    scope = CARD_SCOPE if path.startswith("/card/") else ROBOT_SCOPE

    def view() -> Answer:
        return guarded(dingtalk, f"{method} /v1.0{path}", lambda: work(body_of()), scope=scope)

    name = f"{method} {path}".replace(".", "_")
    pages.add_url_rule(f"/dingtalk/api/v1.0{path}", endpoint=name, view_func=view, methods=[method])


def _person_routes(pages: Blueprint, dingtalk: DingTalk) -> None:
    """Logins and the look-up by name: none of them counts against the month."""
    login, quota = dingtalk.login, dingtalk.quota

    @pages.post("/dingtalk/api/v1.0/oauth2/userAccessToken")
    def user_token() -> Answer:
        quota.exempt["POST /v1.0/oauth2/userAccessToken"] += 1
        return answering(lambda: login.user_token(body_of()))

    @pages.get("/dingtalk/api/v1.0/contact/users/me")
    def me() -> Answer:
        quota.exempt["GET /v1.0/contact/users/me"] += 1
        return answering(login.me)

    @pages.post("/dingtalk/api/v1.0/contact/users/search")
    def search() -> Answer:
        work, scope = dingtalk.directory.search, "qyapi_addresslist_search"
        return guarded(dingtalk, "POST /v1.0/contact/users/search", lambda: work(body_of()), paid=False, scope=scope)

    @pages.post("/dingtalk/api/v1.0/oauth2/jsapiTickets")
    def ticket() -> Answer:
        told = {"jsapiTicket": dingtalk.tokens.fetch()[::-1], "expireIn": LIFETIME}
        return guarded(dingtalk, "POST /v1.0/oauth2/jsapiTickets", lambda: told, paid=False)


def _old_routes(pages: Blueprint, dingtalk: DingTalk) -> None:
    notices = dingtalk.notices
    prefix = "/topapi/message/corpconversation"
    dingtalk_directory.routes(pages, dingtalk, dingtalk.directory)
    dingtalk_hooks.routes(pages, dingtalk.hooks)
    dingtalk_login.routes(pages, dingtalk, dingtalk.login)
    dingtalk_old.route(pages, dingtalk, "/topapi/v2/user/getuserinfo", dingtalk.login.user_info, paid=False)
    dingtalk_old.route(pages, dingtalk, f"{prefix}/asyncsend_v2", notices.send, paid=True)
    dingtalk_old.route(pages, dingtalk, f"{prefix}/getsendresult", notices.result, paid=True)
    dingtalk_old.route(pages, dingtalk, f"{prefix}/recall", notices.recall, paid=True)


def _no_routes(pages: Blueprint, dingtalk: DingTalk) -> None:
    """What is no interface, or one that new applications do not get any more, like StandardCard's."""
    methods = ["GET", "POST", "PUT", "DELETE"]

    @pages.route("/dingtalk/api/<path:path>", methods=methods)
    def nothing_new(path: str) -> Answer:
        dingtalk.problem(f"no interface {request.method} /{path}")
        told = Declined(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.")
        return jsonify(told.answer()), told.status

    @pages.route("/dingtalk/oapi/<path:path>", methods=methods)
    def nothing_old(path: str) -> Response:
        dingtalk.problem(f"no interface {request.method} /{path}")
        return jsonify({"errcode": 22, "errmsg": f"Invalid method[submsg=不合法ApiName，ApiName = {path}]"})


def _gateway_routes(app: Flask, dingtalk: DingTalk) -> None:
    gateway = dingtalk.gateway

    @app.post("/dingtalk/api/v1.0/gateway/connections/open")
    def dingtalk_open() -> Answer:
        def work() -> Json:
            dingtalk.quota.call("POST /v1.0/gateway/connections/open", paid=False)
            return gateway.open(body_of())

        return answering(work)

    @app.before_request
    def check_ticket() -> Response | None:
        """Before the handshake: a ticket that does not count opens nothing."""
        if request.path != "/dingtalk/connect":
            return None
        wanted = gateway.redeem(request.args.get("ticket", ""))
        if wanted is None:
            return Response("ticket is unknown, used or older than 90 seconds", status=401)
        request.environ["dingtalk.wanted"] = wanted
        return None

    def connect(socket: Any) -> None:
        gateway.serve(socket, request.environ["dingtalk.wanted"])

    Sock(app).route("/dingtalk/connect", endpoint="dingtalk_connect")(connect)
