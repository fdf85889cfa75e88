"""`帮助`: the commands that the asker may give, under their headings; or one of them in detail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.card import Text
from bot.pen import Pen
from handlers.views import HelpEntry, HelpView

_ROOM: Final = 1900  # bytes: what every chat shows of one message


def draw(view: HelpView, _pen: Pen) -> Text:
    if view.topic and len(view.commands) == 1 and view.topic != view.commands[0].group:
        return Text("\n".join(_detail(view, view.commands[0])))
    ways = (_whole, _by_example, _in_short, _by_name)
    return Text(next((text for way in ways if len((text := way(view)).encode()) <= _ROOM), _names_alone(view)))


def _whole(view: HelpView) -> str:
    return _listed(view, [_line(entry) for entry in view.commands])


def _by_example(view: HelpView) -> str:
    """Where many are to be shown the example stands for the usage."""
    return _listed(view, [f"- `{_brief(entry)}`：{entry.does}" for entry in view.commands])


def _in_short(view: HelpView) -> str:
    """The example with a few characters: what a whole group takes."""
    return _listed(view, [f"- `{_brief(entry)}` {entry.brief or entry.does}" for entry in view.commands])


def _by_name(view: HelpView) -> str:
    """Everything at once: each name with a few characters, a paragraph a group."""
    return _paragraphs(view, lambda entry: f"`{_name(entry)}` {entry.brief}".rstrip())


def _names_alone(view: HelpView) -> str:
    return _paragraphs(view, lambda entry: f"`{_name(entry)}`")


def _paragraphs(view: HelpView, shown: Callable[[HelpEntry], str]) -> str:
    groups = dict.fromkeys(entry.group for entry in view.commands)
    lines = [
        f"**{group}** " + "、".join(shown(entry) for entry in view.commands if entry.group == group) for group in groups
    ]
    return "\n".join((_title(view), *lines, "> 发「帮助 处理」看一组怎么写，发「帮助 发货」看一个命令", *_note(view)))


def _name(entry: HelpEntry) -> str:
    return entry.names[0] if entry.names else _brief(entry)


def _listed(view: HelpView, shown: list[str]) -> str:
    """Under their headings."""
    lines = [_title(view)]
    group = ""
    for entry, line in zip(view.commands, shown, strict=True):
        if entry.group != group:
            group = entry.group
            lines.append(f"**{group}**")
        lines.append(line)
    return "\n".join((*lines, "> 发「帮助 发货」看一个命令怎么用", *_note(view)))


def _title(view: HelpView) -> str:
    return f"**{view.name}（{view.roles}），您可以说：**"


def _note(view: HelpView) -> list[str]:
    return [f"> {view.note}"] if view.note else []


def _line(entry: HelpEntry) -> str:
    if entry.example in ("", entry.usage) or "例如" in entry.does:
        return f"- `{entry.usage}`：{entry.does}"
    return f"- `{entry.usage}`：{entry.does}，例如 `{entry.example}`"


def _brief(entry: HelpEntry) -> str:
    """The example with a short number: a phone's width."""
    return (entry.example or entry.usage).replace("JD-20251222-001", "001").replace("CHAT-20251222-001", "001")


def _detail(view: HelpView, entry: HelpEntry) -> list[str]:
    lines = [f"**{entry.usage}**：{entry.does}"]
    lines += [f"例如：`{entry.example}`"] if entry.example else []
    lines += [f"- {one}" for one in entry.more]
    others = [name for name in entry.names[1:] if not name.isascii()]
    lines += [f"也可以说：{'、'.join(others)}"] if others else []
    lines += [entry.who] if entry.who else []
    return [*lines, *_note(view)]
