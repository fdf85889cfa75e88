"""Names of what a card is about: "order:5", "case:12", "draft:3", "proof:20251221", "handover:2", "absence:7",
"batch:7", "rule:3", "advice:5"."""

from __future__ import annotations

from typing import Final

from handlers.desk import Refusal

_KINDS: Final = ("order", "case", "draft", "proof", "handover", "absence", "batch", "dispatch", "rule", "advice")


def split(subject: str) -> tuple[str, int]:
    """("case", 12). Raises Refusal for what names nothing."""
    kind, _, number = subject.partition(":")
    if kind not in _KINDS or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise Refusal("这张卡片已经失效，请重新查询")
    return kind, int(number)


def order_lookup(subject: str) -> tuple[str, dict[str, int]]:
    """An SQL expression for the order's id, and its parameter: one round trip fewer than asking first."""
    kind, number = split(subject)
    if kind not in ("order", "case"):
        raise Refusal("这张卡片没有这个操作，请刷新")
    return (":subject_id" if kind == "order" else "(SELECT order_id FROM cases WHERE id = :subject_id)"), {
        "subject_id": number
    }
