"""What was wrong with what arrived, as buyers, colleagues and platforms say it; and where it went wrong."""

from __future__ import annotations

import re
from typing import Final

from texts.negation import first_meant

TITLES: Final = {"wrong": "错发", "damaged": "破损", "short": "少件", "missing": "漏发"}

_COUNTED: Final = r"[\d一二两三四五六七八九十几半]"
_WORDS: Final[dict[str, re.Pattern[str]]] = {
    "wrong": re.compile(
        r"错发|发错|寄错|装错|拿错|错货|发成了?|货不对板|收到的不是|(?:颜色|尺码|型号|款式|规格|东西|货|商品)(?:是|都)?(?:发|寄|给)?错"
        r"|不是我(?:买|要|拍|订)的"
    ),
    "damaged": re.compile(
        r"破损|损坏|坏了|坏的|破了|破的|碎了|碎的|摔碎|打碎|碎掉|[压摔磕挤]坏|裂了|裂开|裂纹|开裂|漏液|漏出来|变形|烂了|磕破|瘪了"
    ),
    "short": re.compile(
        rf"少件|少货|少发|少寄|少给|少装|少了|缺件|缺了|缺少|(?:少|缺){_COUNTED}|数量不(?:够|对|足|符)|只(?:收到|有|到)了?{_COUNTED}"
    ),
    "missing": re.compile(r"漏发|漏寄|漏装|漏件|漏了|漏掉|没(?:有)?(?:放|装)进|没(?:有)?一起(?:发|寄)"
        r"|空包裹|空盒|空的?箱|包裹(?:为|是)?空"),
}  # fmt: skip

_AGAIN: Final = r"(?:补发|补寄|补来|重发|重寄|换货|换来|换新|新的|退款)"
_NEAR: Final = r"[^\s，。,.!！?？；;]"
# 上次破损的已经收到补发了, 补的收到了: what went wrong before is mended. A question (收到了吗) says nothing of it.
_MENDED: Final = re.compile(
    rf"(?:已经?(?:收到|拿到)了?{_NEAR}{{0,4}}{_AGAIN}(?:过?来的?|的|件)?了?|(?:收到|拿到)了?{_NEAR}{{0,4}}{_AGAIN}{_NEAR}{{0,6}}?了"
    rf"|{_AGAIN}{_NEAR}{{0,6}}?(?:已经?(?:收到|拿到|到)了?|(?:收到|拿到|到)了))(?! *(?:吗|么|没|\?|？))"
)
_BEFORE: Final = re.compile(rf"(?:上次|上回|之前|先前|前面){_NEAR}{{0,12}}")

CAUSES: Final = ("拣错", "漏拣", "包装", "快递", "供应商", "其他")
_CAUSES: Final = {
    "拣错": re.compile(r"拣错|捡错|拿错|配错|发错|贴错|装错"),
    "漏拣": re.compile(r"漏拣|漏捡|漏配|漏装|漏放|少拣|少配|少装"),
    "包装": re.compile(r"包装|打包|没包好|填充"),
    "快递": re.compile(r"快递|物流|运输|派送|路上"),
    "供应商": re.compile(r"供应商|厂家|工厂|来料|来货|质量"),
    "其他": re.compile(r"其他|其它|别的|不清楚|不知道"),
}


def what(words: str) -> str:
    """wrong, damaged, short or missing, what is said first; "" where nothing of it is said, or only that it is not so.
    少件 and 漏发 are two words for what one parcel lacks: said both, it is short."""
    words = _still_wrong(words)
    found = {slug: first.start() for slug, pattern in _WORDS.items() if (first := first_meant(pattern, words))}
    return min(found, key=lambda slug: found[slug], default="")


def _still_wrong(words: str) -> str:
    """Without what is over: 补发的收到了，又碎了 is about what was sent once more."""
    whole = words
    while (over := first_meant(_MENDED, words)) is not None:
        words = words[over.end() :]
    return words if words == whole else _BEFORE.sub("", words)


def cause(words: str) -> str:
    """One of CAUSES that `words` begin with or name; "" where they name none."""
    return next((name for name, pattern in _CAUSES.items() if pattern.search(words)), "")
