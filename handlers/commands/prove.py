"""对账: whether the hub has every order of a day; 对账 历史: the last two weeks."""

from __future__ import annotations

from datetime import date, timedelta

from handlers.commands.command import Command, Group, Request
from handlers.completeness import proof, which_shop
from handlers.completeness import show as show_proof
from handlers.completeness.past_days import BETWEEN, past_day
from handlers.desk import Actor, Desk, Refusal
from handlers.views import TextView, View
from handlers.wording import day_of

HISTORY = ("历史", "记录")
SHOW = ("刷新", "结果")
AGAIN = ("重新对账",)  # as the card's buttons: 对账 12-21 刷新


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = [word for word in BETWEEN.split(request.rest) if word]
    if words and words[0] in HISTORY:
        return show_proof.history(desk)
    said = words.pop() if words and words[-1] in (*SHOW, *AGAIN) else ""
    shop_words, day = _read(desk, words)
    if said in SHOW:
        return show_proof.show(desk, int(f"{day:%Y%m%d}"), actor)
    shops = [which_shop.which(desk, shop_words)] if shop_words else which_shop.read_shops(desk)
    proof.ask(desk, shops, day, actor)
    whose = shops[0].name if shop_words else f"全部 {len(shops)} 店"
    return TextView(
        f"已开始对账：{whose} {day:%m-%d}。逐店出结果后会告诉您，群里的对账卡片同时更新；缺的单会自动补拉。"
    )


def _read(desk: Desk, words: list[str]) -> tuple[str, date]:
    """The shop's words, "" for all, and the day, yesterday where none is named."""
    today = day_of(desk.now)
    day = past_day(words[-1], today) if words else None
    if day is None:
        return " ".join(words), today - timedelta(days=1)
    if len(words) > 1 and past_day(words[-2], today) is not None:
        raise Refusal(
            f"对账一次对一天，请逐天发，例如：{_example(words, day)}；要重新读取一段时间，请发：补拉 店铺 起 止"
        )
    return " ".join(words[:-1]), day


def _example(words: list[str], day: date) -> str:
    return " ".join(["对账", *words[:-2], f"{day:%m-%d}"])


COMMAND = Command(
    ("对账", "对单"),
    "对账 [店铺] [日期]",
    "核对平台和系统的订单是否一单不少",
    run,
    show_proof.PERMIT,
    group=Group.STEER,
    example="对账 昨天",
    brief="有没有漏单",
    more=(
        "缺的自动补拉",
        "「对账 历史」看最近 14 天；只对一家店：对账 tb 昨天",
    ),
)
