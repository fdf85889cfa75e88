"""Template cards: what each kind may hold and which mistakes the platform refuses (wecom.md section 4).

Lengths that the documents only recommend are not checked here; `chat_draw` cuts them, as the clients do.
"""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.chat_blocks import RULES, Card, Surface, an_object, texts
from sandbox.chat_errors import Refused, invalid

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")

COMMON = {"card_type", "source", "task_id", "main_title", "feedback", "enable_id_trans"}
NOTICE = {"action_menu", "quote_area", "horizontal_content_list", "jump_list", "card_action"}
BLOCKS: dict[str, set[str]] = {
    "text_notice": COMMON | NOTICE | {"emphasis_content", "sub_title_text"},
    "news_notice": COMMON | NOTICE | {"card_image", "image_text_area", "vertical_content_list"},
    "button_interaction": COMMON
    | {"action_menu", "quote_area", "sub_title_text", "horizontal_content_list", "card_action"}
    | {"button_selection", "button_list", "replace_text"},
    "vote_interaction": COMMON | {"checkbox", "submit_button", "replace_text"},
    "multiple_interaction": COMMON | {"select_list", "submit_button", "replace_text"},
}
NOTICES = {"text_notice", "news_notice"}


def check(card: Any, surface: Surface) -> Card:
    """The card without the blocks its kind does not have; raises Refused for what the platform does not take."""
    if not isinstance(card, dict) or not card:
        raise invalid("template_card")
    kind = card.get("card_type")
    if kind not in BLOCKS:
        raise invalid("template_card.card_type", repr(kind))
    kept = {name: value for name, value in card.items() if name in BLOCKS[kind]}
    if not surface.update:
        kept.pop("replace_text", None)
    _check_titles(kept, kind)
    _check_task_id(kept, kind, surface)
    for block, rule in RULES.items():
        if block in kept:
            rule(kept[block], surface)
    _check_required(kept, kind, surface)
    _check_keys(kept)
    return kept


def stray_blocks(card: Card) -> list[str]:
    """Blocks the clients will not show on this kind of card: accepted, and silently missing."""
    return sorted(set(card) - BLOCKS.get(str(card.get("card_type")), set(card)))


def _check_titles(card: Card, kind: str) -> None:
    title = an_object(card.get("main_title", {}), "main_title")
    texts(title, "main_title", "title", "desc")
    has_title = bool(str(title.get("title", "")).strip())
    if kind == "text_notice":
        sub = card.get("sub_title_text", "")
        if not has_title and not (isinstance(sub, str) and sub.strip()):
            raise Refused(41016, "missing title: main_title.title or sub_title_text")
    elif not has_title:
        raise Refused(41016, "missing title: main_title.title")
    for name in ("sub_title_text", "replace_text"):
        if name in card and not isinstance(card[name], str):
            raise invalid(f"template_card.{name}", "must be a string")


def _check_task_id(card: Card, kind: str, surface: Surface) -> None:
    task_id = card.get("task_id")
    if not task_id:
        # An update keeps the task_id of the card it replaces; a bot's update must repeat it, which its caller checks.
        if not surface.update and (kind not in NOTICES or "action_menu" in card):
            raise invalid("template_card.task_id", "is missing")
        return
    if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        raise invalid("template_card.task_id", "allows 1-128 of 0-9 A-Z a-z _ - @")


def _check_required(card: Card, kind: str, surface: Surface) -> None:
    replaced = surface.update and bool(card.get("replace_text"))
    if kind in NOTICES and "card_action" not in card:
        raise invalid("template_card.card_action", "is missing")
    if kind == "news_notice" and not ("card_image" in card or "image_text_area" in card):
        raise invalid("template_card.card_image", "or image_text_area is missing")
    needed = {
        "button_interaction": ["button_list"],
        "vote_interaction": ["checkbox", "submit_button"],
        "multiple_interaction": ["select_list", "submit_button"],
    }
    for block in needed.get(kind, []):
        if block not in card and not (replaced and block in {"button_list", "submit_button"}):
            raise invalid(f"template_card.{block}", "is missing")


def is_interactive(card: Card) -> bool:
    return card["card_type"] not in NOTICES or "action_menu" in card


def keys_of(card: Card) -> Iterator[tuple[str, str]]:
    """(kind of control, key) of everything on the card that calls back."""
    for button in card.get("button_list", []):
        if button.get("type", 0) == 0:
            yield "button", button["key"]
    if "submit_button" in card:
        yield "submit", card["submit_button"]["key"]
    for action in card.get("action_menu", {}).get("action_list", []):
        yield "menu", action["key"]


def questions_of(card: Card) -> list[Card]:
    """Every question of the card, in drawing order, each with `question_key` and `option_list`."""
    found = [card[name] for name in ("button_selection", "checkbox") if name in card]
    return found + list(card.get("select_list", []))


def _check_keys(card: Card) -> None:
    keys = [key for _, key in keys_of(card)]
    if len(set(keys)) != len(keys):
        raise invalid("template_card.key", "is used twice in one card")
    questions = [question["question_key"] for question in questions_of(card)]
    if len(set(questions)) != len(questions):
        raise invalid("template_card.question_key", "is used twice in one card")
