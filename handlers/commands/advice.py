"""建议: what the hub proposes to change about alerts that were mostly false, and the decision in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from handlers import pressing
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Press
from handlers.usefulness import deciding, show
from handlers.views import TextView, View

WORDS: Final = {
    "改为": "advice_limit", "放宽": "advice_limit", "只进日报": "advice_quiet", "进日报": "advice_quiet",
    "关闭": "advice_off", "关": "advice_off", "保持": "advice_keep", "不改": "advice_keep", "撤销": "advice_undo",
}  # fmt: skip
"""As they stand behind a proposal's number → the button that does it."""
_ONE: Final = re.compile(r"(?:建议)?#?(\d{1,9}) *(.*)", re.DOTALL)
_LIMIT: Final = re.compile(r"(改为|放宽)(?: *到?为? *(\d+ *(?:h|小时|分钟?|min|m)))?", re.IGNORECASE)


def action_of(words: str) -> str:
    """The button that `words` behind a number mean, "" for none."""
    return "advice_limit" if _LIMIT.fullmatch(words.strip()) else WORDS.get(words.strip(), "")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = request.rest.strip(" ,，。:：")
    if not words:
        return TextView(show.listed(desk))
    found = _ONE.fullmatch(words)
    if found is None:
        raise Refusal(f"「{words[:20]}」看不懂。请发：建议（看全部），或 建议5 只进日报")
    number, verb = int(found[1]), found[2].strip(" ,，。:：")
    if not verb:
        return show.show(desk, number, actor)
    action = action_of(verb)
    if not action:
        raise Refusal(f"「{verb[:20]}」看不懂，可以回复：建议{number} 改为 / 只进日报 / 关闭 / 保持 / 撤销")
    if action == "advice_limit":
        _check_limit(desk, number, verb)
    press = Press(action, f"advice:{number}", 0)
    return pressing.press(desk, replace(request.incoming, press=press), actor)


def _check_limit(desk: Desk, number: int, verb: str) -> None:
    """Raises Refusal for another limit than the one that was reckoned with."""
    found = _LIMIT.fullmatch(verb)
    asked = found[2] if found is not None else None
    way = deciding.read(desk, number).counted["ways"].get("limit")
    if asked is None or way is None:
        return
    count, in_hours = int(re.sub(r"\D", "", asked)), asked.lower().endswith(("h", "小时"))
    if (count * 60 if in_hours else count) != way["value"]:
        raise Refusal(f"建议{number}算的是「{show.words_of('limit', way)}」，要改成别的请用「阈值」")


COMMAND = Command(
    ("建议", "提醒建议"),
    "建议 [5 改为/只进日报/关闭/保持]",
    "误报多、没人处理的提醒，建议怎么改、改了会怎样；每周一也会发给主管",
    run,
    deciding.ASK,
    group=Group.STEER,
    example="建议5 只进日报",
    brief="改提醒",
    more=("建议5 看一条；建议5 改为、建议5 关闭、建议5 保持；60 秒内 建议5 撤销", "改过的都在「阈值」里，也能改回"),
)
