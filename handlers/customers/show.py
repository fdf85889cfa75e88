"""The notices as people who change them see them."""

from __future__ import annotations

from typing import Final

from handlers import find
from handlers.customers import editing, events, fields, notices, state
from handlers.customers.events import EVENTS
from handlers.customers.notices import Notice
from handlers.desk import Desk
from handlers.parse import Reference
from handlers.wording import moment

_CHANGES: Final = 5


def overview(desk: Desk) -> str:
    """Every event: whether it is told, by which template, in which version."""
    known = notices.templates(desk)
    lines = ["**客户通知**"]
    for event, now in notices.notices(desk).items():
        lines.append(f"- {EVENTS[event].title}：{state_of(now, known)}，第 {notices.version(desk, event)} 版")
    unused = [one.title for one in known.values() if not one.gone and one.id not in _used(desk)]
    if unused:
        lines.append(f"> 公众号里还有这些模板没用：{'、'.join(unused[:8])}")
    lines.append("> 看一种：模板 发货；从公众号重新读模板：模板 读取；取消最近一次改动：模板 撤销")
    lines.append("> 在网页上改、看每个渠道的效果：发「看板」，打开后点「通知」")
    return "\n".join(lines)


def one(desk: Desk, event: str) -> str:
    """One event's notice, line by line, with each line's limit and the last changes."""
    now, known = notices.notice(desk, event), notices.templates(desk)
    title = EVENTS[event].title
    lines = [f"**{title}通知**（第 {notices.version(desk, event)} 版）：{state_of(now, known)}"]
    for key in notices.keys_of(desk, now):
        limit = f"只能是 {'、'.join(key.words[:8])}" if key.words else fields.kind_of(key.key).says
        label = f"{key.label}（{key.key}）" if key.label else key.key
        lines.append(f"- {label}：{now.fields.get(key.key) or '还没写'}　{limit}")
    lines.append(f"- 文字（没有模板的渠道和话术用）：{now.plain}")
    for row in notices.newest(desk, event, _CHANGES):
        undone = f"，已由{row.undone_by}撤销" if row.undone_by else ""
        lines.append(f"> {moment(row.set_at)} {row.set_by}：{row.change}{undone}")
    values = " ".join(f"{{{events.VALUES[name]}}}" for name in EVENTS[event].values)
    lines.append(f"> 可以放的内容：{values}")
    lines.append(f"> 改一行：模板 {title} 那一行 内容；看效果：模板 {title} 预览 订单编号")
    return "\n".join(lines)


def preview(desk: Desk, event: str, wanted: Reference) -> str:
    """What the customer of a real order would see, its number masked. Raises Refusal."""
    order_id = find.one(desk, wanted)
    order = state.order(desk, order_id)
    values = state.values(order, state.goods_of(desk, [order_id]).get(order_id, ""), desk.now)
    values["number"] = masked(values["number"])
    now, known = notices.notice(desk, event), notices.templates(desk)
    shown, problem = editing.preview(desk, now, values)
    template = known.get(now.template)
    lines = [f"**预览：{order.tag} 的{EVENTS[event].title}通知**"]
    if template is not None and template.title:
        lines.append(template.title)
    lines += [
        f"- {line.label}：{line.value or '（空）'}{'　已截短' if line.cut and line.value else ''}" for line in shown
    ]
    lines.append(f"- 文字：{events.filled(now.plain, values)}")
    if template is not None and template.gone:
        problem = "模板在公众号后台已不存在"
    if not shown:
        problem = problem or "没有选模板，只能用其他渠道发"
    lines.append(f"> 这样发不出去：{problem}" if problem else "> 可以发送；真正发送时订单号不打星")
    return "\n".join(lines)


def masked(number: str) -> str:
    """A platform number that people may see in a group."""
    return f"{number[:4]}****{number[-4:]}" if len(number) > 10 else number


def state_of(now: Notice, known: dict[str, notices.Known]) -> str:
    """Whether it is told and by which template, in words."""
    if not now.on:
        return "关"
    template = known.get(now.template)
    if template is not None and template.gone:
        return "开，但模板在公众号后台已不存在"
    return (
        f"开，模板「{template.title if template and template.title else now.template}」"
        if now.template
        else "开，没有选模板"
    )


def _used(desk: Desk) -> set[str]:
    return {now.template for now in notices.notices(desk).values()}
