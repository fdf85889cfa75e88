"""The pictures of goods that came wrong, short or broken: a page of them for whoever settles the matter."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from config import Hub
from handlers.desk import Actor, Desk, Refusal
from handlers.mishaps import album
from web import errors

Page = Callable[[Desk, Actor], ResponseReturnValue]
Guarded = Callable[[Page], ResponseReturnValue]


def routes(pages: Blueprint, hub: Hub, guarded: Guarded) -> None:
    """/pictures/<case id>, /pictures/<case id>/<file id>"""

    @pages.get("/pictures/<int:case_id>")
    def pictures(case_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _told(hub, lambda: _all(desk, actor, case_id)))

    @pages.get("/pictures/<int:case_id>/<int:file_id>")
    def picture(case_id: int, file_id: int) -> ResponseReturnValue:
        return guarded(lambda desk, actor: _told(hub, lambda: _one(desk, actor, case_id, file_id)))


def _told(hub: Hub, page: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    try:
        return page()
    except Refusal as refusal:
        return errors.page(hub, "看不到照片", f"{refusal}。请返回看板，从订单页打开", status=404)


def _all(desk: Desk, actor: Actor, case_id: int) -> ResponseReturnValue:
    return render_template(
        "pictures.html", actor=actor, album=album.of_case(desk, case_id, actor), case_id=case_id
    )  # fmt: skip


def _one(desk: Desk, actor: Actor, case_id: int, file_id: int) -> ResponseReturnValue:
    """What somebody sent is shown as the picture that it begins as, and as nothing else."""
    kind, content = album.content(desk, case_id, file_id, actor)
    shown = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(content, content_type=kind, headers=shown)
