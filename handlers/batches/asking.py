"""What is asked before many orders are changed: how many, how much money, what is left out and why. One question, never
two; one or two orders that somebody names are changed at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from handlers import permissions, show
from handlers.batches import question, running, store
from handlers.batches import show as batch_show
from handlers.batches.choose import Chosen, Left
from handlers.batches.doing import Act, Doing
from handlers.batches.store import Wish
from handlers.batches.verbs import BATCHES
from handlers.commands.command import Request
from handlers.desk import Actor, Desk, Refusal
from handlers.views import TextView, View

FEW: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done. `details`: order id → what is its alone. `doubts`: what must be looked at first, so
    that even one order is asked about."""

    verb: str
    act: Act
    chosen: Chosen
    doubts: Sequence[str] = ()
    details: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


def act_of(desk: Desk, verb: str, actor: Actor, **said: Any) -> Act:
    """Raises Refusal for whoever may not."""
    permissions.check(desk, BATCHES[verb].permit, actor)
    return Act(actor, desk.now, **said)


def ask(desk: Desk, request: Request, asked: Asked) -> View:
    """The question; or, of few that were named, what became of them. Raises Refusal where nothing can be done."""
    doing, chosen = BATCHES[asked.verb], asked.chosen
    few = not chosen.broad and chosen.named <= FEW and not asked.doubts
    if chosen.named == 1 and chosen.left:
        raise Refusal(_alone(doing, chosen.left[0]))
    if not chosen.rows:
        raise Refusal(_nothing(doing, chosen))
    place = "group" if request.incoming.is_group else "staff"
    act = replace(asked.act, broad=chosen.broad)
    wish = Wish(asked.verb, act, chosen.rows, question.said(chosen, asked.doubts), asked.details, place)
    if few:
        return _at_once(desk, doing, wish, chosen)
    return batch_show.show(desk, store.make(desk, wish, "asked").id, act.actor)


def _at_once(desk: Desk, doing: Doing, wish: Wish, chosen: Chosen) -> View:
    batch = store.make(desk, wish, "running")
    running.begin(desk, batch, wait=True)
    ended = {row.tag: row.why for row in store.named(desk, batch.id, ("done", "skipped"), FEW)}
    done = doing.done(wish.act)
    if chosen.named == 1:
        ((tag, why),) = ended.items()
        if why:
            raise Refusal(f"{tag} {why}")
        return show.show_order(desk, chosen.rows[0].id, wish.act.actor, note=f"{wish.act.actor.name}：{done}")
    lines = [f"✗ {tag}：{why}" if why else f"✓ {tag} {done}" for tag, why in ended.items()]
    lines += [f"✗ {one.name}：{one.why}" for one in chosen.left]
    good = sum(line.startswith("✓") for line in lines)
    failed = f"，{len(lines) - good} 单没有办成" if good < len(lines) else ""
    undo = "\n60 秒内回复「撤销」可以撤回" if good else ""
    return TextView("\n".join([f"{doing.title}：办成 {good} 单{failed}", *lines]) + undo)


def _alone(doing: Doing, left: Left) -> str:
    return f"{left.name} {left.why}，不能{doing.title}"


def _nothing(doing: Doing, chosen: Chosen) -> str:
    if not chosen.left:
        return f"没有可以{doing.title}的单"
    why = "；".join(
        f"{reason} {count} 单（{'、'.join(tags)}）" for reason, count, tags in question.grouped(chosen.left)
    )
    return f"没有可以{doing.title}的单：{why}"
