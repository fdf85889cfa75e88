"""What a line that is no command may have meant. A question may be guessed, and the answer says so; of a change there
is only a suggestion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from handlers import parse, waybill
from handlers.commands import phrasings
from handlers.commands.command import Command
from handlers.desk import Refusal
from handlers.parse import Asked, Words
from handlers.views import TextView, View
from models.stages import OPEN, TITLES

_NEAR: Final = 3.0  # of 100: names that sound alike that closely are not told apart
_WORDS_BEHIND: Final = 8
_QUESTION: Final = re.compile(r"[吗呢么?？哪啥咋]|怎么|什么|几时|多久|何时|没有?[?？]?$|情况|状态|进度")
_LOOK: Final = re.compile(r"^(?:看一?看|看一?下|瞧瞧|瞧一?下|问一?下|想知道|告诉我|说一?下)[ ,，]*")
_HOW: Final = re.compile(
    r"(?:怎么|如何|怎样)(?:才能)?(.+?)[?？呢啊]*|(.+?)(?:怎么|如何)(?:用|弄|写|操作|发|说)?[?？呢啊]*"
)
_STAGE: Final = re.compile("|".join(TITLES[stage] for stage in OPEN))  # 待发货 is no wish to ship
_OF: Final = re.compile(r"[ 的]+")
_NO: Final = re.compile(r"[不别勿没]")
_PREFIXED: Final = re.compile(r"(?<![A-Za-z0-9_\-])[A-Za-z]{2,5}[ \-_]?\d{1,6}(?![\dA-Za-z_\-])")  # 客户问 jd3 到哪了
_WAY: Final = re.compile(r"到哪|谁.{1,6}的|到了哪|物流|快递到|签收|派送|路上|揽收")


def guess(text: str, names: Words[str], commands: Mapping[str, Command]) -> Asked | None:
    """The question that `text` most likely is; None where it may be a change, or nothing is alike."""
    plain = parse.bare(parse.normal(text))
    line = _LOOK.sub("", plain)
    read = parse.read(line, names, Words({})) if line else None
    if read is not None and commands[read.slug].asks:
        return replace(read, guess=f"{commands[read.slug].names[0]} {read.rest}".strip())
    asked = _asked_in(plain, commands) or _asked_in(line, commands) or _of_order(line, names, commands)
    return (
        asked
        or _how(line, names, commands)
        or _misspelt(line, names, commands)
        or _about_order(line)
        or _somewhere(line, names, commands)
    )


def _asked_in(line: str, commands: Mapping[str, Command]) -> Asked | None:
    """压了多少单, 我还有几单."""
    found = phrasings.question(line)
    if found is None or found[0] not in commands:
        return None
    return Asked(*found, guess=f"{commands[found[0]].names[0]} {found[1]}".strip())


def _of_order(line: str, names: Words[str], commands: Mapping[str, Command]) -> Asked | None:
    """001的轨迹."""
    first = parse.reference(line)
    if first is None or first[0].kind == "name":
        return None
    found = names.at(_OF.sub("", first[1], count=1))
    if found is None or not commands[names[found[0]]].asks or not commands[names[found[0]]].about_order:
        return None
    named = line[: len(line) - len(first[1])].strip()
    return Asked(names[found[0]], named, guess=f"{commands[names[found[0]]].names[0]} {named}")


def _how(line: str, names: Words[str], commands: Mapping[str, Command]) -> Asked | None:
    """怎么发货, 发货怎么用."""
    found = _HOW.fullmatch(line)
    name = names.at(found[1] or found[2]) if found else None
    if name is None or not commands["help"].asks:
        return None
    return Asked("help", name[0], guess=f"帮助 {name[0]}")


def _somewhere(line: str, names: Words[str], commands: Mapping[str, Command]) -> Asked | None:
    """哪些超时了, 地址异常, 昨天的日报: a question's name in the middle, and no change's."""
    without = _STAGE.sub("", line)
    inside = {names[name] for name in names if len(name) > 1 and name in without}
    asked = {slug for slug in inside if commands[slug].asks and not commands[slug].about_order}
    if len(asked) != 1 or inside - asked:
        return None
    slug = asked.pop()
    name = commands[slug].names[0]
    if name not in line or name.startswith("我"):
        return None
    before, _, behind = line.partition(name)
    rest = " ".join(part for part in map(parse.without_chatter, (before, behind)) if part)
    return Asked(slug, rest, guess=f"{name} {rest}".strip()) if len(rest) <= _WORDS_BEHIND else None


def _misspelt(line: str, names: Words[str], commands: Mapping[str, Command]) -> Asked | None:
    alike = [(ratio, name) for ratio, name in parse.similar(line, names) if ratio >= parse.SAME]
    near = [name for ratio, name in alike if alike[0][0] - ratio < _NEAR]
    if len({names[name] for name in near}) != 1 or not commands[names[near[0]]].asks:
        return None
    name, rest = near[0], _behind(line, near[0])
    command = commands[names[name]]
    named = parse.reference(rest)
    fits = named is not None and named[0].kind != "name" if command.about_order else len(rest) <= _WORDS_BEHIND
    return Asked(names[name], rest, guess=f"{command.names[0]} {rest}".strip()) if fits else None


def _behind(line: str, name: str) -> str:
    if line[:1].isascii() and not name.isascii():
        return line.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").strip()
    return line[len(name) :].strip()


def _about_order(line: str) -> Asked | None:
    """001 发了吗, 客户问 JD-20251222-001 到哪了."""
    if not (_QUESTION.search(line) or _WAY.search(line)):
        return None
    first = parse.reference(line)
    if first is not None and first[0].kind not in ("name", "digits"):
        named = line[: len(line) - len(first[1])].strip()
    else:
        alone = first[0].text if first is not None and first[0].kind == "digits" else ""
        inside = _PREFIXED.search(line)
        named = parse.tag_in(line) or alone or (inside[0] if inside is not None else "")
    if not named:
        return None
    slug, verb = ("trail", "轨迹") if _WAY.search(line) else ("find", "查")
    return Asked(slug, named, guess=f"{verb} {named}")


def question_behind(asked: Asked, names: Words[str], commands: Mapping[str, Command]) -> Asked:
    """查库存, 查一下超时的: the question that is named behind 查, and nobody of that name. 进度 001 asks for an
    order."""
    if asked.slug == "board" and parse.names_one(asked.rest):
        return replace(asked, slug="find")
    if asked.slug != "find" or not asked.named:
        return asked
    found = names.at(asked.rest)
    if found is None:
        return _asked_in(asked.rest, commands) or _of_order(asked.rest, names, commands) or asked
    slug, rest = names[found[0]], found[1]
    if slug == "stock" and len(rest.split()) < 2:  # with a number it would be a count
        return replace(asked, slug=slug, rest=rest)
    if not commands[slug].asks:
        return asked
    of_order = parse.names_one(rest) and not commands[slug].about_order
    return replace(asked, rest=rest) if of_order else replace(asked, slug=slug, rest=rest)


def said(view: View, guessed: str) -> View:
    """The answer with a word on how the question was understood. Raises LookupError for a view without a place for
    it."""
    words = f"按「{guessed}」理解的"
    if isinstance(view, TextView):
        return replace(view, text=f"{view.text}\n> {words}")
    place = next((one.name for one in fields(view) if one.name in ("note", "hint")), None)
    if place is None:
        raise LookupError(f"{type(view).__name__} has no note: give it one, and show it on its card")
    before = getattr(view, place)
    changed: dict[str, Any] = {place: f"{before}；{words}" if before else words}
    return replace(view, **changed)


def _shortened(line: str, commands: Mapping[str, Command]) -> str:
    """发 JD 1 顺丰 …: the first character of the only command that begins with it; "" for anything else."""
    behind = line[1:].strip()
    named = parse.leading(behind) if line and not line[0].isascii() else None
    if named is None or named[0].kind == "name":
        return ""
    begun = [one.names[0] for one in commands.values() if one.about_order and one.names[0].startswith(line[0])]
    return f"{begun[0]} {behind}" if len(begun) == 1 else ""


def _inside(line: str, names: Words[str], commands: Mapping[str, Command]) -> Command | None:
    """谁在值班: the only command that is named somewhere in the line; none where the line says no."""
    if _NO.search(line):
        return None
    inside = {names[name] for name in names if len(name) > 1 and not name.isascii() and name in line}
    return commands[inside.pop()] if len(inside) == 1 else None


def _parcel(line: str) -> str:
    """JD 1 顺丰 SF1234567890123: an order and its parcel, and nothing else."""
    named = parse.leading(line)
    if named is None or named[0].kind in ("name", "phone"):
        return ""
    try:
        waybill.read(named[1].strip())
    except Refusal:
        return ""
    return f"发货 {line}"


def suggestion(text: str, names: Words[str], commands: Mapping[str, Command]) -> str:
    """What to say to a line that was not understood."""
    line = _LOOK.sub("", parse.bare(parse.normal(text)))
    letters = parse.letters_in(line)
    spelt = parse.spelt(letters[0], names) if letters else []
    meant = list(dict.fromkeys(names[name] for name in spelt))
    if letters and len(meant) > 1:
        written = "、".join(f"「{commands[slug].names[0]}」" for slug in meant)
        return f"「{letters[0]}」可能是{written}，请写全，例如：{commands[meant[0]].names[0]} {letters[1]}".rstrip()
    orders, behind = parse.references(line)
    wish = behind if orders and behind else line  # 001 审合
    if "\n" in line and all(map(_parcel, line.splitlines())):
        return "您是想说「发货」吗？请在第一行前面写上「发货」，再发一次"
    change = _shortened(line, commands) or _parcel(line)
    if change:
        return f"您是想说「{change.partition(' ')[0]}」吗？请发：{change}"
    name = parse.suggestion(wish, names)
    if not name and (inside := _inside(line, names, commands)):
        return f"您是想说「{inside.names[0]}」吗？请发：{inside.usage}"
    if not name:
        return "没有听懂。发「帮助」看可以用的命令，或直接发订单编号查询"
    first = line[: len(line) - len(wish)].strip(" ,，、:") if wish != line else ""
    rest = f"{first} {_behind(wish, name)}".strip()
    named = parse.reference(rest)
    whole = named is not None and named[0].kind != "name"
    return f"您是想说「{name}」吗？请发：{f'{name} {rest}' if whole else commands[names[name]].usage}"
