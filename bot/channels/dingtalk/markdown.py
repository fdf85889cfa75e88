"""Our markdown as DingTalk shows it. What is no markup of ours is written with full-width characters: whether its
clients know a backslash is not documented, and what looks the same can do no harm. The hub reads both the same."""

from __future__ import annotations

import json
import re
from typing import Final

from bot.phrases import cut, cut_bytes, one_line, printable

_WIDE: Final = str.maketrans("*_#>[]|<`", "＊＿＃＞［］｜＜｀")
_WIDE_IN_IDS: Final = str.maketrans("*[]|`", "＊［］｜｀")  # an id that is changed calls nobody
_LINE: Final = re.compile(r"^(#{1,6} |> ?|- |\d{1,3}\. )?(.*)$")
_MARKED: Final = re.compile(
    r"(?<!\*)\*\*(?=[^\s*])(?P<bold>[^*\n]+)(?<=[^\s*])\*\*(?!\*)"  # the stars of a masked name make nothing bold
    r"|\[(?P<words>[^\]\n]*)\]\((?P<address>https?://[^\s()]+)\)"
    r"|`(?P<code>[^`\n]+)`"
    r"|<@(?P<who>[^<>\s]+)>"
)
_CALLED: Final = re.compile(r"<@([^<>\s]+)>")
_LAST_LINK: Final = re.compile(r"\n*\[([^\]\n]+)\]\((https?://[^\s()]+)\)\s*$")
_ADDRESS: Final = str.maketrans({"(": "%28", ")": "%29", " ": "%20", "<": "%3C", ">": "%3E"})
_TITLE: Final = 40  # what a list of chats shows
_NOTHING: Final = "（空）"


def escaped(text: str) -> str:
    """Words of others: nothing in them is markup."""
    return printable(text).translate(_WIDE)


def markdown(text: str, home: str) -> str:
    """Headings, quotes, lists, bold, called people and links to the hub (`home`) stay; the rest is escaped: a link in a
    customer's message leads nowhere."""
    lines = [line.rstrip() for line in printable(text).split("\n")]
    found: list[str] = []
    before = ""
    for line in lines:
        mark, words = _parts(line)
        if not words and not mark:
            before = "\n"  # a blank line ends every block
            continue
        if found:
            found.append(_joint(before, mark))
        found.append(mark + _inline(words, home))
        before = mark
    return "".join(found)


def title_of(text: str) -> str:
    """The first line without its markup, for the list of chats."""
    lines = (_plain(line) for line in printable(text).split("\n"))
    return cut(next((line for line in lines if line), "订单中枢"), _TITLE)


def called_in(text: str) -> tuple[str, ...]:
    """Who is called by `<@userid>`."""
    return tuple(dict.fromkeys(_CALLED.findall(text)))


def without_last_link(text: str, home: str) -> tuple[str, str, str]:
    """The text before a link to the hub that stands alone at the end, its words and its address; (text, "", "") without
    one."""
    found = _LAST_LINK.search(text)
    if found is None or not _is_at(found[2], home) or not text[: found.start()].strip():
        return text, "", ""
    return text[: found.start()], found[1], found[2]


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fitted(text: str, home: str, most: int) -> str:
    """Markdown whose JSON string has at most `most` bytes; never empty."""
    allowed = most
    while True:
        found = markdown(cut_bytes(text, allowed), home).strip() or _NOTHING
        over = len(compact(found).encode()) - most
        if over <= 0:
            return found
        allowed -= max(over, 64)


def _parts(line: str) -> tuple[str, str]:
    found = _LINE.match(line)
    assert found is not None  # it takes any line
    mark = found[1] or ""
    return ("> " if mark.startswith(">") else mark), found[2]


def _joint(before: str, mark: str) -> str:
    """What stands between two lines. Two spaces and a line feed break a line; a block ends at a blank line."""
    if before == "\n" or before.startswith("#"):
        return "\n\n"
    if _block(before) == _block(mark):
        return "\n" if _block(mark) else "  \n"
    return "\n\n"


def _block(mark: str) -> str:
    return "1" if mark[:1].isdigit() else mark[:1]


def _inline(words: str, home: str) -> str:
    parts, end = [], 0
    for found in _MARKED.finditer(words):
        parts += [words[end : found.start()].translate(_WIDE), _kept(found, home)]
        end = found.end()
    return "".join((*parts, words[end:].translate(_WIDE)))


def _is_at(address: str, home: str) -> bool:
    return bool(home) and (address == home or address.startswith((f"{home}/", f"{home}?")))


def _kept(found: re.Match[str], home: str) -> str:
    if found["bold"] is not None:
        return f"**{found['bold'].translate(_WIDE)}**"
    if found["address"] is not None and not _is_at(found["address"], home):
        return found[0].translate(_WIDE)
    if found["address"] is not None:
        return f"[{found['words'].translate(_WIDE)}]({found['address'].translate(_ADDRESS)})"
    if found["code"] is not None:  # code is not in the documented subset
        return str(found["code"]).translate(_WIDE)
    return f"@{found['who'].translate(_WIDE_IN_IDS)}"


def _plain(line: str) -> str:
    """Without any markup of ours."""
    words = _parts(line.strip())[1]
    bare = _MARKED.sub(lambda found: found["bold"] or found["words"] or found["code"] or found["who"] or "", words)
    return one_line(bare)
