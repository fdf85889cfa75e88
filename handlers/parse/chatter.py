"""What is said around a question and narrows nothing: 超时的有几单 asks what 超时 asks."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = (
    "现在 目前 当前 今天 今日 最近 一共 总共 到底 已经 即将 马上 快要 快 要 还 都 有没有 没有 有 是 在 了 的 里 "
    "吗 呢 嘛 么 吧 很 够不够 够 严重 多 多少 几 哪些 哪里 哪儿 哪个 哪 什么 啥 谁 怎么样 怎样 怎么 如何 情况 状态 "
    "列表 列一下 列出来 列出 看一下 看看 看下 看 查一下 查 给我 发一下 发我 说一下 一下 剩下 剩 全部 所有 "
    "单子 订单 单 个 件 笔 条 种 些 ? ？ ! . 。 , ，"
)
_ONE: Final = "|".join(re.escape(word) for word in sorted(_WORDS.split(), key=len, reverse=True))
_BEFORE: Final = re.compile(rf"^(?:{_ONE}|\s)+")
_BEHIND: Final = re.compile(rf"(?:{_ONE}|\s)+$")


def without_chatter(words: str) -> str:
    """`words` without what is only said around them; "" where nothing else was said. A name may begin like that, so
    hold the words themselves against what there is first."""
    return _BEHIND.sub("", _BEFORE.sub("", words))
