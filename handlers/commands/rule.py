"""规则: the company's own rules: the list, one of them, a new one, and every change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from handlers import login, pressing
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Press
from handlers.parse import as_typed
from handlers.rulebook import catalogue, changing, deeds, show, wish
from handlers.views import TextView, View
from handlers.wording import day_of

WORDS: Final = {
    "启用": "rule_on", "启": "rule_on", "开启": "rule_on", "打开": "rule_on", "开": "rule_on",
    "影子": "rule_shadow", "试运行": "rule_shadow",
    "停用": "rule_off", "停": "rule_off", "关闭": "rule_off", "关": "rule_off", "停止": "rule_off",
    "取消": "rule_drop", "删除": "rule_drop", "删": "rule_drop",
    "预演": "rule_try",
}  # fmt: skip
"""As they stand beside a rule's number → the button that does it."""
_NEW: Final = ("新增", "新建", "添加", "增加", "加")
_FIELDS: Final = ("字段", "有哪些字段", "能用的字段")
_ACTIONS: Final = ("动作", "有哪些动作", "能做什么")
_NUMBER: Final = r"(?:规则)?#?(\d{1,9})"
_BESIDE: Final = re.compile(rf"(?:{_NUMBER} *({'|'.join(WORDS)})|({'|'.join(WORDS)}) *{_NUMBER}) *$")
_CHANGE: Final = re.compile(
    rf"(?:改|修改|调整) *{_NUMBER}[\s:：,，]+(.+)|{_NUMBER} *(?:改|修改|调整)[\s:：,，]*(.+)", re.DOTALL
)
_BACK: Final = re.compile(
    rf"(?:(?:回滚|撤销|退回) *{_NUMBER}|{_NUMBER} *(?:回滚|撤销|退回)) *(?:到)? *(?:第|v)? *(\d{{1,6}})? *版?"
)
_ONE: Final = re.compile(rf"{_NUMBER} *")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = request.rest.strip()
    if not words or words in ("列表", "全部", "有哪些"):
        return TextView(f"{show.listed(desk)}\n> {_page(desk, request, actor)}")
    if words in _FIELDS:
        return TextView(fields(desk))
    if words in _ACTIONS:
        return TextView(actions())
    if (beside := _BESIDE.fullmatch(words)) is not None:
        number, verb = beside[1] or beside[4], beside[2] or beside[3]
        press = Press(WORDS[verb], f"rule:{number}", 0)
        return pressing.press(desk, replace(request.incoming, press=press), actor)
    for shape, way in _WAYS:
        if (found := shape.fullmatch(words)) is not None:
            return way(desk, actor, found, request.incoming.text)
    for word in _NEW:
        if words.startswith(word):
            return _new(desk, actor, as_typed(request.incoming.text, words[len(word) :].strip(" :,")))
    raise Refusal(
        f"「{words[:20]}」看不懂。可以发：规则 3、规则 新增 金额 > 1000、规则 改 3 金额 > 2000、规则 停 3、规则 回滚 3"
    )


def fields(desk: Desk) -> str:
    """What a condition may name, a line each."""
    lines = [
        f"- {one.name}（{one.sort}）：{one.says}。如：{one.example}"
        for one in catalogue.catalogue(desk).builtin.values()
    ]
    own = [f"- {one.name}（{one.sort}）：公司自己的字段" for one in catalogue.catalogue(desk).own.values()]
    functions = "还可以写：长度(买家留言)、开头(商品, '预售')、结尾(规格, '红')、SKU件数('QH-MUG-01')"
    return "\n".join(
        ["**条件里能用的字段**", *lines, *own, f"> {functions}", "> 连接用 且、或、非，比较用 > < 等于 包含 属于"]
    )


def actions() -> str:
    """What a rule can do, a line each."""
    lines = [f"- {deed.title}：{deed.says}。如：{deed.example}" for deed in deeds.DEEDS.values()]
    last = "、".join(deed.title for deed in deeds.DEEDS.values() if deed.lasts)
    how = f"写在条件后面，用分号隔开；规则停用或订单不再命中时，{last}会收回，其余只做一次、不收回"
    return "\n".join(["**命中后能做的动作**", *lines, f"> {how}"])


def _page(desk: Desk, request: Request, actor: Actor) -> str:
    """A link that logs in goes to one person alone; in a group the page asks for it."""
    in_group = request.incoming.is_group
    page = f"{desk.settings.hub.base_url}/rules" if in_group else f"{login.link(desk, actor)}&to=rules"
    return f"不想打字可以[在网页上看和改]({page})，条件能点着选"


def _new(desk: Desk, actor: Actor, words: str) -> View:
    rule_id = changing.make(desk, actor, wish.read(words, day_of(desk.now)))
    hours = changing.LIFE.seconds // 3600
    how = f"改名字、角色请发：规则 改 {rule_id} 标题 大额偏远；角色 客服"
    note = f"草稿已存，{hours} 小时内启用有效。先预演看会命中哪些单；{how}"
    return show.show(desk, rule_id, actor, note=note)


def _change(desk: Desk, actor: Actor, found: re.Match[str], typed: str) -> View:
    rule_id, words = int(found[1] or found[3]), as_typed(typed, (found[2] or found[4]).strip())
    wishes: dict[str, Any] = wish.read(words, day_of(desk.now))
    changed = changing.change(desk, actor, rule_id, wishes)
    return show.show(desk, rule_id, actor, note=f"已改：{changed.change}。要退回请发：规则 回滚 {rule_id}")


def _back(desk: Desk, actor: Actor, found: re.Match[str], _typed: str) -> View:
    rule_id = int(found[1] or found[2])
    changed = changing.roll_back(desk, actor, rule_id, int(found[3]) if found[3] else None)
    return show.show(desk, rule_id, actor, note=f"已{changed.change}")


def _one(desk: Desk, actor: Actor, found: re.Match[str], _typed: str) -> View:
    return show.show(desk, int(found[1]), actor)


_WAYS: Final[tuple[tuple[re.Pattern[str], Callable[[Desk, Actor, re.Match[str], str], View]], ...]] = (
    (_CHANGE, _change), (_BACK, _back), (_ONE, _one),
)  # fmt: skip

COMMAND = Command(
    ("规则", "规则表", "自定义规则"),
    "规则 [3 / 新增 条件 / 改 3 … / 停 3]",
    "自己的规则：看、加、改、停、回滚",
    run,
    changing.SET,
    group=Group.STEER,
    example="规则 新增 金额 > 1000 且 省 属于 ['新疆', '西藏']",
    brief="自定规则",
    more=(
        "规则 字段 看条件里能写什么；条件用 且、或、非 连起来，比较用 > < 等于 包含 属于",
        "条件后面用分号接：标题 大额偏远；角色 客服；等级 P2；锁单；认领 30分钟；处理 4小时",
        "还可以写：从 12-01；到 12-31；备注 …；负责人 …",
        "命中后还能做别的：动作 延到 12-25；动作 标记 大额；提醒 仓库；不建单。规则 动作 看能做什么",
        "规则 改 3 动作 … 换掉原来的动作，动作 无 去掉",
        "规则 改 3 金额 > 2000，规则 改 3 角色 仓库；马上生效，每次改动都是新的一版",
        "规则 启 3、规则 影子 3（只记数不开异常）、规则 停 3、规则 回滚 3（回到上一版）",
        "启用前先「预演 3」，看会多几件、归谁、是哪些单",
    ),
)
