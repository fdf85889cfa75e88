"""A neutral card as a WeCom template card. App and bot take the same JSON with different lengths; everything is cut
here, in one fixed order, so that a long name never becomes an API error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.card import HUB_NAME, Boxes, Button, Card, DropDown, Field, Style, Tone, without_form
from bot.channels.sending import Body
from bot.phrases import cut, one_line, printable

_KEY_BYTES: Final = 1024
_OPTION_BYTES: Final = 128
_MOST_BOXES: Final = 20
_MOST_DROPS: Final = 3
_VOTE_TITLE: Final = 16
_HEAD: Final = 3  # characters that stay in front of what is cut in the middle: the shop of an order's number
_WIDE: Final = 2.2  # width by height, as wide as the platform shows
_COLOURS: Final[dict[Tone, int]] = {Tone.PLAIN: 0, Tone.WARN: 2, Tone.GOOD: 3}
_STYLES: Final[dict[Style, int]] = {Style.MAIN: 1, Style.PLAIN: 2, Style.DANGER: 3}
_NO_TEXT: Final = "…"  # the platform refuses a control without words
_NOT_IN_IDS: Final = re.compile(r"[^0-9A-Za-z_\-@]")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many characters a client shows (wecom.md 4.3)."""

    source: int
    title: int
    subtitle: int
    emphasis: tuple[int, int]
    body: int
    value: int
    option: int
    box: int
    form_words: int  # below the title of a form
    line: tuple[int, int]  # below a picture: title and words


APP: Final = Sizes(
    source=20, title=36, subtitle=44, emphasis=(14, 22), body=160, value=30, option=16, box=17, form_words=160,
    line=(38, 160),
)  # fmt: skip
BOT: Final = Sizes(
    source=13, title=26, subtitle=30, emphasis=(10, 15), body=112, value=26, option=10, box=11, form_words=30,
    line=(26, 112),
)  # fmt: skip


def template_card(card: Card, task_id: str, link: str, sizes: Sizes, *, update: bool = False) -> Body:
    """vote_interaction or multiple_interaction for a form, button_interaction where something can be pressed or a grey
    label is due, news_notice for a picture, else text_notice. `link` is where a notice without its own leads to: the
    platform asks for one."""
    if not card.done_text and (asked := _questions(card, sizes)):
        return _form_head(card, sizes, asked) | asked | {"task_id": safe_task_id(task_id)}
    card = without_form(card)
    label = card.done_text if update else ""
    pressed = _buttons(card.buttons)
    buttons = pressed or ([_inert(label)] if label else [])
    found = _head(card, label, sizes) | {"task_id": safe_task_id(task_id)}
    found["card_type"] = "button_interaction" if buttons else "text_notice"
    pictured = not buttons and card.picture.startswith(("http://", "https://"))
    if pictured:
        found = _pictured(found, card, sizes)
    if card.fields:
        found["horizontal_content_list"] = [_field(field, sizes) for field in card.fields[:6]]
    if menu := _menu(card.menu, pressed):
        found["action_menu"] = {"desc": "更多", "action_list": menu}
    if buttons:
        found["button_list"] = buttons
        found |= _beside_buttons(card, label, sizes)
    elif card.emphasis and not pictured:
        title, words = card.emphasis
        found["emphasis_content"] = {"title": _line(title, sizes.emphasis[0]), "desc": _line(words, sizes.emphasis[1])}
    if card.link and not buttons and (words := _line(card.link_title, 13)):
        found["jump_list"] = [{"type": 1, "url": card.link, "title": words}]
    if card.link or not buttons:
        found["card_action"] = {"type": 1, "url": card.link or link}
    return found


def safe_task_id(text: str) -> str:
    return _NOT_IN_IDS.sub("-", text)[:128]


def _head(card: Card, label: str, sizes: Sizes) -> Body:
    code = f" · {card.code}" if card.code and card.code not in card.title else ""
    source = _line(card.source, max(4, sizes.source - len(code))) + code
    body = card.body if label else f"{card.done_text}\n{card.body}".strip()
    found: Body = {
        "source": {"desc": _line(source, sizes.source), "desc_color": _COLOURS[card.tone]},
        "main_title": {"title": _line(card.title, sizes.title) or _line(card.source, sizes.title) or HUB_NAME},
    }
    if card.subtitle:
        found["main_title"]["desc"] = _line(card.subtitle, sizes.subtitle)
    if card.quote:
        found["quote_area"] = {"type": 0, "quote_text": cut(printable(card.quote), sizes.body)}
    if body:
        found["sub_title_text"] = cut(printable(body), sizes.body)
    return found


def _pictured(found: Body, card: Card, sizes: Sizes) -> Body:
    """A notice with a picture has no text of its own below the title: the words become a line below the picture."""
    words = found.pop("sub_title_text", "")
    if card.emphasis:
        words = f"{' '.join(card.emphasis)}\n{words}"
    title, _, rest = words.strip().partition("\n")
    if title:
        line = {"title": _line(title, sizes.line[0]) or _NO_TEXT, "desc": cut(rest, sizes.line[1])}
        found["vertical_content_list"] = [{name: text for name, text in line.items() if text}]
    return found | {"card_type": "news_notice", "card_image": {"url": card.picture, "aspect_ratio": _WIDE}}


def _questions(card: Card, sizes: Sizes) -> Body:
    """What a form asks, {} where the card is none or the platform could not show any of its options."""
    if card.submit is None or not (submit := _buttons((card.submit,))):
        return {}
    sent = {"submit_button": {"text": submit[0]["text"], "key": submit[0]["key"]}}
    if card.boxes is not None and (ticked := _checkbox(card.boxes, sizes)):
        return {"card_type": "vote_interaction", "checkbox": ticked} | sent
    by_key = {one.key: one for one in card.forms if _is_key(one.key)}  # the platform refuses two equal ones
    drops = [(one, options) for one in by_key.values() if (options := _options(one.options, sizes.option, 10))]
    if not drops or card.boxes is not None:
        return {}
    asked = [_selection(one, options, disabled=False) for one, options in drops[:_MOST_DROPS]]
    return {"card_type": "multiple_interaction", "select_list": asked} | sent


def _checkbox(boxes: Boxes, sizes: Sizes) -> Body:
    options = _options(boxes.options, sizes.box, _MOST_BOXES)
    for option in options:
        option["is_checked"] = option["id"] in boxes.ticked
    mode = {"mode": 1 if boxes.many else 0}
    whole = _is_key(boxes.key) and options
    return {"question_key": boxes.key, **mode, "option_list": options} if whole else {}


def _form_head(card: Card, sizes: Sizes, asked: Body) -> Body:
    """A form shows a title and words below it, no more: who needs the rest finds it behind the short code."""
    head = _head(card, "", sizes)
    most = min(sizes.title, _VOTE_TITLE) if asked["card_type"] == "vote_interaction" else sizes.title
    more = len(card.boxes.options) if card.boxes is not None else 0
    left_out = f"共 {more} 项，只列出前 {_MOST_BOXES} 项" if more > _MOST_BOXES else ""
    words = "\n".join(part for part in (card.quote, left_out, card.subtitle, card.body) if part)
    title = {"title": _line(card.title, most) or _line(card.source, most) or _NO_TEXT}
    if words:
        title["desc"] = cut(printable(words), sizes.form_words)
    return {"source": head["source"], "main_title": title}


def _beside_buttons(card: Card, label: str, sizes: Sizes) -> Body:
    found: Body = {}
    asked = card.drop_down if card.drop_down is not None and _is_key(card.drop_down.key) else None
    if asked is not None and (options := _options(asked.options, sizes.option, 10)):
        found["button_selection"] = _selection(asked, options, disabled=bool(label))
    if label:
        found["replace_text"] = _line(label, sizes.title)
    return found


def _buttons(buttons: tuple[Button, ...]) -> list[Body]:
    by_key = {button.payload: button for button in buttons if _is_key(button.payload)}  # two equal ones are refused
    return [
        {"text": _line(button.text, 10) or _NO_TEXT, "style": _STYLES[button.style], "key": key}
        for key, button in list(by_key.items())[:6]
    ]


def _menu(entries: tuple[Button, ...], shown: list[Body]) -> list[Body]:
    """Without those that are `shown` as buttons."""
    there = {button["key"] for button in shown}
    by_key = {one.payload: one for one in entries if _is_key(one.payload) and one.payload not in there}
    return [{"text": _line(one.text, 10) or _NO_TEXT, "key": key} for key, one in list(by_key.items())[:3]]


def _is_key(text: str) -> bool:
    return bool(text.strip()) and len(text.encode()) <= _KEY_BYTES


def _inert(label: str) -> Body:
    """A button list must not be empty, even where the grey label covers it."""
    return {"text": _line(label, 10) or _NO_TEXT, "style": 2, "key": "done"}


def _field(field: Field, sizes: Sizes) -> Body:
    found: Body = {"keyname": _line(field.label, 5) or "说明", "value": _line(field.value, sizes.value)}
    if userid := field.userids.get("wecom"):
        found |= {"type": 3, "userid": userid}
    return found


def _options(options: tuple[tuple[str, str], ...], most_characters: int, most: int) -> list[Body]:
    # An id cannot be shortened: what is too long for the platform cannot be chosen there.
    fitting = {key: text for key, text in options if key.strip() and len(key.encode()) <= _OPTION_BYTES}
    shown = dict(list(fitting.items())[:most])
    words = _told_apart([one_line(printable(text)) or _NO_TEXT for text in shown.values()], most_characters)
    return [{"id": key, "text": text} for key, text in zip(shown, words, strict=True)]


def _told_apart(texts: list[str], most: int) -> list[str]:
    """Cut, so that they still differ: at the end; where numbers of orders would then look the same, in the middle;
    where even that does not do, they are counted."""
    whole = [cut(text, most) for text in texts]
    ends = [text if len(text) <= most else f"{text[:_HEAD]}…{text[_HEAD + 1 - most :]}" for text in texts]
    for found in (whole, ends):
        if len(set(found)) == len(set(texts)):
            return found
    return [cut(f"{number} {text}", most) for number, text in enumerate(texts, 1)]


def _selection(drop_down: DropDown, options: list[Body], *, disabled: bool) -> Body:
    found: Body = {"question_key": drop_down.key, "title": _line(drop_down.title, 13), "option_list": options}
    if drop_down.selected in {option["id"] for option in options}:
        found["selected_id"] = drop_down.selected
    if disabled:
        found["disable"] = True
    return found


def _line(text: str, most: int) -> str:
    # Most texts are clean; the look costs a tenth of the cleaning.
    clean = text if text.isprintable() and "  " not in text else one_line(printable(text))
    return cut(clean.strip(), most)
