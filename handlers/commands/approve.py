"""审核: the next step."""

from __future__ import annotations

from handlers.commands import batch
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk
from handlers.permissions import STEPS
from handlers.views import View
from models.stages import Verb


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return batch.step(desk, request, actor, Verb.APPROVE)


COMMAND = Command(
    ("审核", "审单", "审核通过"),
    "审核 编号 [编号…]",
    "待审核 → 待配货，可一次写几个编号",
    run,
    STEPS[Verb.APPROVE],
    about_order=True,
)
