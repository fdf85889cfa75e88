"""A condition as people write it, in any width and with Chinese words, as a line of plain ASCII for Python's parser,
and where in the text each piece of it stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from rapidfuzz import process

from models.narrow import NARROW
from rules.language.catalogue import Catalogue, Field
from rules.language.problem import ConditionError

MOST_LETTERS: Final = 500
MOST_PIECES: Final = 200
DEEPEST: Final = 20
LONGEST_TEXT: Final = 100
_MOST_DIGITS: Final = 12

FUNCTIONS: Final = {"长度": "f_length", "开头": "f_begins", "结尾": "f_ends", "SKU件数": "f_pieces"}
"""As they are written → as the parser reads them."""

_BINARY: Final = {
    "大于等于": ">=", "大于或等于": ">=", "不小于": ">=", "不少于": ">=", "不低于": ">=", "至少": ">=",
    "大于": ">", "超过": ">", "多于": ">", "高于": ">", "晚于": ">",
    "小于等于": "<=", "小于或等于": "<=", "不大于": "<=", "不超过": "<=", "不多于": "<=", "至多": "<=", "不高于": "<=",
    "小于": "<", "低于": "<", "少于": "<", "早于": "<", "不足": "<",
    "不等于": "!=", "不是": "!=", "等于": "==", "是": "==",
    # Python has no word for it with the sides this way round: `is` carries it through the parser.
    "不包含": "is not", "不含": "is not", "包含": "is", "含有": "is", "含": "is",
    "不属于": "not in", "不在": "not in", "属于": "in", "在": "in", "not in": "not in", "in": "in",
    "并且": "and", "而且": "and", "且": "and", "and": "and", "或者": "or", "或": "or", "or": "or",
}  # fmt: skip
_SIGNS: Final = {
    ">=": ">=", "=>": ">=", "<=": "<=", "=<": "<=", "==": "==", "!=": "!=", "<>": "!=", "&&": "and", "||": "or",
    ">": ">", "<": "<", "=": "==", "≥": ">=", "≤": "<=", "≠": "!=", "+": "+", "-": "-", "*": "*", "/": "/",
    "×": "*", "÷": "/", "−": "-", "—": "-",
}  # fmt: skip
_UNARY: Final = {"非": "not", "不": "not", "not": "not", "!": "not"}
_YES_NO: Final = {"是": "True", "真": "True", "true": "True", "否": "False", "假": "False", "false": "False"}
_OPEN: Final = {"(": "(", "[": "[", "【": "["}
_CLOSE: Final = {")": ")", "]": "]", "】": "]"}
_QUOTES: Final = {"'": "'", '"': '"', "“": "”", "”": "”“", "‘": "’", "’": "’‘", "「": "」", "『": "』", "`": "`"}
_NUMBER: Final = re.compile(r"(\d+)(\.\d+)?\s*(万)?(?:元|块钱?|个?小时|种|个|单|件(?!数))?", re.ASCII)
_WORD: Final = re.compile(r"[A-Za-z_一-鿿][A-Za-z0-9_一-鿿]*")
_AFTER_LIST: Final = re.compile(r"\s*(?:之一|里面|当中|之中|中|里)(?=[\s)]|$|且|或|并|而)")
_WORDS_LONGEST: Final = sorted(_BINARY, key=len, reverse=True)


class Kind(Enum):
    VALUE = "value"
    BINARY = "binary"
    UNARY = "unary"
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Piece:
    """`code`: as the parser reads it; `start`, `end`: where it stands in the text."""

    kind: Kind
    code: str
    start: int
    end: int


@dataclass
class Source:
    """`code` is ASCII. `fields`: the names in it → what they are."""

    text: str
    pieces: list[Piece] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    code: str = ""
    starts: list[int] = field(default_factory=list)

    def finish(self) -> None:
        for piece in self.pieces:
            self.starts.append(len(self.code))
            self.code += piece.code + " "

    def at(self, offset: int) -> Piece:
        """The piece to which that place in `code` belongs."""
        return self.pieces[max(0, bisect_right(self.starts, offset) - 1)]

    def said(self, start: int, end: int) -> str:
        """The text between two places in `code`."""
        return self.text[self.at(start).start : self.at(max(start, end - 1)).end]


def read(text: str, catalogue: Catalogue) -> Source:
    """Raises ConditionError for what can be no condition."""
    if not text.strip():
        raise ConditionError("还没写条件", text, 0, hint="例如：金额 > 1000 且 省 属于 ['新疆', '西藏']")
    if len(text) > MOST_LETTERS:
        raise ConditionError(f"条件最长 {MOST_LETTERS} 个字，请拆成几条规则", text, MOST_LETTERS)
    source = Source(text)
    _Reader(source, catalogue).run()
    _check_order(source)
    source.finish()
    return source


class _Reader:
    def __init__(self, source: Source, catalogue: Catalogue) -> None:
        self._source = source
        self._catalogue = catalogue
        self._line = source.text.translate(NARROW)  # as long as the text
        self._at = 0

    def run(self) -> None:
        ways: tuple[Callable[[], bool], ...] = (
            self._string, self._number, self._bracket, self._word, self._sign,
        )  # fmt: skip
        while self._at < len(self._line):
            if self._line[self._at].isspace():
                self._at += 1
            elif not any(way() for way in ways):
                raise self._error("这个符号用不了", hint="可以用：> < >= <= == != + - * / ( ) [ ] ,")
            if len(self._source.pieces) > MOST_PIECES:
                raise self._error("条件太长，请拆成几条规则")

    def _add(self, kind: Kind, code: str, length: int) -> bool:
        self._source.pieces.append(Piece(kind, code, self._at, self._at + length))
        self._at += length
        return True

    def _after_value(self) -> bool:
        last = self._source.pieces[-1].kind if self._source.pieces else None
        return last in (Kind.VALUE, Kind.CLOSE)

    def _string(self) -> bool:
        ends = _QUOTES.get(self._line[self._at])
        if ends is None:
            return False
        found = next((at for at in range(self._at + 1, len(self._line)) if self._line[at] in ends), None)
        if found is None:
            raise self._error("引号没有配对", hint="文字前后都要有引号，例如：'发票'")
        words = self._source.text[self._at + 1 : found]
        if len(words) > LONGEST_TEXT:
            raise self._error(f"一段文字最长 {LONGEST_TEXT} 个字")
        return self._add(Kind.VALUE, ascii(words), found + 1 - self._at)

    def _number(self) -> bool:
        found = _NUMBER.match(self._line, self._at)
        if found is None:
            return False
        whole, part, many = found[1], found[2] or "", found[3]
        if len(whole) > _MOST_DIGITS or len(part) > _MOST_DIGITS:
            raise self._error(f"数字最多 {_MOST_DIGITS} 位")
        plain = f"{int(whole)}{part}"
        return self._add(Kind.VALUE, f"({plain} * 10000)" if many else plain, len(found[0].rstrip()))

    def _bracket(self) -> bool:
        letter = self._line[self._at]
        if letter in _OPEN:
            return self._add(Kind.OPEN, _OPEN[letter], 1)
        if letter in _CLOSE:
            self._add(Kind.CLOSE, _CLOSE[letter], 1)
            aside = _AFTER_LIST.match(self._line, self._at)
            self._at += len(aside[0]) if aside and letter != ")" else 0
            return True
        return self._add(Kind.COMMA, ",", 1) if letter in ",、" else False

    def _sign(self) -> bool:
        two = self._line[self._at : self._at + 2]
        if two in ("**", "//", "<<", ">>"):
            raise self._error(f"不能用 {two}", length=2, hint="能算的只有 + - * /")
        if two in _SIGNS:
            return self._add(Kind.BINARY, _SIGNS[two], 2)
        if two[0] in _UNARY:
            return self._add(Kind.UNARY, "not", 1)
        if two[0] == "-" and not self._after_value():
            return self._add(Kind.UNARY, "-", 1)
        return self._add(Kind.BINARY, _SIGNS[two[0]], 1) if two[0] in _SIGNS else False

    def _word(self) -> bool:
        """A field, a function, a word that compares or joins; else nothing that is known."""
        if self._field():
            return True
        found = _WORD.match(self._line, self._at)
        if found is None:
            return False
        word, after = found[0], self._after_value()
        if (joined := _leading(self._line, self._at, word)) and after:
            return self._add(Kind.BINARY, _BINARY[joined], len(joined))
        if word.lower() in _UNARY or word[0] in "非不":
            length = 1 if word[0] in "非不" else len(word)
            return self._add(Kind.UNARY, "not", length)
        if not after and (meant := _YES_NO.get(word.lower())):
            return self._add(Kind.VALUE, meant, len(word))
        if not after and word[0] in "是否" and _leading(self._line, self._at + 1, word[1:]):
            return self._add(Kind.VALUE, _YES_NO[word[0]], 1)
        raise self._unknown(_until_word(word))

    def _field(self) -> bool:
        for name in (*self._catalogue.longest_first, *FUNCTIONS):
            if self._line[self._at : self._at + len(name)].lower() != name.lower():
                continue
            behind = self._at + len(name)
            if name in FUNCTIONS:
                if self._line[behind:].lstrip()[:1] == "(":
                    return self._add(Kind.CALL, FUNCTIONS[name], len(name))
                continue
            if not self._ends(behind):
                continue
            code = f"n{len(self._source.fields)}"
            self._source.fields[code] = self._catalogue.by_name[name]
            return self._add(Kind.VALUE, code, len(name))
        return False

    def _ends(self, at: int) -> bool:
        """Whether a name that ends there is whole: 金额大于, but not 金额额."""
        found = _WORD.match(self._line, at)
        digit = self._line[at : at + 1].isdigit()
        return not digit and (found is None or bool(_leading(self._line, at, found[0])))

    def _unknown(self, word: str) -> ConditionError:
        message = f"没有「{word}」这个字段"
        near = nearest(word, [*self._catalogue.by_name, *FUNCTIONS])
        hint = f"您是想写「{near}」吗？" if near else "发「规则 字段」看能用哪些字段；"
        return self._error(message, length=len(word), hint=f"{hint}如果是文字，请加引号：'{word}'")

    def _error(self, message: str, *, length: int = 1, hint: str = "") -> ConditionError:
        return ConditionError(message, self._source.text, self._at, length, hint=hint)


def nearest(word: str, names: list[str]) -> str:
    """The name that was most likely meant, or ""."""
    found = process.extractOne(word.upper(), {name: name.upper() for name in names}, score_cutoff=50)
    return str(found[2]) if found else ""


def _leading(line: str, at: int, word: str) -> str:
    """The word that compares or joins at the start of `word`, or ""."""
    lower = line[at : at + 16].lower()
    for name in _WORDS_LONGEST:
        if lower.startswith(name):
            if name.isascii() and len(word) != len(name) and name != "not in":
                continue  # index is not in
            return name
    return ""


def _until_word(word: str) -> str:
    """金额额大于 → 金额额."""
    for at in range(1, len(word)):
        if _leading(word, at, word[at:]) and not word[at:].startswith(("在", "是", "含")):
            return word[:at]
    return word


def _check_order(source: Source) -> None:
    """What may stand behind what; brackets close what was opened."""
    opened: list[Piece] = []
    last: Piece | None = None
    for piece in source.pieces:
        _check_pair(source.text, last, piece)
        if piece.kind is Kind.OPEN:
            opened.append(piece)
            if len(opened) > DEEPEST:
                raise ConditionError(f"括号最多套 {DEEPEST} 层", source.text, piece.start)
        elif piece.kind is Kind.CLOSE:
            if not opened or (opened[-1].code == "(") != (piece.code == ")"):
                raise ConditionError("这个括号没有配对", source.text, piece.start)
            opened.pop()
        last = piece
    if opened:
        raise ConditionError("这个括号没有配对", source.text, opened[-1].start)
    if last is not None and last.kind not in (Kind.VALUE, Kind.CLOSE):
        raise ConditionError("条件没有写完，后面还缺要比的值", source.text, last.start, last.end - last.start)


def _check_pair(text: str, last: Piece | None, piece: Piece) -> None:
    ended = last is not None and last.kind in (Kind.VALUE, Kind.CLOSE)
    length = piece.end - piece.start
    if ended and piece.kind in (Kind.VALUE, Kind.UNARY, Kind.OPEN, Kind.CALL):
        raise ConditionError(
            "这里前面少了一个词",
            text,
            piece.start,
            length,
            hint="两个条件之间写「且」或「或」，比较写「大于」「包含」等",
        )
    if not ended and piece.kind in (Kind.BINARY, Kind.COMMA):
        raise ConditionError("这里前面缺少要比的值", text, piece.start, length, hint="例如：金额 > 1000")
    if piece.kind is Kind.CLOSE and not ended and last is not None:
        raise ConditionError("括号里是空的或没有写完", text, piece.start, length)
    if last is not None and last.kind is Kind.CALL and piece.kind is not Kind.OPEN:
        raise ConditionError("这里要一个括号", text, piece.start, length)
