"""A message with several wishes is not done by halves: one would be done, and the others become its words."""

from __future__ import annotations

from typing import Final

from handlers import parse
from handlers.commands.command import Command
from handlers.desk import Refusal

_OF_LINES: Final = ("new_order", "draft", "hand_in", "rule", "try_rule", "notices", "help")
"""What is written over several lines by its nature."""
_SHOWN: Final = 30


def check(asked: parse.Asked, command: Command, lines: str, known: parse.Known) -> None:
    """Raises Refusal where `lines`, the message or what stands behind the command's name, hold more than one wish."""
    if "\n" not in lines or asked.slug in _OF_LINES:
        return
    worded = asked.slug == "order" or (command.about_order and not command.asks and asked.slug != "ship")
    others = parse.wishes(lines, known, words_behind=worded)
    if others and asked.slug == "ship":
        raise Refusal("几单一起发货，只在第一行写「发货」，下面每行写：编号 快递 单号。这次都没有动")
    if others:
        many = len(others) + 1
        raise Refusal(f"一条消息里有 {many} 件事，都没有动。请一件一条，分开发；第二件是：{others[0][:_SHOWN]}")
