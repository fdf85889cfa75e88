"""How a message looks on one person's phone, as JSON: cut where clients cut, with this viewer's copy and choices."""

from datetime import timedelta
from typing import Any

from sandbox.chat_store import Body, Message, Store
from sandbox.clock import BEIJING

# Recommended lengths in characters (wecom.md 4.3): (app, bot). The clients cut what is longer.
LENGTHS: dict[str, tuple[int, int]] = {
    "source.desc": (20, 13),
    "main_title.title": (36, 26),
    "main_title.desc": (44, 30),
    "emphasis_content.title": (14, 10),
    "emphasis_content.desc": (22, 15),
    "sub_title_text": (160, 112),
    "horizontal_content_list.keyname": (5, 5),
    "horizontal_content_list.value": (30, 26),
    "vertical_content_list.title": (38, 26),
    "vertical_content_list.desc": (160, 112),
    "jump_list.title": (18, 13),
    "button_list.text": (10, 10),
    "button_selection.option_list.text": (16, 10),
    "checkbox.option_list.text": (17, 11),
    "select_list.title": (160, 13),
    "select_list.option_list.text": (16, 10),
    "submit_button.text": (10, 10),
}
LONG_DESC = {"vote_interaction", "multiple_interaction"}


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def cut_card(card: Body, *, bot: bool) -> Body:
    limits = {path: both[bot] for path, both in LENGTHS.items()}
    if card.get("card_type") in LONG_DESC:
        limits["main_title.desc"] = 160 if not bot else limits["main_title.desc"]
    if card.get("card_type") == "vote_interaction":
        limits["main_title.title"] = min(16, limits["main_title.title"])
    found = _cut(card, "", limits)
    if not isinstance(found, dict):
        raise TypeError("a card is an object")
    return found


def _cut(value: Any, path: str, limits: dict[str, int]) -> Any:
    if isinstance(value, dict):
        return {name: _cut(item, f"{path}.{name}" if path else name, limits) for name, item in value.items()}
    if isinstance(value, list):
        return [_cut(item, path, limits) for item in value]
    if isinstance(value, str) and path in limits:
        return cut(value, limits[path])
    return value


class Drawer:
    def __init__(self, store: Store) -> None:
        self.store = store

    def message(self, message: Message, viewer: str) -> Body:
        at = message.at.astimezone(BEIJING)
        drawn: Body = {
            "id": message.id,
            "seq": message.seq,
            "version": message.version,
            "chat": message.chat,
            "kind": message.kind,
            "mine": message.sender == viewer,
            "sender": self.sender(message.sender),
            "at": at.isoformat(timespec="seconds"),
            "clock": f"{at:%H:%M}",
            "day": f"{at:%m月%d日}",
            "recalled": message.recalled,
        }
        if message.recalled:
            return drawn
        body = message.body_for(viewer)
        drawn["body"] = self._body(message, body)
        drawn["picked"] = message.picked.get(viewer, {})
        if message.quote and (quoted := self.store.get(message.quote)):
            drawn["quote"] = {"name": self.sender(quoted.sender)["name"], "text": excerpt(quoted, viewer)}
        return drawn

    def _body(self, message: Message, body: Body) -> Body:
        bot = message.sender in {"bot", "hook"}
        if message.kind == "template_card":
            return self._named(cut_card(body, bot=bot))
        if "template_card" in body:
            return body | {"template_card": self._named(cut_card(body["template_card"], bot=bot))}
        return body

    def _named(self, card: Body) -> Body:
        """A member's entry shows the member's name where no value was given."""
        entries = card.get("horizontal_content_list")
        if not entries:
            return card
        named = [
            entry | {"value": entry.get("value") or self.store.person_name(entry["userid"])}
            if entry.get("type") == 3
            else entry
            for entry in entries
        ]
        return card | {"horizontal_content_list": named}

    def sender(self, sender: str) -> Body:
        company = self.store.company
        if sender in self.store.customers:
            return {"id": sender, "name": self.store.customers[sender].nickname, "role": "", "kind": "customer"}
        if person := self.store.people.get(sender.lower()):
            return {"id": person.userid, "name": person.name, "role": person.role, "kind": "person"}
        names = {"app": company.bot.name, "bot": company.bot.name, "oa": company.weixin.name}
        names["hook"] = "消息推送"
        names |= dict.fromkeys(("ding", "ding_hook", "ding_notice"), company.dingtalk.name)
        return {"id": sender, "name": names.get(sender, ""), "role": "", "kind": sender}

    def gap(self, before: Message | None, message: Message) -> bool:
        """Whether a time separator belongs above this message."""
        return before is None or message.at - before.at > timedelta(minutes=5)


def excerpt(message: Message, viewer: str) -> str:
    """One line for quotes and previews."""
    if message.recalled:
        return "消息已撤回"
    body = message.body_for(viewer)
    if message.kind == "template_card":
        return "[卡片] " + str(body.get("main_title", {}).get("title") or body.get("sub_title_text", ""))
    if message.kind in {"image", "file", "voice", "video"}:
        return {"image": "[图片]", "file": "[文件]", "voice": "[语音]", "video": "[视频]"}[message.kind]
    if message.kind == "ding_card":
        return "[卡片] " + str(body.get("preview") or body.get("title", ""))
    text = str(body.get("content") or body.get("title") or "")
    return cut(" ".join(text.replace("*", "").replace("#", "").replace(">", "").split()), 60)
