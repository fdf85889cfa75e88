"""延后2小时, or 改期: the date that a customer's wish to wait is granted."""

from __future__ import annotations

import re
from datetime import date

from handlers import cases
from handlers.actions import wait
from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.caselife import forcing
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.incoming import Incoming
from handlers.parse import day_in
from handlers.wording import day_of, moment

ACCEPT = "accept"
AGREE = "agree"  # 同意: to the day that is asked for, or to what somebody wants to pass
_TWO_HOURS = re.compile(
    r"(?:提醒)?(?:[2两二] ?个?(?:小时|钟头|h))?(?:以?后)?(?:再说|再看|再?提醒我?)?[ ,。.!吧了哈]*", re.IGNORECASE
)


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    if pressed.value not in (ACCEPT, AGREE):
        until = cases.snooze(desk, case_id(pressed), actor)
        return Then(f"{actor.name}延后到 {moment(until)}")
    matter = cases.take_up(desk, case_id(pressed), cases.DELAY, actor)
    if pressed.value == AGREE and matter.case.kind != "delay_request":  # to whoever asks to pass it by force
        return Then(forcing.agree(desk, case_id(pressed), actor))
    chosen = pressed.selected.get("date", ())
    wanted = chosen[0] if chosen else matter.case.evidence.get("until")
    if not wanted:
        raise Late("先在下拉里选日期，再按改期")
    cases.accept_delay(desk, case_id(pressed), actor, _day(wanted))
    return Then()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"日期「{text}」看不懂，请在下拉里选") from None


def _meant(desk: Desk, said: Said) -> Meant:
    if said.value not in (ACCEPT, AGREE):
        if said.rest and not _TWO_HOURS.fullmatch(said.rest):
            raise Refusal(f"一次延后 2 小时，请发：{said.code} +2h；到时还没好可以再延")
        return said.value, {}
    if not said.rest:
        return said.value, {}
    day = day_in(said.rest, day_of(desk.now))
    if day is None:
        raise Refusal(f"日期「{said.rest[:20]}」看不懂，请发：{said.code} 改期 12-25")
    return said.value, {"date": (day.isoformat(),)}


def _on_case(case: CaseState) -> tuple[Button, ...]:
    if not case.is_alone or case.kind == "intercept":  # two hours later there is nothing left to stop
        return ()
    granted = (Button("改期", ACCEPT, "main"),) if case.kind == "delay_request" else ()
    # Who has it says on whom they wait (handlers/actions/wait.py); both would not fit on a card.
    return granted if wait.offered(case) else (*granted, Button("延后2小时", "2h"))


_WORDS = {
    **dict.fromkeys(("+2h", "+2小时", "延后", "稍后"), "2h"),
    **dict.fromkeys(("改期到", "改期", "改到"), ACCEPT),
    "同意": AGREE,
}
ACTION = Action(cases.DELAY, press, words=_WORDS, meant=_meant, on_case=_on_case)
