"""One step for one order or for several named in one message."""

from __future__ import annotations

from handlers import find, offers, show, stages
from handlers.commands.command import Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import Reference, references
from handlers.views import TextView, View
from models.stages import TITLES, Verb

MOST = 20


def step(desk: Desk, request: Request, actor: Actor, verb: Verb) -> View:
    """Take every order named in the request on by `verb`: one gets its card, several a line each."""
    wanted, rest = references(request.rest)
    if not wanted:
        raise Refusal(f"请写上订单编号，例如：{stages.VERBS[verb]} JD-20251222-001")
    if rest:
        raise Refusal(f"「{rest[:20]}」看不懂，{stages.VERBS[verb]}后面只写编号")
    if len(wanted) > MOST:
        raise Refusal(f"一次最多 {MOST} 单，请分几次发")
    if len(wanted) == 1:
        moved = stages.move(desk, f"order:{find.one(desk, wanted[0])}", verb, actor)
        view = show.show_order(desk, moved.order_id, actor, note=f"{actor.name}：已到{TITLES[moved.stage]}")
        return offers.with_undo(view, moved)
    lines = [_line(desk, one, actor, verb) for one in dict.fromkeys(wanted)]
    done = sum(line.startswith("✓") for line in lines)
    failed = f"，{len(lines) - done} 单没有办成" if done < len(lines) else ""
    return TextView("\n".join([f"{stages.VERBS[verb]}：办成 {done} 单{failed}", *lines]))


def _line(desk: Desk, wanted: Reference, actor: Actor, verb: Verb) -> str:
    """A refusal of one order does not stop the others."""
    try:
        moved = stages.move(desk, f"order:{find.one(desk, wanted)}", verb, actor)
    except Refusal as refusal:
        return f"✗ {wanted.text}：{refusal}"
    return f"✓ {moved.tag} 已到{TITLES[moved.stage]}"
