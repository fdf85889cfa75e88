"""docs/commands.md, from the registry: `python -m operators.commands_doc`. A test holds the file against it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

from handlers import actions, permissions
from handlers.commands import COMMANDS
from handlers.commands.command import Command, Group
from models import Role
from operators.commands_english import ENGLISH

PLACE: Final = Path(__file__).resolve().parent.parent / "docs" / "commands.md"

_ROLES: Final = {Role.SERVICE: "service", Role.WAREHOUSE: "warehouse", Role.PURCHASING: "purchasing",
                 Role.SUPERVISOR: "supervisor"}  # fmt: skip
_GROUPS: Final = {Group.ASK: "Ask", Group.ACT: "Act", Group.PEOPLE: "People", Group.STEER: "Steer"}

_HEAD: Final = """\
# 命令 · Commands

本页由命令登记表生成，不要手改：`python -m operators.commands_doc`。
在聊天里发「帮助」只列出您能用的命令，发「帮助 发货」看一个命令怎么用。主管什么都能做。

*This page is generated from the registry; do not edit it by hand. In chat, 帮助 lists what the asker may do and
帮助 发货 explains one command. A supervisor may do everything.*
"""

_READ: Final = (
    ("`JD-20251222-001`，`jd20251222001`，`ＪＤ－２０２５１２２２－１`",
     "编号，全角半角、大小写、短横都不论", "a tag, in any width, case or spelling"),
    ("`001`，`JD 001`，`京东零零一`", "最近一天的 001", "number 001 of the latest day that has one"),
    ("`2000000000000012345`，`SF1234567890123`，`1234`，`王小明`",
     "平台单号、运单号、手机尾号、收件人（查）", "platform number, waybill, last four digits, name"),
    ("`001-020`，`JD 001-020`，`京东零零一到零二零`，`全部`，`TB`",
     "一段、全部、一家店的单", "a range, all of them, a shop's orders"),
    ("`JD 001-003、006`，`京东 001、002`",
     "后面只写号的，和前面的同店、同一天", "a bare number belongs to the shop and the day named before it"),
    ("一行一个单号，逗号、顿号隔开都行", "粘贴一列单号", "a pasted list of numbers"),
    ("`001 审核`，`审核：001；002`，`审 核 001`",
     "先写编号、几个编号、字间空格都行", "the order first, several of them, with gaps"),
    ("`sh 001`，`shenhe 001`",
     "首字母或全拼，只有一个命令这样写时才认", "initials or pinyin, where only one command is written so"),
    ("`超时的有几单`，`压了多少单`，`我还有几单`，`哪里最慢`",
     "照平时的话问，回答会说按哪个命令理解的", "a question in everyday words; the answer says how it was understood"),
    ("那个，帮我查一下京东零零一", "语音转的文字", "a voice transcript"),
    ("回复一张卡片：`完成`，`+2h`，`转 王五`，`审核`",
     "就是对那张卡片说的", "a reply to a card is about that card"),
    ("`确认`，`取消`",
     "回答自己刚问的那一批；同时有几批没答的要写批次号",
     "answers one's only open question about many orders; of several, the batch must be named"),
    ("`批7 确认`，`交接3 接收`，`请假5 销假`，`对账 12-21 刷新`",
     "卡片上的编号加按钮上的字，什么时候都行；只发编号看现状",
     "the code on a card and a button's words, for the life of the matter; the code alone shows how it stands"),
    ("`A7F2 完成`，`JD-20251222-001 完成`", "短码或编号加按钮上的字", "a short code or a tag and a button's words"),
)  # fmt: skip
_GUESSES: Final = """
打错字的查询会猜，并说明是怎么理解的；要改动的只提示，不猜。
*A misspelt question is guessed, and the answer says how; a change is only suggested, never guessed.*
"""


def page() -> str:
    """The whole file."""
    parts = [_HEAD, _reading(), *(_group(group) for group in Group), _buttons()]
    return "\n".join(parts)


def _reading() -> str:
    head = ("## 怎么写都认得 · How lines are read\n", "| 这样写 Write | 意思 | Meaning |", "|---|---|---|")
    return "\n".join((*head, *(f"| {' | '.join(row)} |" for row in _READ), _GUESSES))


def _group(group: Group) -> str:
    rows = [_row(slug, command) for slug, command in COMMANDS.items() if command.group is group]
    head = ("| 命令 Command | 做什么 | What it does | 例子 Example | 谁 Who |", "|---|---|---|---|---|")
    return "\n".join((f"## {group} · {_GROUPS[group]}\n", *head, *rows, ""))


def _row(slug: str, command: Command) -> str:
    others = "、".join(command.names[1:])
    usage = f"`{command.usage}`" + (f"<br>也说 {others}" if others else "")
    does = "<br>".join((command.does, *command.more))
    return "| " + " | ".join(map(_cell, (usage, does, ENGLISH[slug], f"`{command.example}`", _who(command)))) + " |"


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("\n", " ")


def _who(command: Command) -> str:
    asks = _titles(command.permit)
    return asks if command.changes is None else f"{asks}；改动 to change: {_titles(command.changes)}"


def _titles(permit: permissions.Permit) -> str:
    if permit.roles == permissions.EVERYBODY:
        return "所有人 everybody"
    roles = permit.roles - {Role.SUPERVISOR} or permit.roles
    return f"{permissions.role_titles(roles)} {', '.join(_ROLES[role] for role in Role if role in roles)}"


def _buttons() -> str:
    """What can be said behind a short code or a tag, an action a line."""
    words: dict[str, list[str]] = defaultdict(list)
    for word, (slug, _) in actions.words().items():
        words[slug].append(word)
    rows = [f"| {actions.ACTIONS[slug].permit.title} | {'、'.join(sorted(words[slug]))} |" for slug in actions.ACTIONS
            if slug in words]  # fmt: skip
    head = "短码或编号后面可以说 · Behind a short code or a tag"
    return "\n".join((f"## {head}\n", "| 动作 Action | 字 Words |", "|---|---|", *rows, ""))


if __name__ == "__main__":
    PLACE.write_text(page(), encoding="utf-8")
