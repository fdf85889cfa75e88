"""The doors of the old host, /dingtalk/oapi: token in the query, errors inside HTTP 200 (dingtalk.md 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import OldDeclined, request_id

Work = Callable[[Json], Json]


def answering(work: Callable[[], Json]) -> Response:
    try:
        return jsonify({"errcode": 0, "errmsg": "ok", **work(), "request_id": request_id().lower()})
    except OldDeclined as declined:
        return jsonify(declined.answer())


def guarded(core: Core, api: str, work: Callable[[], Json], *, paid: bool, scope: str = "") -> Response:
    def checked() -> Json:
        core.tokens.check_old(request.args.get("access_token"))
        core.quota.old_call(api, paid=paid)
        if scope in core.withheld:
            raise NoScope(scope)
        return work()

    return answering(checked)


class NoScope(OldDeclined):
    """88 wraps the real code."""

    def __init__(self, scope: str) -> None:
        super().__init__(88, f"ding talk error[subcode=60011,submsg=应用尚未开通所需的权限：[{scope}]]")
        self.scope = scope

    def answer(self) -> Json:
        return super().answer() | {"sub_code": "60011", "sub_msg": f"应用尚未开通所需的权限：[{self.scope}]"}


def body_of() -> Json:
    """JSON, or a form, which the old host takes as well."""
    found: Any = request.get_json(force=True, silent=True)
    if found is None and request.form:
        found = request.form.to_dict()
    if not isinstance(found, dict):
        raise OldDeclined(40035, "不合法的参数")
    return found


def route(pages: Blueprint, core: Core, path: str, work: Work, *, paid: bool, scope: str = "") -> None:
    """One POST interface under /dingtalk/oapi."""

    def view() -> Response:
        return guarded(core, f"POST {path}", lambda: work(body_of()), paid=paid, scope=scope)

    name = "old " + path.replace("/", " ")
    pages.add_url_rule(f"/dingtalk/oapi{path}", endpoint=name, view_func=view, methods=["POST"])
