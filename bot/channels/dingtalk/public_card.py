"""A neutral card in DingTalk's public template of markdown and buttons: works without a template of one's own, but
knows no drop-down (what is chosen can be typed behind the short code) and no line for one viewer alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.card import Card, Tone, without_form
from bot.channels.dingtalk.fit import VALUE_BYTES, Entry, block, fits, line, words
from bot.channels.dingtalk.markdown import compact, escaped, markdown
from bot.channels.dingtalk.own_card import controls
from bot.phrases import cut_bytes

VARIABLES: Final = ("title", "markdown", "tips", "sys_full_json_obj")
_COLOURS: Final = {"main": "blue", "plain": "gray", "danger": "red"}
_MARKS: Final = {Tone.PLAIN: "", Tone.GOOD: "✅ ", Tone.WARN: "⚠️ "}
_TITLE, _SUBTITLE, _SOURCE, _QUOTE, _VALUE, _TIPS = 40, 60, 20, 100, 40, 80
_MOST_FIELDS: Final = 6
_EMPTY: Final = "—"


def public_card(card: Card, *, note: str = "") -> dict[str, str]:
    """`note`: a line for who reads this answer; it stands in the text, which the answer alone shows."""
    card = without_form(card)
    lines = [one for one in _lines(card, note) if one]
    return {
        "title": _MARKS[card.tone] + (line(card.title, _TITLE) or words(card.source, _SOURCE)),
        "markdown": _shortened(lines) or _EMPTY,
        "tips": _tips(card),
        "sys_full_json_obj": _buttons(card),
    }


def _lines(card: Card, note: str) -> Iterator[str]:
    """The most needed first: what does not fit any more is cut off at the end."""
    if note:
        yield f"> {escaped(block(note, _QUOTE))}".replace("\n", "\n> ")
    yield escaped(line(" · ".join(part for part in (*(card.emphasis or ()), card.subtitle) if part), _SUBTITLE))
    if card.done_text:
        yield f"**{escaped(line(card.done_text, _SUBTITLE))}**"
    if card.quote:
        yield f"> {escaped(block(card.quote, _QUOTE))}".replace("\n", "\n> ")
    for field in card.fields[:_MOST_FIELDS]:
        yield f"**{escaped(words(field.label, 6))}** {escaped(line(field.value, _VALUE))}"
    yield escaped(block(card.body, VALUE_BYTES))


def _shortened(lines: list[str]) -> str:
    """Line ends grow when they become markdown's, so it is cut until it fits."""
    text, allowed = "\n".join(lines), VALUE_BYTES
    while not fits(found := markdown(cut_bytes(text, allowed), "")):
        allowed -= max(len(found.encode()) - VALUE_BYTES, 16)
    return found


def _tips(card: Card) -> str:
    parts = [card.source, card.code and f"编号 {card.code}"]
    if card.code and card.buttons and not card.done_text:
        picked = card.drop_down.typed if card.drop_down is not None else ""
        parts.append(f"也可回复 {card.code} {picked or card.buttons[0].text}")
    return line(" · ".join(part for part in parts if part), _TIPS)


def _buttons(card: Card) -> str:
    """As many as one value holds, the link to the board last."""
    main, menu = controls(card)
    shown: list[dict[str, object]] = [_request(one, one["style"]) for one in main] + [
        _request(one, "plain") for one in menu
    ]
    if card.link and fits(card.link):
        shown.append(
            {"text": line(card.link_title, 10) or "打开看板", "url": card.link, "iosUrl": card.link, "color": "gray"}
        )
    while shown and not fits(compact({"msgButtons": shown})):
        shown.pop()
    return compact({"msgButtons": shown})


def _request(entry: Entry, style: str) -> dict[str, object]:
    return {"text": entry["text"], "color": _COLOURS[style], "id": entry["key"], "request": True}
