"""`对账`: a day, ✓ or ✗ for each shop, what was missing and what came back."""

from __future__ import annotations

from bot.card import Card, Field, Tone
from bot.pen import Pen
from bot.phrases import moment
from handlers.buttons import Offer
from handlers.completeness.view import ProofRow, ProofView

_MARKS = {"green": "✓", "red": "✗", "filling": "✗", "unknown": "?", "": "…"}
_MOST_FIELDS = 5
_NAMED = 3


def draw(view: ProofView, pen: Pen) -> Card:
    subject = f"proof:{view.number}"
    offers = [Offer("刷新", "refresh", subject, view.revision)]
    if view.may_again:
        offers.insert(0, Offer("重新对账", "reprove", subject, view.revision, style="main"))
    buttons, menu = pen.controls(offers)
    return Card(
        title=f"对账 {view.day:%m-%d}：{_verdict(view)}",
        subject=subject,
        revision=view.revision,
        subtitle=f"平台下单数与系统逐店核对 · {moment(view.at, view.at)} 更新",
        tone=_tone(view),
        quote=view.note,
        fields=_fields(view.rows),
        body="\n".join(line for row in view.rows if (line := _detail(row))),
        buttons=buttons,
        menu=menu,
        link=pen.base_url,
        code=f"对账 {view.day:%m-%d}",
    )


def _verdict(view: ProofView) -> str:
    count = {state: sum(row.state == state for row in view.rows) for state in _MARKS}
    if wrong := count["red"] + count["filling"]:
        return f"{wrong} 店不一致"
    if count["unknown"]:
        return f"{count['unknown']} 店没有对成"
    if count[""]:
        return f"{count['green']} 店一致，{count['']} 店未对"
    refilled = sum(row.refilled for row in view.rows)
    return f"{count['green']} 店全部一致" + (f"，补回 {refilled} 单" if refilled else "")


def _tone(view: ProofView) -> Tone:
    states = {row.state for row in view.rows}
    if states & {"red", "filling"}:
        return Tone.WARN
    return Tone.GOOD if states <= {"green"} else Tone.PLAIN


def _fields(rows: tuple[ProofRow, ...]) -> tuple[Field, ...]:
    """Five lines at most; the shops of the rest, the good ones, share the last."""
    if len(rows) <= _MOST_FIELDS:
        return tuple(Field(row.prefix, _value(row)) for row in rows)
    rest = rows[_MOST_FIELDS - 1 :]
    wrong = sum(row.state != "green" for row in rest)
    words = f"还有 {len(rest)} 店，{wrong} 店不一致" if wrong else f"✓ 另外 {len(rest)} 店一致"
    return (*(Field(row.prefix, _value(row)) for row in rows[: _MOST_FIELDS - 1]), Field("其他", words))


def _value(row: ProofRow) -> str:
    mark = f"{_MARKS[row.state]} {row.shop}"
    if row.state == "green":
        return f"{mark} {row.platform_orders} 单" + (f"，补回 {row.refilled} 单" if row.refilled else "")
    if row.state == "":
        return f"{mark} 还没有对"
    if row.state == "unknown" or row.platform_orders is None:
        return f"{mark} 没有对成"
    return f"{mark} 平台 {row.platform_orders} 系统 {row.hub_orders}"


def _detail(row: ProofRow) -> str:
    """Of a shop that does not agree: why, and which orders."""
    if not row.reason:
        return ""
    parts = [row.reason]
    if row.still:
        parts.append(f"缺的是 {_named(row.still)}")
    if row.strangers:
        parts.append(f"平台没有 {_named(row.strangers)}")
    return f"{row.shop}：{'；'.join(parts)}"


def _named(numbers: tuple[str, ...]) -> str:
    more = f" 等 {len(numbers)} 单" if len(numbers) > _NAMED else ""
    return "、".join(numbers[:_NAMED]) + more
