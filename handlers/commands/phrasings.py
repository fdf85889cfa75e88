"""Questions that do not name their command: 压了多少单, 我还有几单, 哪里最慢. Only questions; what they ask for changes
nothing."""

from __future__ import annotations

import re
from typing import Final

from handlers.parse import reference, without_chatter
from models.stages import OPEN, TITLES

_STAGE: Final = "|".join(TITLES[stage] for stage in OPEN)
_MANY: Final = r"(?:多少|几)(?:单|件|个|笔)?"
_ME: Final = r"(?:我|我?手上|我?手里|我这里|我这边)"
_NOW: Final = r"(?:现在|目前|今天|最近|到底)?"
_WHICH: Final = r"(?:什么|啥|哪些)"
_WHERE: Final = r"(?:哪里|哪儿|哪个环节|哪一?步|什么地方|哪)"
_ORDERS: Final = r"(?:单子?|订单)?"
_END: Final = r"[了吗呢啊的?？]*"

# Slug, and how it is asked; `rest`, where it is named, is what stands behind the command's name.
_PHRASES: Final = tuple(
    (slug, re.compile(form + _END))
    for slug, form in (
        ("board", rf"看看看?板|{_NOW}(?:整体|总体|大概)?(?:是?什么)?(?:情况|概况|总览|怎么样|咋样)"),
        (
            "overdue",
            rf"(?:有没有|有|还有)?(?:哪些|几单|多少单)?(?:快|要|快要|马上)(?:到期|超期)的?{_ORDERS}"
            r"(?:有?(?:哪些|几个|多少单?|几单))?",
        ),
        ("backlog", rf"(?:现在|还)?[压堆]着?了?{_MANY}"),
        ("backlog", rf"(?:现在)?(?:还有|还剩|剩|还剩下){_MANY}(?:没发货?|没处理|没出|没做|没审|没配)?"),
        ("backlog", rf"没(?:发货?|处理|发出去)的?(?:单子?|订单)?(?:还)?有?{_MANY}"),
        ("backlog", rf"(?P<rest>{_STAGE})的?(?:单子?|订单)?(?:现在|还)?(?:有|剩)?{_MANY}"),
        ("backlog", rf"(?:现在|还)?(?:有|剩)?{_MANY}(?P<rest>{_STAGE})的?"),
        (
            "mine",
            rf"{_ME}{_NOW}还?(?:有|剩)?(?:{_MANY}|{_WHICH})(?:任务|活|事|单子?|要做|没做|没处理|要处理|待办)*",
        ),
        ("mine", rf"我{_NOW}(?:该|要|应该|得)?(?:做|干|处理|忙){_WHICH}(?:事|单)?"),
        ("mine", r"(?:有|还有)?(?:什么|哪些|啥)(?:事|单)?(?:是?要|得|该)我(?:处理|做|办)"),
        ("daily", rf"(?P<rest>今天|昨天|前天)(?:一共|总共)?(?:[发进来出]了|新增了?|完成了?)?{_MANY}"),
        ("daily", rf"(?:一共|总共)?(?:[发进来出]了|新增了?|完成了?){_MANY}"),
        ("daily", r"(?P<rest>昨天|前天)(?:的)?(?:情况|怎么样|做得怎么样)"),
        ("bottleneck", rf"{_NOW}是?{_WHERE}(?:最|比较)?(?:慢|堵|卡|卡住)"),
        ("bottleneck", rf"{_NOW}都?(?:卡|堵)(?:在|住)?了?{_WHERE}"),
        ("stock", rf"{_NOW}有?(?:{_WHICH}|没有)?(?:货|东西|商品)?是?缺{_WHICH}?货的?(?:有(?:{_WHICH}|几种))?"),
        ("stock", r"(?:看|看下|看一下|还有|有)库存"),
        ("stock", r"(?:查|看)?(?P<rest>\S{2,40}?)的?(?:库存)(?:现在|还)?(?:有|剩)?(?:多少|几个|几件|情况)?"),
        ("stock", r"(?P<rest>\S{2,40}?)(?:现在|还)(?:有|剩)(?:多少|几个|几件)货?"),
        ("stock", r"(?P<rest>\S{2,40}?)(?:现在)?(?:还有没有|有没有|还有)货"),
        ("stock", r"(?P<rest>\S{2,40}?)(?<!没)有货[吗么?？]"),
    )
)  # fmt: skip


def question(line: str) -> tuple[str, str] | None:
    """The slug and the words behind it of what `line` asks; None where it is none of them."""
    for slug, form in _PHRASES:
        found = form.fullmatch(line)
        named = found.groupdict() if found is not None else None
        if named is None:
            continue
        rest = named.get("rest") or ""
        if slug != "stock" or "rest" not in named:
            return slug, rest
        sku, order = without_chatter(rest), reference(rest)
        if sku and (order is None or order[0].kind == "name"):  # 现在还有多少 names no goods, nor does 001
            return slug, sku
    return None
