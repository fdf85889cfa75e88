"""配货: the next step."""

from __future__ import annotations

from handlers.commands import batch
from handlers.commands.command import Command, Request
from handlers.desk import Actor, Desk
from handlers.permissions import STEPS
from handlers.views import View
from models.stages import Verb


def run(desk: Desk, request: Request, actor: Actor) -> View:
    return batch.step(desk, request, actor, Verb.PICK)


COMMAND = Command(
    ("配货", "配好", "拣货"),
    "配货 编号 [编号…]",
    "待配货 → 待发货，可一次写几个编号",
    run,
    STEPS[Verb.PICK],
    about_order=True,
)
