"""What DingTalk must be told once (mode "http"): where presses on our cards go."""

from __future__ import annotations

import click

from bot.channels.sending import SendError
from wire import Hub


def register_cards(here: Hub) -> None:
    """Says what came of it; nothing else of the preparation depends on it."""
    if here.settings.dingtalk is None or here.settings.dingtalk.mode != "http":
        return
    from bot.channels.dingtalk.registering import register  # with DingTalk's client, which nobody else here needs

    try:
        address = register(here.settings, here.redis)
    except SendError as error:
        click.echo(
            f"钉钉卡片的回调地址没有登记成功：{error}。改好后再运行一次 hub prepare，否则卡片上的按钮没有反应。",
            err=True,
        )
        return
    click.echo(f"钉钉卡片的回调地址已登记：{address}")
