"""The phones page at / and its JSON: where a newcomer meets the product, and what tests press."""

import json
import queue
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, make_response, render_template, request

from sandbox import chat_faults
from sandbox.chat_levers import ChatLevers
from sandbox.chat_phones import Json, Phones
from sandbox.chat_press import NotPossible
from sandbox.chat_wire import Outcome
from sandbox.company import Company
from sandbox.state import State

HEARTBEAT_SECONDS = 10.0


def phones_of(state: State) -> Phones:
    part = state.parts["phones"]
    if not isinstance(part, Phones):
        raise TypeError("the phones part is not registered")
    return part


def register(app: Flask, state: State) -> None:
    phones = Phones(state)
    state.parts["phones"] = phones
    phones.orders.listen(app)
    chat_faults.listen(app, state, phones.chat)
    pages = Blueprint("phones", __name__)

    @pages.errorhandler(NotPossible)
    def not_possible(error: NotPossible) -> tuple[Response, int]:
        return jsonify({"error": str(error)}), 409

    _page_routes(pages, phones)
    _act_routes(pages, phones)
    _control_routes(pages, phones)
    app.register_blueprint(pages)


def _body() -> Json:
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise NotPossible("需要一个 JSON 对象")
    return found


def _told(outcome: Outcome) -> Response:
    return jsonify(outcome.as_dict())


def _page_routes(pages: Blueprint, phones: Phones) -> None:
    company = phones.state.company

    @pages.get("/")
    @pages.get("/phones")
    def page() -> str:
        return render_template("phones.html", names=_names(company))

    @pages.get("/phones/api/state")
    def drawn() -> Response:
        who = request.args.get("who") or company.people[0].userid
        answer = make_response(jsonify(phones.drawn(who)))
        # The authorize page asks this cookie whose phone a link was opened on.
        answer.set_cookie("phones_who", phones.person(who), samesite="Lax")
        return answer

    @pages.get("/phones/media/<media_id>")
    def media(media_id: str) -> Response:
        kept = phones.store.files.get(media_id)
        if kept is None:
            return Response(status=404)
        return Response(kept.content, mimetype=kept.mimetype)

    @pages.get("/phones/events")
    def events() -> Response:
        who = phones.person(request.args.get("who", ""))
        since = request.headers.get("Last-Event-ID") or request.args.get("after", "")
        version = int(since) if since.isdigit() else phones.store.version
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(_events(phones, who, version), mimetype="text/event-stream", headers=headers)


def _names(company: Company) -> Json:
    """What the page calls chats and people; `staff`: DingTalk's ids of people → the page's own."""
    customer, size = company.customers[0], len(company.people) + 1
    return {
        "wecom": {"bot": company.bot.name, "group": company.group.name, "size": size},
        "dingtalk": {"bot": company.dingtalk.name, "group": company.dingtalk.group_name, "size": size},
        "weixin": {"name": company.weixin.name, "customer": customer.nickname},
        "staff": {person.dingtalk: person.userid for person in company.people},
    }


def _events(phones: Phones, who: str, version: int) -> Iterator[str]:
    """Every change after `version`, then live; the id of an event is the version, so a reconnect resumes by itself."""
    reader = phones.state.bus.subscribe()
    try:
        while not phones.chat.closing.is_set():
            version, messages = phones.changes(who, version)
            told = json.dumps({"messages": messages, "status": phones.status(who)}, ensure_ascii=False)
            yield f"id: {version}\ndata: {told}\n\n"
            _await_news(reader)
    finally:
        phones.state.bus.unsubscribe(reader)


def _await_news(reader: "queue.Queue[Any]") -> None:
    """Return at the next change that phones show, or after a while to keep the connection and the clock alive."""
    try:
        kind = reader.get(timeout=HEARTBEAT_SECONDS)[0]
        while not kind.startswith(("chat", "clock")):
            kind = reader.get(timeout=HEARTBEAT_SECONDS)[0]
        while True:  # what came in the meantime goes out together
            reader.get_nowait()
    except queue.Empty:
        return


def _act_routes(pages: Blueprint, phones: Phones) -> None:
    @pages.post("/phones/api/say")
    def say() -> Response:
        body = _body()
        who, chat, text, quote = (str(body.get(name, "")) for name in ("who", "chat", "text", "quote"))
        return _told(phones.say(who, chat, text, quote))

    @pages.post("/phones/api/file")
    def send_file() -> Response:
        sent = request.files.get("file")
        if sent is None:
            raise NotPossible("没有选择文件")
        who, chat = (request.form.get(name, "") for name in ("who", "chat"))
        return _told(phones.send_file(who, chat, sent.filename or "文件", sent.read()))

    @pages.post("/phones/api/voice")
    def speak() -> Response:
        """Words spoken to DingTalk's robot, which hears people 1:1 alone."""
        body = _body()
        text = str(body.get("text", "")).strip()
        if not text:
            raise NotPossible("没有说话")
        return _told(phones.dingtalk.talk.say_aloud(phones.person(str(body.get("who", ""))), text))

    @pages.post("/phones/api/press")
    @pages.post("/phones/api/menu")
    def press() -> Response:
        return _told(phones.press(_body()))

    @pages.post("/phones/api/enter")
    def enter() -> Response:
        body = _body()
        return _told(phones.enter(str(body.get("who", "")), str(body.get("chat", "app"))))

    @pages.post("/phones/api/read")
    def read() -> Response:
        body = _body()
        phones.read(str(body.get("who", "")), str(body.get("chat", "")))
        return jsonify({})

    @pages.post("/phones/api/customer/say")
    def customer_say() -> Response:
        body = _body()
        return _told(phones.customer_say(str(body.get("openid", "")), str(body.get("text", ""))))

    @pages.post("/phones/api/buy")
    def buy() -> Response:
        return jsonify(phones.orders.place(str(_body().get("platform", ""))))


def _switches(phones: Phones) -> Json:
    """`switches` are WeCom's, which had the name first."""
    ding = phones.chat.ding_switches.as_dict()
    return {"switches": phones.chat.switches.as_dict(), "dingtalk_switches": ding}


def _control_routes(pages: Blueprint, phones: Phones) -> None:
    levers = ChatLevers(phones.chat, phones.wecom, phones.aibot, phones.weixin)

    @pages.get("/control/chat")
    def switches() -> Response:
        errors = {
            "wecom": phones.wecom.protocol_errors,
            "aibot": phones.aibot.protocol_errors,
            "weixin": phones.weixin.protocol_errors,
            "dingtalk": phones.dingtalk.protocol_errors,
        }
        remarks = phones.wecom.remarks + phones.aibot.remarks + phones.dingtalk.remarks
        told = _switches(phones) | {"protocol_errors": errors, "remarks": remarks}
        dropped = len(phones.wecom.dropped) + len(phones.dingtalk.dropped)
        return jsonify(told | {"dropped": dropped, "online": phones.online(), "ding_online": phones.ding_online()})

    @pages.post("/control/chat")
    def switch() -> tuple[Response, int] | Response:
        try:
            levers.pull(_body(), phones.dingtalk)
        except ValueError as error:
            return jsonify({"error": str(error)}), 400
        return jsonify(_switches(phones))

    @pages.post("/control/chat/verify")
    def verify() -> Response:
        checks: dict[str, Callable[[], str]] = {
            "wecom": phones.wecom.verify_url,
            "aibot": phones.aibot.verify_url,
            "weixin": phones.weixin.verify_url,
        }
        asked = _body().get("which", list(checks))
        names = [asked] if isinstance(asked, str) else list(asked)
        found = {name: checks[name]() for name in names if name in checks}
        return jsonify({name: {"ok": not why, "why": why} for name, why in found.items()})
