"""A file that waits for an answer is thrown out: nothing of it was imported. What was handed in is kept as everything
is, so the same file can be handed in again and goes on from there."""

from __future__ import annotations

from typing import Final

from handlers import permissions, trail
from handlers.desk import Actor, Desk, Refusal
from handlers.received import received
from models import Received, Role
from models.received import State

_WAITING: Final = frozenset({State.CHOOSING, State.MAPPING, State.PREVIEW})


def may(file: Received, actor: Actor) -> bool:
    return file.state in _WAITING and _own(file, actor) and permissions.allowed(received.PERMIT, actor)


def discard(desk: Desk, file: Received, actor: Actor) -> str:
    """What to answer. Raises Refusal."""
    permissions.check(desk, received.PERMIT, actor)
    if file.state not in _WAITING:
        raise Refusal("这个文件现在不能删除，请刷新页面看看")
    if not _own(file, actor):
        raise Refusal(f"只有{received.who(desk, file)}本人或主管可以删除")
    file.state, file.ready_at = State.REFUSED, None
    file.report = {**(file.report or {}), "why": f"已由{actor.name}删除"}
    trail.write(desk, received.subject(file), actor, action="删除文件", detail={"文件": file.name})
    return "已删除，没有导入。要导入就再传一次"


def _own(file: Received, actor: Actor) -> bool:
    return actor.staff_id == file.received_by or Role.SUPERVISOR in actor.roles
