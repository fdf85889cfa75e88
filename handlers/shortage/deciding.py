"""等货, 换同款, 拆单先发, 退款 of a short SKU: for all its orders, or for those that are named; always asked once."""

from __future__ import annotations

from typing import Final

from handlers import find, permissions, stock
from handlers.batches import orders, question, shortages, store
from handlers.batches import show as batch_show
from handlers.batches.choose import MOST, Chosen, Left
from handlers.batches.doing import Act
from handlers.batches.store import Wish
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.parse import references
from handlers.shortage import census, choices, matters, swaps
from handlers.views import TextView, View
from models.case import short_code

_SHOWN: Final = 5


def decide(desk: Desk, incoming: Incoming, actor: Actor, asked: tuple[int, str, str]) -> View:
    """`asked`: the SKU's case, what is to become of its orders (choices.TITLES), and what was written behind it.
    Returns the question. Raises Refusal."""
    case_id, what, said = asked
    sku = matters.sku_of(desk, case_id)
    swap: choices.Named | None = None
    if what == choices.SWAP:
        named, _, said = said.partition(" ")
        if not named:
            return _offered(desk, case_id, sku)
        swap = _other(desk, case_id, sku, named)
    doing = shortages.ALL[shortages.verb_of(what)]
    permissions.check(desk, doing.permit, actor)
    chosen = _chosen(desk, sku, what, said)
    if not chosen.rows:
        raise Refusal(_nothing(doing.title, chosen))
    act = Act(actor, desk.now, words=f"换成 {swap.name}" if swap else "", broad=chosen.broad)
    of = {"sku": sku, **({"swap": swap.name, "from": sku, "to": swap.sku} if swap else {})}
    place = "group" if incoming.is_group else "staff"
    found = choices.orders(desk, [row.id for row in chosen.rows])
    rows = [found[row.id] for row in chosen.rows]
    doubts = choices.doubts(what, rows, sku)
    if swap and (more := swaps.difference(choices.named(desk, sku), swap)):
        doubts.append(more)
    words = {**question.said(chosen, doubts), "sample": choices.sample(what, rows, of)}
    wish = Wish(shortages.verb_of(what), act, chosen.rows, words, {row.id: of for row in chosen.rows}, place)
    return batch_show.show(desk, store.make(desk, wish, "asked").id, actor)


def _nothing(title: str, chosen: Chosen) -> str:
    why = "；".join(f"{reason}（{'、'.join(tags)}）" for reason, _, tags in question.grouped(chosen.left))
    return f"没有可以{title}的单" + (f"：{why}" if why else "，缺货可能刚解除，请刷新卡片")


def _chosen(desk: Desk, sku: str, what: str, said: str) -> Chosen:
    """All orders that are short of it; or those that are named, of which others are left out by why."""
    hit = census.hit(desk, sku)
    named, rest = references(said, many=True)
    if rest:
        raise Refusal(f"「{rest[:20]}」看不懂，后面只写订单编号；不写就是所有缺 {sku} 的单")
    wanted = [find.one(desk, one) for one in named if one.kind not in ("all", "shop", "range")]
    broad = len(wanted) < len(named) or not named
    if broad and any(one.kind in ("shop", "range") for one in named):
        raise Refusal("这里请一单一单写编号；不写编号就是所有缺它的单")
    ids = list(dict.fromkeys(hit if broad else wanted))
    rows = orders.read(desk, ids)
    found = choices.orders(desk, ids)
    chosen = Chosen(broad=broad, scope=f"缺 {sku} 的单" if broad else f"点名 {len(ids)} 单")
    for one, row in rows.items():
        why = choices.hinder(what, found.get(one)) if one in hit else f"不缺 {sku}"
        if why:
            chosen.left.append(Left(row.tag, why))
        else:
            chosen.rows.append(row)
    if len(chosen.rows) > MOST:
        raise Refusal(f"一次最多 {MOST} 单，这里有 {len(chosen.rows)} 单，请分几次写编号")
    return chosen


def _offered(desk: Desk, case_id: int, sku: str) -> TextView:
    """What the goods could be exchanged for."""
    found = choices.same_goods(desk, sku)
    code = short_code(case_id)
    if not found:
        return TextView(f"没有找到同款有货的 SKU。知道换成哪个请发：{code} 换同款 SKU；这里只是提议，买家同意后再换")
    lines = [f"- {one.sku} {one.title}，可用 {one.free} 件" for one in found[:_SHOWN]]
    how = f"> 提议换成它请发：{code} 换同款 {found[0].sku}，后面可以写订单编号；买家同意后再换"
    return TextView("\n".join([f"**{sku} 的同款**", *lines, how]))


def _other(desk: Desk, case_id: int, sku: str, named: str) -> choices.Named:
    """The goods that are meant. Raises Refusal where none of them lies there."""
    other = stock.known(desk, named)
    code = short_code(case_id)
    if other is None or other == sku:
        raise Refusal(f"没有可换的 SKU「{named[:40]}」。有哪些同款请发：{code} 换同款")
    found = choices.named(desk, other)
    if found.free <= 0:
        raise Refusal(f"{other} 也没有现货了。有哪些同款请发：{code} 换同款")
    return found
