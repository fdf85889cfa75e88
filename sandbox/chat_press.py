"""A press on a card, as far as the app and the bot share it: is the control there, and what was chosen."""

from dataclasses import dataclass
from typing import Any

from sandbox.chat_cards import keys_of, questions_of
from sandbox.chat_store import Message, Store

Chosen = dict[str, list[str]]


class NotPossible(Exception):
    """A person could not do this on a phone; the text says why."""


@dataclass(frozen=True)
class Press:
    who: str
    message: Message
    card: dict[str, Any]
    key: str
    chosen: Chosen
    from_menu: bool

    @property
    def task_id(self) -> str:
        return str(self.card.get("task_id", ""))


def press_of(store: Store, who: str, message_id: str, *, key: str, selected: Chosen) -> Press:
    message = store.get(message_id)
    if message is None or message.kind not in {"template_card", "stream"} or message.recalled:
        raise NotPossible("没有这张卡片")
    if who not in store.viewers(message.chat):
        raise NotPossible("这个人看不到这张卡片")
    card = message.body_for(who)
    if message.kind == "stream":
        card = card.get("template_card", {})
    kinds = {found: kind for kind, found in keys_of(card)}
    if key not in kinds:
        raise NotPossible("卡片上没有这个按钮，可能已经更新")
    from_menu = kinds[key] == "menu"
    if card.get("replace_text") and not from_menu:
        raise NotPossible("这张卡片已经处理过了")
    return Press(who, message, card, key, {} if from_menu else _chosen(card, selected), from_menu)


def remember(store: Store, press: Press) -> None:
    """A submitted form keeps showing what this person chose."""
    if press.chosen:
        store.change(press.message, lambda message: message.picked.update({press.who: press.chosen}))


def _chosen(card: dict[str, Any], selected: Chosen) -> Chosen:
    chosen: Chosen = {}
    for question in questions_of(card):
        name = question["question_key"]
        ids = [option["id"] for option in question["option_list"]]
        boxes = question is card.get("checkbox")
        picked = list(selected.get(name, ()))
        if name not in selected or question.get("disable"):
            picked = _ticked(question) if boxes else _shown_first(question)
        if unknown := [one for one in picked if one not in ids]:
            raise NotPossible(f"没有这个选项：{unknown[0]}")
        if len(picked) > 1 and not (boxes and question.get("mode", 0) == 1):
            raise NotPossible("这里只能选一项")
        chosen[name] = picked
    if unknown := [name for name in selected if name not in chosen]:
        raise NotPossible(f"没有这个问题：{unknown[0]}")
    if not any(chosen.values()) and "checkbox" in card:
        raise NotPossible("请先选择")
    return chosen


def _ticked(question: dict[str, Any]) -> list[str]:
    return [option["id"] for option in question["option_list"] if option.get("is_checked")]


def _shown_first(question: dict[str, Any]) -> list[str]:
    """A drop-down is never empty: where the card names no option, or one that is not there, the first one is chosen."""
    ids = [str(option["id"]) for option in question["option_list"]]
    named = str(question.get("selected_id", ""))
    return [named if named in ids else ids[0]]
