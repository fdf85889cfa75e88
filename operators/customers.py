"""`flask hub qr`: an order's code for binding, as a picture."""

from __future__ import annotations

from pathlib import Path

import click

import handlers.customers.binding
import handlers.customers.state
from bot.channels.sending import SendError
from bot.channels.wechat_oa.account import Account
from handlers import find, parse
from handlers.desk import Refusal
from wire import Hub


def command(here: Hub) -> click.Command:
    """`hub qr TAG [--out FILE]`."""

    def make(tag: str, out: str) -> None:
        if here.settings.weixin is None:
            raise click.ClickException("没有配置服务号 [weixin]")
        try:
            with here.open_desk() as desk:
                wanted, _ = find.first_in(parse.normal(tag))
                order_id = find.one(desk, wanted)
                name = str(handlers.customers.state.order(desk, order_id).tag)
                scene = handlers.customers.binding.scene(desk, order_id)
                handlers.customers.binding.code_made(desk, order_id)
            made = Account(here.settings.weixin, here.redis).code(scene)
        except (Refusal, SendError) as error:
            raise click.ClickException(str(error)) from None
        file = Path(out or f"{name}.jpg")
        file.write_bytes(made.picture)
        click.echo(f"{file}：{made.link}（30 天内有效）")

    parameters: list[click.Parameter] = [
        click.Argument(["tag"]),
        click.Option(["--out"], default="", help="File of the picture; by default the tag's."),
    ]
    return click.Command("qr", callback=make, params=parameters, help="A code by which a buyer binds to an order.")
