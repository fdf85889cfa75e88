"""模板: what customers are told; for supervisors also to change it, a line at a time."""

from __future__ import annotations

from typing import Final

from handlers import find, permissions
from handlers.commands.command import Command, Group, Looking, Request
from handlers.customers import editing, events, notices, show
from handlers.customers.events import EVENTS
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.parse import as_typed
from handlers.permissions import Permit
from handlers.views import TextView, View

_UNDO: Final = ("撤销", "撤回", "恢复")
_READ: Final = ("读取", "刷新", "同步")
_SWITCH: Final = {"开": True, "打开": True, "开启": True, "关": False, "关闭": False, "停": False}
_BLANKS: Final = " ,，:：=为成到"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(" ,，。:：")
    if not rest:
        return TextView(show.overview(desk))
    if rest in _READ:
        return TextView(_read(desk, actor))
    if rest in _UNDO:
        permissions.check(desk, notices.SET, actor)
        event, change = notices.undo(desk, actor)
        return TextView(f"已撤销{EVENTS[event].title}通知的改动：{change}")
    named = events.named(rest)
    if named is None:
        known = "、".join(event.title for event in EVENTS.values())
        raise Refusal(f"没有「{rest[:12]}」这种客户通知，可以是：{known}")
    event, words = named
    if not words:
        return TextView(show.one(desk, event))
    return TextView(_about(desk, request, actor, (event, words)))


def _about(desk: Desk, request: Request, actor: Actor, about: tuple[str, str]) -> str:
    event, words = about
    first, _, rest = words.partition(" ")
    if first.startswith("预览"):
        wanted, _ = find.first_in(words[2:].strip(_BLANKS))
        return show.preview(desk, event, wanted)
    permissions.check(desk, notices.SET, actor)
    if words in _SWITCH:
        return _done(event, editing.switch(desk, actor, event, on=_SWITCH[words]))
    if first in ("换", "换成", "更换", "换模板"):
        return _done(event, editing.change_template(desk, actor, event, as_typed(request.incoming.text, rest.strip())))
    rest = rest.strip(_BLANKS)
    if not rest:
        raise Refusal(f"改成什么？请发：模板 {EVENTS[event].title} {first} 内容，例如：模板 发货 商品名称 {{商品}}")
    typed = as_typed(request.incoming.text, rest)
    if first in ("文字", "正文"):
        return _done(event, editing.set_plain(desk, actor, event, typed))
    return _done(event, editing.set_line(desk, actor, event, (first, typed)))


def _read(desk: Desk, actor: Actor) -> str:
    permissions.check(desk, notices.SET, actor)
    if desk.settings.weixin is None:
        raise Refusal("没有配置服务号，请管理员在 hub.toml 里写好 [weixin]")
    desk.ask_later(Job.READ_TEMPLATES)
    return "正在从公众号读取模板，过一会儿发「模板」查看"


def _done(event: str, change: str) -> str:
    return f"{EVENTS[event].title}通知已改：{change}。马上生效，要撤销请发：模板 撤销"


COMMAND = Command(
    ("模板", "客户通知", "通知模板"),
    "模板 [哪一种 哪一行 内容]",
    "看客户会收到什么；主管可以改，例如：模板 发货 商品名称 {商品}",
    run,
    Permit("看客户通知"),
    group=Group.STEER,
    example="模板 发货",
    brief="客户通知",
    more=(
        "模板 发货 预览 编号：用一个真订单看客户会看到什么",
        "模板 延期 关、模板 延期 开：这类通知发不发",
        "模板 发货 换 模板名称：用公众号里的另一个模板；模板 读取 重新读公众号",
        "每次改动都有记录，模板 撤销 取消最近一次",
    ),
    changes=notices.SET,
    looking=Looking(
        "模板 [哪一种]", "看客户会收到什么", "模板 发货", ("模板 发货 预览 编号：用一个真订单看客户会看到什么",)
    ),
)
