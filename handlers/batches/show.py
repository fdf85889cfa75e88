"""A batch for its card."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from handlers import mask, permissions
from handlers.batches import store
from handlers.batches.verbs import BATCHES
from handlers.batches.view import BatchRow, BatchView, LeftOut
from handlers.buttons import Offer, Ticks
from handlers.desk import Actor, Desk, Refusal
from handlers.wording import day, goods
from models import Batch
from models.couriers import courier_name

TICKS: Final = "orders"
_MOST_TICKS: Final = 20
_TAGS: Final = 8
_NAMED: Final = 10
_SHOWN: Final = {"asked": ("waiting",), "undone": ("kept", "skipped"), "undoing": ("kept",)}


def show(desk: Desk, batch_id: int, actor: Actor | None, *, note: str = "") -> BatchView:
    """Raises Refusal when there is none."""
    batch = desk.session.get(Batch, batch_id)
    if batch is None:
        raise Refusal(f"没有{store.code_of(batch_id)}，请看卡片上的批次号")
    counts = store.counts(desk, batch_id)
    state = _state(desk, batch)
    shown = _SHOWN.get(batch.state, ("skipped",))
    rows = store.named(desk, batch_id, shown, _MOST_TICKS + 1)
    asked = state == "asked"
    ended = [] if batch.state == "asked" else rows[:_NAMED]  # of what was never answered nothing became
    total = int(batch.said.get("total", 0))
    return BatchView(
        batch_id=batch.id,
        revision=batch.revision,
        code=store.code_of(batch.id),
        title=BATCHES[batch.verb].title,
        state=state,
        scope=str(batch.said.get("scope", "")),
        words=mask.phones(_words(batch)),
        who=_who(batch),
        total=total,
        fen=int(batch.said.get("fen", 0)),
        oldest=str(batch.said.get("oldest", "")),
        oldest_at=_moment(batch.said.get("oldest_at")),
        tags=tuple(_named(row) for row in rows[:_TAGS]) if asked else (),
        left=tuple(LeftOut(mask.phones(why), count, tuple(tags)) for why, count, tags in batch.said.get("left", ())),
        doubts=tuple(batch.said.get("doubts", ())),
        waiting=counts.get("waiting", 0),
        done=counts.get("done", 0),
        undone=counts.get("undone", 0),
        named=tuple((row.tag, mask.phones(row.why)) for row in ended),
        unnamed=0 if batch.state == "asked" else sum(counts.get(one, 0) for one in shown) - len(ended),
        undo_until=batch.undo_until,
        at=desk.now,
        note=note,
        offers=_offers(desk, batch, state, actor),
        rows=tuple(_row(row) for row in rows[:_TAGS]) if asked else (),
        sample=str(batch.said.get("sample", "")),
        ticks=_ticks(rows) if asked and 1 < total <= _MOST_TICKS and _is_plain(batch) else None,
    )


def _state(desk: Desk, batch: Batch) -> str:
    over = batch.state == "asked" and batch.asked_at + store.LIFE <= desk.now
    return "expired" if over else batch.state


def _words(batch: Batch) -> str:
    until = _moment(batch.said.get("until"))
    parts = (f"{day(until)} 起发货" if until is not None else "", str(batch.said.get("words", "")))
    return "，".join(part for part in parts if part)


def _who(batch: Batch) -> str:
    said = batch.said
    by_state = {"undoing": "undone", "undone": "undone", "cancelled": "cancelled"}.get(batch.state, "confirmed")
    return str(said.get(by_state) or said.get("asker", ""))


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _named(row: Row[Any]) -> str:
    """An order, with the parcel that is to be told of it."""
    if "waybill" not in row.detail:
        return str(row.tag)
    return f"{row.tag} {courier_name(row.detail['courier'])} {row.detail['waybill']}"


def _row(row: Row[Any]) -> BatchRow:
    words = _named(row).removeprefix(row.tag).strip()
    return BatchRow(row.tag, words or goods([(one[0], one[1], one[2]) for one in row.lines or ()]), row.paid_fen,
                    row.ship_by_at)  # fmt: skip


def _is_plain(batch: Batch) -> bool:
    """Whether there is nothing to be read first: a card with boxes has little room for words."""
    return not any(batch.said.get(one) for one in ("left", "doubts", "sample"))


def _ticks(rows: list[Row[Any]]) -> Ticks:
    one_day = len({row.tag.split("-")[1] for row in rows}) == 1
    options = tuple((str(row.order_id), _brief(row, one_day=one_day)) for row in rows)
    return Ticks(TICKS, options, tuple(key for key, _ in options))


def _brief(row: Row[Any], *, one_day: bool) -> str:
    """A box holds some ten characters: TB-001 of one day, TB22-001 where there are several; the rest may be cut."""
    prefix, day, number = row.tag.split("-")
    tag = f"{prefix}-{number}" if one_day else f"{prefix}{day[6:]}-{number}"
    return tag + _named(row).removeprefix(row.tag)


def _offers(desk: Desk, batch: Batch, state: str, actor: Actor | None) -> tuple[Offer, ...]:
    subject = f"batch:{batch.id}"
    if not permissions.allowed(BATCHES[batch.verb].permit, actor):
        return ()
    if state == "asked":
        return (
            Offer("确认", "batch_confirm", subject, batch.revision, style="main"),
            Offer("取消", "batch_cancel", subject, batch.revision),
        )
    still = batch.undo_until is None or batch.undo_until >= desk.now
    if state in ("running", "done") and still:
        return (Offer("撤销", "batch_undo", subject, batch.revision, style="danger"),)
    return ()
