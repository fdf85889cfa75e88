"""The WeCom server as a self-built app sees it: /qyapi/cgi-bin/… (wecom.md sections 1-4, 7, 8)."""

import hashlib
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, redirect, render_template, request

from sandbox.chat_app import App
from sandbox.chat_app_callback import AppCallback
from sandbox.chat_appchat import AppChats
from sandbox.chat_content import check_url
from sandbox.chat_core import chat_of
from sandbox.chat_errors import Refused, invalid
from sandbox.chat_hook import Hook
from sandbox.chat_limits import Tokens
from sandbox.chat_menu import Menu
from sandbox.chat_store import File
from sandbox.state import State

Answer = dict[str, Any]
OK: Answer = {"errcode": 0, "errmsg": "ok"}
CODE_LIFE = timedelta(minutes=5)
MEDIA = {  # kind: (most bytes, endings, errcode of a wrong ending)
    "image": (10 << 20, ("jpg", "jpeg", "png")),
    "voice": (2 << 20, ("amr",)),
    "video": (10 << 20, ("mp4",)),
    "file": (20 << 20, ()),
}


class Wecom(App):
    """The app and its callbacks together; `state.parts["wecom"]`."""

    def __init__(self, state: State) -> None:
        super().__init__(chat_of(state))
        self.callback = AppCallback(self)
        self.chats = AppChats(self)
        self.hook = Hook(self)
        self.menu = Menu()
        self.status: dict[str, int] = {}  # of members who are not simply active: 2 disabled, 4 not activated, 5 left
        self.alone: list[str] = []  # members whom the app's range names one by one, in no department of it
        state.on_reset += [self.menu.forget, self.status.clear, self.alone.clear]
        self.siblings: list[Tokens] = []  # of the company's other applications
        self._codes: dict[str, tuple[str, datetime]] = {}

    def verify_url(self) -> str:
        return self.callback.verify_url()

    def issue_code(self, userid: str) -> str:
        """What the authorize page puts into the redirect: one use, five minutes."""
        code = secrets.token_urlsafe(32)
        self._codes[code] = (userid, self.clock.now())
        return code

    def redeem_code(self, code: str) -> str:
        userid, at = self._codes.pop(code, ("", self.clock.now()))
        if not userid or self.clock.now() - at > CODE_LIFE:
            raise Refused(40029, "invalid code")
        return userid

    def expire_codes(self) -> None:
        """End every login code."""
        self._codes.clear()

    def open_id(self, userid: str) -> str:
        """The encrypted userid that a bot not made by the super administrator gets to see."""
        return "woDEMO" + hashlib.sha256(userid.encode()).hexdigest()[:26]

    def plain_id(self, open_id: str) -> str | None:
        known = {self.open_id(person.userid): person.userid for person in self.store.company.people}
        return known.get(open_id)


def wecom_of(state: State) -> Wecom:
    part = state.parts["wecom"]
    if not isinstance(part, Wecom):
        raise TypeError("the wecom part is not registered")
    return part


def register(app: Flask, state: State) -> None:
    wecom = Wecom(state)
    state.parts["wecom"] = wecom
    pages = Blueprint("wecom", __name__)
    _message_routes(pages, wecom)
    _contact_routes(pages, wecom)
    _media_routes(pages, wecom)
    _login_routes(pages, wecom)
    app.register_blueprint(pages)


def answering(work: Callable[[], Answer]) -> Response:
    """Errors are errcodes inside HTTP 200, as on the platform."""
    try:
        return jsonify(work())
    except Refused as refused:
        return jsonify(refused.answer())


def payload() -> dict[str, Any]:
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise Refused(47001, "data format error: no JSON object")
    return found


def guarded(wecom: Wecom, work: Callable[[], Answer]) -> Response:
    def checked() -> Answer:
        wecom.tokens.check(request.args.get("access_token"))
        return work()

    return answering(checked)


def _message_routes(pages: Blueprint, wecom: Wecom) -> None:
    @pages.get("/qyapi/cgi-bin/gettoken")
    def gettoken() -> Response:
        def work() -> Answer:
            if request.args.get("corpid") != wecom.settings.corpid:
                raise Refused(40013, "invalid corpid")
            if not request.args.get("corpsecret"):
                raise Refused(41004, "corpsecret missing")
            if request.args["corpsecret"] != wecom.settings.secret:
                raise Refused(40001, "invalid credential")
            token, seconds = wecom.tokens.fetch()
            return OK | {"access_token": token, "expires_in": seconds}

        return answering(work)

    @pages.post("/qyapi/cgi-bin/message/send")
    def send() -> Response:
        return guarded(wecom, lambda: wecom.send(payload()))

    @pages.post("/qyapi/cgi-bin/message/update_template_card")
    def update() -> Response:
        return guarded(wecom, lambda: wecom.update(payload()))

    @pages.post("/qyapi/cgi-bin/message/recall")
    def recall() -> Response:
        def work() -> Answer:
            wecom.recall(payload().get("msgid"))
            return OK

        return guarded(wecom, work)

    @pages.get("/qyapi/cgi-bin/getcallbackip")
    def callback_ips() -> Response:
        return guarded(wecom, lambda: OK | {"ip_list": ["127.0.0.1"]})


def _contact_routes(pages: Blueprint, wecom: Wecom) -> None:
    def described(userid: str) -> Answer:
        person = wecom.store.people.get(userid.lower())
        if person is None:
            raise Refused(60111, "userid not found")
        place = {"department": [wecom.department_of(person.userid)], "position": person.role}
        status = wecom.status.get(person.userid, 1)
        return {"userid": person.userid, "name": person.name, **place, "status": status, "enable": int(status != 2)}

    def members() -> list[str]:
        wanted = request.args.get("department_id", "")
        if wanted not in {str(part["id"]) for part in wecom.departments()}:
            raise Refused(60123, "invalid department id")
        # fetch_child is no longer honoured: the root holds nobody itself.
        listed = [one for one in wecom.members(1) if one not in wecom.alone]
        return [one for one in listed if wecom.department_of(one) == int(wanted)]

    def short(userid: str) -> Answer:
        return {name: described(userid)[name] for name in ("userid", "name", "department")}

    @pages.get("/qyapi/cgi-bin/user/get")
    def user_get() -> Response:
        return guarded(wecom, lambda: OK | described(request.args.get("userid", "")))

    @pages.get("/qyapi/cgi-bin/user/simplelist")
    def user_simplelist() -> Response:
        return guarded(wecom, lambda: OK | {"userlist": [short(one) for one in members()]})

    @pages.get("/qyapi/cgi-bin/user/list")
    def user_list() -> Response:
        return guarded(wecom, lambda: OK | {"userlist": [described(one) for one in members()]})

    @pages.get("/qyapi/cgi-bin/agent/get")
    def agent_get() -> Response:
        def work() -> Answer:
            wecom.check_agent(dict(request.args))
            named = {"user": [{"userid": one} for one in wecom.alone]}
            about = {"agentid": wecom.settings.agentid, "name": "订单助手", "close": 0}
            return OK | about | {"allow_userinfos": named, "allow_partys": {"partyid": [1]}}

        return guarded(wecom, work)

    @pages.get("/qyapi/cgi-bin/department/list")
    def department_list() -> Response:
        return guarded(wecom, lambda: OK | {"department": wecom.departments()})

    @pages.post("/qyapi/cgi-bin/batch/openuserid_to_userid")
    def to_userid() -> Response:
        def work() -> Answer:
            asked = payload().get("open_userid_list")
            if not isinstance(asked, list) or not asked or len(asked) > 1000:
                raise invalid("open_userid_list", "must have 1 to 1000 entries")
            found = [(one, wecom.plain_id(str(one))) for one in asked]
            pairs = [{"open_userid": one, "userid": plain} for one, plain in found if plain]
            return OK | {"userid_list": pairs, "invalid_open_userid_list": [one for one, plain in found if not plain]}

        return guarded(wecom, work)


def _media_routes(pages: Blueprint, wecom: Wecom) -> None:
    @pages.post("/qyapi/cgi-bin/media/upload")
    def upload() -> Response:
        def work() -> Answer:
            kept = _keep_upload(wecom, request.args.get("type", ""))
            return OK | {"type": kept.kind, "media_id": kept.media_id, "created_at": str(int(kept.at.timestamp()))}

        return guarded(wecom, work)

    @pages.get("/qyapi/cgi-bin/media/get")
    def media_get() -> Response:
        try:
            _check_any(wecom, request.args.get("access_token"))
            kept = wecom.store.held(request.args.get("media_id", ""))
        except Refused as refused:
            return jsonify(refused.answer())
        return Response(kept.content, mimetype=kept.mimetype)


def _check_any(wecom: Wecom, token: str | None) -> None:
    """A media id belongs to the company: each of its applications may fetch it by its own token."""
    for tokens in wecom.siblings:
        with suppress(Refused):
            tokens.check(token)
            return
    wecom.tokens.check(token)


def _keep_upload(wecom: Wecom, kind: str) -> File:
    if kind not in MEDIA:
        raise Refused(40004, "invalid media type")
    most, endings = MEDIA[kind]
    name, content, mimetype = uploaded()
    if len(content) > most:
        raise Refused(45001, "media size out of limit")
    if endings and name.rpartition(".")[2].lower() not in endings:
        raise Refused(40005, "invalid file type")
    return wecom.store.keep(name, kind, content, mimetype)


def uploaded() -> tuple[str, bytes, str]:
    """(name, content, type) of the multipart field `media`. A name in the form of RFC 2231 is none here."""
    upload = request.files.get("media")
    if upload is None or not upload.filename or "filename*" in upload.headers.get("Content-Disposition", ""):
        raise Refused(44001, "empty media data, or no filename")
    content = upload.read()
    if len(content) <= 5:
        raise Refused(40006, "invalid media size")
    return upload.filename, content, upload.mimetype or "application/octet-stream"


def _login_routes(pages: Blueprint, wecom: Wecom) -> None:
    @pages.get("/qyapi/cgi-bin/auth/getuserinfo")
    def getuserinfo() -> Response:
        return guarded(wecom, lambda: OK | {"userid": wecom.redeem_code(request.args.get("code", ""))})

    @pages.get("/connect/oauth2/authorize")
    @pages.get("/wwlogin/sso/login")
    def authorize() -> Any:
        """The page that sends a member back with a code. The phones page says by cookie whose phone it is."""

        def work() -> Answer:
            if request.args.get("appid") != wecom.settings.corpid:
                raise Refused(40013, "invalid appid")
            check_url(request.args.get("redirect_uri"), "redirect_uri")
            if not re.fullmatch(r"[a-zA-Z0-9]{0,128}", request.args.get("state", "")):
                raise invalid("state", "allows a-zA-Z0-9, at most 128")
            return {}

        answer = answering(work)
        if answer.get_json():
            return answer
        who = request.args.get("who") or request.cookies.get("phones_who", "")
        if who not in {person.userid for person in wecom.store.company.people}:
            return render_template("who.html", people=wecom.store.company.people, query=request.args)
        target = request.args["redirect_uri"]
        joined = f"{target}{'&' if '?' in target else '?'}code={wecom.issue_code(who)}"
        return redirect(f"{joined}&state={request.args.get('state', '')}")
