"""The way to the board through the login of a chat platform: inside its client without a click, in a browser by its
login page. What goes out and what comes back belong together by a `state` that the browser keeps in a cookie.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlencode, urlsplit

import structlog
from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from config import Hub
from handlers import login
from handlers.desk import OpenDesk
from web import errors

log = structlog.get_logger()
COOKIE: Final = "hub_login"
_LIFE: Final = 600  # seconds: codes live for five minutes
_PAGES: Final = re.compile(
    r"/(board|import|notices(?:/[a-z_]{1,20})?|orders/\d{1,12}"
    r"|rules(?:/new|/\d{1,12}(?:/edit)?|/tries/\d{1,12})?)?"
)
_MOST_TRIES: Final = 1  # a code that is spent again and again is not asked for again and again
_BOARD: Final = "/board"


class Entrance(Protocol):
    """A platform that says who its members are."""

    slug: str
    title: str
    channel: str
    script: str  # by which a page inside its client asks for a code; "" where an address does that too
    asked: Mapping[str, str]  # what that page tells the script

    def is_client(self, agent: str) -> bool:
        """Whether the browser is the platform's own client."""

    def address(self, back: str, state: str, agent: str) -> str:
        """Where the browser logs in; it comes back to `back` with `state`."""

    def who(self, answer: Mapping[str, str]) -> str:
        """The userid behind what came back. Raises what handlers/login.py names."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the cookie keeps of a login on its way."""

    state: str
    tries: int
    to: str

    def text(self) -> str:
        return f"{self.state}.{self.tries}.{self.to}"


@dataclass(frozen=True, slots=True)
class Admission:
    """A pass, and the page that was wanted."""

    board_pass: str
    to: str


class Doorman:
    """Shows the ways in, and opens for who comes back from one."""

    def __init__(self, hub: Hub, open_desk: OpenDesk, entrances: Sequence[Entrance]) -> None:
        self._hub = hub
        self._open_desk = open_desk
        self._entrances = {one.slug: one for one in entrances}

    def outside(self, why: str) -> ResponseReturnValue:
        """For somebody without a pass: at once through the client in which they are, but not again and again; else a
        page that shows the ways."""
        to = wanted(request.path)
        here = next((one for one in self._entrances.values() if one.is_client(_agent())), None)
        if here is not None and request.method == "GET" and COOKIE not in request.cookies:
            return redirect(f"/login/{here.slug}?{urlencode({'to': to})}")
        return self.page(why, to), 401

    def page(self, why: str, to: str = _BOARD, advice: str = "") -> str:
        ways = [(one.title, f"/login/{one.slug}?{urlencode({'to': to})}") for one in self._entrances.values()]
        return render_template("enter.html", hub=self._hub, why=why, advice=advice, ways=ways)

    def start(self, slug: str) -> ResponseReturnValue:
        entrance = self._found(slug)
        tries = 1 if request.args.get("again") == "1" else 0
        sent = Sent(secrets.token_hex(16), tries, wanted(request.args.get("to", "")))
        back = f"{self._hub.base_url}/login/{slug}/back"
        address = entrance.address(back, sent.state, _agent())
        if entrance.script and entrance.is_client(_agent()):
            answer = self._script_page(entrance, address, sent.state)
        else:
            answer = make_response(redirect(address))
        answer.set_cookie(
            COOKIE, sent.text(), max_age=_LIFE, httponly=True, samesite="Lax", path="/",
            secure=self._hub.base_url.startswith("https"),
        )  # fmt: skip
        return answer

    def back(self, slug: str) -> Admission | ResponseReturnValue:
        """Somebody who may come in; or a page that says why not."""
        entrance, sent = self._found(slug), read(request.cookies.get(COOKIE, ""))
        if sent is None or not hmac.compare_digest(sent.state.encode(), request.args.get("state", "").encode()):
            return self._refused("登录没有接上", "请重新登录一次。", status=400)
        if not (request.args.get("code") or request.args.get("authCode")):
            return self._refused("没有登录", "您没有同意登录，或登录被取消了。请重新登录一次。", sent.to)
        try:
            userid = entrance.who(request.args)
        except login.Spent:
            return self._again(entrance, sent)
        except login.NotOurs:
            return self._refused("您不是本企业的成员", f"请用本企业的{entrance.title}账号登录。", sent.to)
        except login.NoAnswer as error:
            log.warning("login_failed", entrance=slug, problem=str(error))
            return self._refused("没有登录成功", f"{error}。请过一会儿再试，还不行就告诉管理员。", sent.to, status=503)
        return self._opened(entrance, userid, sent)

    def _opened(self, entrance: Entrance, userid: str, sent: Sent) -> Admission | ResponseReturnValue:
        with self._open_desk() as desk:
            given = login.pass_of_member(desk, userid, entrance.channel)
        if given is None:
            log.info("login_of_a_stranger", entrance=entrance.slug)
            advice = f"请把您的{entrance.title}账号 {userid} 告诉管理员，登记后再打开。"
            return self._refused("您还没有登记为订单中枢的成员", advice, sent.to)
        return Admission(given[0], sent.to)

    def _again(self, entrance: Entrance, sent: Sent) -> ResponseReturnValue:
        if sent.tries >= _MOST_TRIES:
            return self._refused("登录码已失效", "请重新登录一次。", sent.to)
        return redirect(f"/login/{entrance.slug}?{urlencode({'to': sent.to, 'again': 1})}")

    def _refused(self, why: str, advice: str, to: str = _BOARD, *, status: int = 403) -> ResponseReturnValue:
        answer = make_response(self.page(why, to, advice), status)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    def _script_page(self, entrance: Entrance, address: str, state: str) -> Response:
        """A page that asks the client for a code; the platform's login page is its way out."""
        own = urlsplit(entrance.script)
        host = f"{own.scheme}://{own.netloc}"
        back = f"/login/{entrance.slug}/back"
        page = render_template("login.html", hub=self._hub, entrance=entrance, address=address, state=state, back=back)
        answer = make_response(page)
        allowed = f"default-src 'self'; script-src 'self' {host}; connect-src 'self' {host}; frame-ancestors 'none'"
        answer.headers.update(errors.HEADERS | {"Content-Security-Policy": allowed})
        return answer

    def _found(self, slug: str) -> Entrance:
        if slug not in self._entrances:
            abort(404)
        return self._entrances[slug]


def routes(pages: Blueprint, doorman: Doorman, admitted: Callable[[Admission], Response]) -> None:
    """`admitted`: the answer that hands over the pass and leads to the page."""

    @pages.get("/login/<slug>")
    def login_start(slug: str) -> ResponseReturnValue:
        return doorman.start(slug)

    @pages.get("/login/<slug>/back")
    def login_back(slug: str) -> ResponseReturnValue:
        found = doorman.back(slug)
        if not isinstance(found, Admission):
            return found
        answer = admitted(found)
        answer.delete_cookie(COOKIE, path="/")
        return answer


def wanted(to: str) -> str:
    """The page of ours to which `to` leads, the board for anything else."""
    return to if _PAGES.fullmatch(to) and to != "/" else _BOARD


def read(cookie: str) -> Sent | None:
    state, _, rest = cookie.partition(".")
    tries, _, to = rest.partition(".")
    if not re.fullmatch(r"[0-9a-f]{32}", state) or tries not in ("0", "1"):
        return None
    return Sent(state, int(tries), wanted(to))


def _agent() -> str:
    return request.headers.get("User-Agent", "")
