"""The WeCom server once more: groups that the app made, a group's webhook, and the app's menu."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.chat_errors import Refused, invalid
from sandbox.chat_hook import STATES
from sandbox.state import State
from sandbox.wecom import OK, Answer, Wecom, answering, guarded, payload, uploaded, wecom_of


def register(app: Flask, state: State) -> None:
    wecom = wecom_of(state)
    pages = Blueprint("wecom_groups", __name__)
    _chat_routes(pages, wecom)
    _hook_routes(pages, wecom)
    _menu_routes(pages, wecom)
    app.register_blueprint(pages)


def _chat_routes(pages: Blueprint, wecom: Wecom) -> None:
    @pages.post("/qyapi/cgi-bin/appchat/create")
    def chat_create() -> Response:
        return guarded(wecom, lambda: wecom.chats.create(payload()))

    @pages.post("/qyapi/cgi-bin/appchat/update")
    def chat_update() -> Response:
        return guarded(wecom, lambda: wecom.chats.update(payload()))

    @pages.get("/qyapi/cgi-bin/appchat/get")
    def chat_get() -> Response:
        return guarded(wecom, lambda: wecom.chats.get(request.args.get("chatid", "")))

    @pages.post("/qyapi/cgi-bin/appchat/send")
    def chat_send() -> Response:
        return guarded(wecom, lambda: wecom.chats.send(payload()))


def _hook_routes(pages: Blueprint, wecom: Wecom) -> None:
    """Without a token: the key is the secret."""

    @pages.post("/qyapi/cgi-bin/webhook/send")
    def hook_send() -> Response:
        return answering(lambda: wecom.hook.send(request.args.get("key", ""), payload()))

    @pages.post("/qyapi/cgi-bin/webhook/upload_media")
    def hook_upload() -> Response:
        def work() -> Answer:
            wecom.hook.check(request.args.get("key", ""))
            name, content, _ = uploaded()
            kept = wecom.hook.keep(request.args.get("type", ""), name, content)
            return OK | {"type": kept.kind, "media_id": kept.media_id, "created_at": str(int(kept.at.timestamp()))}

        return answering(work)

    @pages.post("/control/hook")
    def hook_state() -> tuple[Response, int] | Response:
        """{"state": "" | "removed" | "disabled" | "outside"}"""
        wanted = payload().get("state")
        if wanted not in STATES:
            return jsonify({"error": f"state must be one of {', '.join(map(repr, STATES))}"}), 400
        wecom.hook.state = wanted
        return jsonify({"state": wanted})


def _menu_routes(pages: Blueprint, wecom: Wecom) -> None:
    def checked() -> None:
        if not request.args.get("agentid"):
            raise Refused(41011, "missing agentid")
        if request.args["agentid"] != str(wecom.settings.agentid):
            raise Refused(40056, "invalid agentid")

    def created() -> Answer:
        checked()
        return wecom.menu.create(payload())

    def told() -> Answer:
        checked()
        return wecom.menu.get()

    def deleted() -> Answer:
        checked()
        return wecom.menu.delete()

    @pages.post("/qyapi/cgi-bin/menu/create")
    def menu_create() -> Response:
        return guarded(wecom, created)

    @pages.get("/qyapi/cgi-bin/menu/get")
    def menu_get() -> Response:
        return guarded(wecom, told)

    @pages.get("/qyapi/cgi-bin/menu/delete")
    def menu_delete() -> Response:
        return guarded(wecom, deleted)

    @pages.post("/phones/api/click")
    def click() -> Response:
        """A thumb on an entry of the menu: {"who", "key"}."""
        body = payload()
        who, key = str(body.get("who", "")), str(body.get("key", ""))
        if who.lower() not in wecom.store.people or key not in wecom.menu.reachable():
            return answering(_refuse)
        return jsonify(wecom.callback.click(wecom.store.people[who.lower()].userid, key).as_dict())


def _refuse() -> Answer:
    raise invalid("key", "is not in the menu")
