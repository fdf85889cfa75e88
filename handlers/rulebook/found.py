"""What a dry run found, in words: for the chat and the page."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.mask import phones
from handlers.rulebook.replay import BY_STAGE, Count, Tally
from handlers.rulebook.store import Wish


def counts(tally: Tally, days: int) -> list[str]:
    """How many were looked at, hit, and what that changes: those that are open, and those that left."""
    now, past = tally.open, tally.past
    said = [f"现在没发的 {now.looked:,} 单：命中 {now.hits:,} 单，{_change(now.more, now.fewer)}"]
    gone = f"近 {days} 天离开的 {past.looked:,} 单：命中 {past.hits:,} 单，和当时相比{_change(past.more, past.fewer)}"
    return [*said, gone] if past.looked else said


def of_open(wish: Wish, tally: Tally) -> list[str]:
    """Whose the cases would be, and what else would be done: of the orders that are open."""
    return ["命中后不开异常" if wish.quiet else _whose(wish), *_acts(tally)]


def rest(wish: Wish, days: int, tally: Tally) -> list[str]:
    """Why orders that left are not replayed, and what nobody can tell."""
    by_stage = not tally.past.looked and any(name in wish.condition for name in BY_STAGE)
    why = "条件里有环节或停留小时，当时的情况没有记录"
    return ([f"近 {days} 天发走的订单没有回放：{why}"] if by_stage else []) + _unknown(tally)


def daily(past: Count, days: int) -> str:
    """Of orders that left: how many a rule would have been about."""
    return f"平均每天约 {past.hits / days:.1f} 单命中"


def lists(tally: Tally) -> tuple[tuple[str, Sequence[int], int], ...]:
    """What becomes of them, the first of the orders, how many."""
    now, past = tally.open, tally.past
    return (
        ("会新开", tally.more, now.more),
        ("会结束", tally.fewer, now.fewer),
        ("已离开，当时会多开（不会真开）", tally.past_more, past.more),
        ("已离开，当时会少开", tally.past_fewer, past.fewer),
    )


def _whose(wish: Wish) -> str:
    return f"这些事归{wish.role_title}，{wish.severity}，{'锁单' if wish.blocks else '不锁单'}"


def _acts(tally: Tally) -> list[str]:
    """Of the orders that are open: an order that left is left alone."""
    said = (("会做", tally.acts), ("会收回", tally.undone))
    return [
        *(f"{what}：{'、'.join(f'{phones(words)} {number:,} 单' for words, number in counted.items())}"
          for what, counted in said if counted),
        *([f"其中 {tally.late:,} 单延到了平台发货期限之后，平台的期限不会变"] if tally.late else []),
        *(f"{words} {number:,} 单" for words, number in tally.ripples.items()),
        *(f"通知不到客户 {number:,} 单：{why}" for why, number in tally.missed.items()),
    ]  # fmt: skip


def _change(more: int, fewer: int) -> str:
    if not more and not fewer:
        return "件数不变"
    return "，".join(part for part in (f"多 {more:,} 件" if more else "", f"少 {fewer:,} 件" if fewer else "") if part)


def _unknown(tally: Tally) -> list[str]:
    here, gone = tally.open.unknown, tally.past.unknown
    count = here + gone
    if not count:
        return []
    where = f"没发的 {here:,} 单、离开的 {gone:,} 单；" if here and gone else ""
    whys = "、".join(f"{why} {number:,} 单" for why, number in tally.whys.most_common(3))
    return [f"不能确定的 {count:,} 单（{where}不算命中，也不算没问题）：{whys}"]
