"""`flask hub …`: WeCom's part. What the app shows, who is in the company, groups of the app, messages taken back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handlers import people, trail
from handlers.desk import Desk, Refusal
from handlers.staffing import OPERATOR
from models.beijing import BEIJING
from wire import Hub

if TYPE_CHECKING:
    from bot.channels.sending import Sender
    from bot.channels.wecom_app.api import App
    from bot.recall import Lies


def commands(here: Hub) -> Sequence[click.Command]:
    """What this file adds to `flask hub`; the platform's client is loaded when one of them is called."""
    return [
        click.Command("menu", callback=lambda: _menu(here), help="Put the commands into the menu of the WeCom app."),
        click.Command("directory", callback=lambda: _directory(here), help="Who is in the company, and registered."),
        _appchat(here),
        _send(here),
        _recall(here),
    ]


def _menu(here: Hub) -> None:
    from bot.channels.wecom_app import menu
    from handlers.commands import COMMANDS

    with _plainly():
        changed = menu.put(_app(here), menu.menu_of(COMMANDS, f"{here.settings.hub.base_url}/board"))
    click.echo("菜单已更新，成员重新进入应用后可见" if changed else "菜单没有变化")


def _directory(here: Hub) -> None:
    from bot import directory

    with _plainly():
        found = directory.everybody(here.settings, here.redis)
    with here.open_desk() as desk:
        registered = {(platform, userid) for one in people.staff(desk) for platform, userid in one.userids.items()}
    for one in found:
        marks = ["已登记" if (one.platform, one.userid) in registered else "", "" if one.active else "未激活或已停用"]
        said = "，".join(mark for mark in marks if mark)
        click.echo(f"{one.platform:9}{one.userid:20} {one.name}  {'、'.join(one.departments)}  {said}".rstrip())
    seen = {(one.platform, one.userid) for one in found}
    for platform, userid in sorted(registered - seen):
        if any(one.platform == platform for one in found):
            click.echo(f"{platform:9}{userid:20} 已登记，但通讯录里没有，请核对账号或应用的可见范围")


def _appchat(here: Hub) -> click.Group:
    """A group of the app, where the company has no 智能机器人."""
    group = click.Group("appchat", help="A group that the WeCom app makes itself.")

    def create(name: str, owner: str) -> None:
        from bot.channels.wecom_appchat.client import AppChats

        with _plainly():
            chatid = AppChats(_app(here)).create(name, _members(here), owner=owner)
            _greet(here, chatid)
        click.echo(f'已建群「{name}」。请在 hub.toml 的 [wecom] 里写 appchat = "{chatid}"，再重启')

    def show() -> None:
        from bot.channels.wecom_appchat.client import AppChats

        with _plainly():
            chat = AppChats(_app(here)).find(_chatid(here))
        click.echo(f"{chat.chatid} {chat.name}  群主 {chat.owner}  成员 {'、'.join(chat.members)}")

    def update() -> None:
        from bot.channels.wecom_appchat.client import AppChats

        with _plainly():
            chats = AppChats(_app(here))
            new, gone = chats.update(chats.find(_chatid(here)), _members(here))
        click.echo(f"加入 {'、'.join(new) or '无'}，移出 {'、'.join(gone) or '无'}")

    owner = click.Option(["--owner"], default="", help="userid of the group's owner; anybody of its members without.")
    named = click.Argument(["name"])
    group.add_command(click.Command("create", callback=create, params=[named, owner], help="Make the home group."))
    group.add_command(click.Command("show", callback=show, help="Its name and who is in it."))
    group.add_command(click.Command("update", callback=update, help="Let exactly the registered staff be in it."))
    return group


def _greet(here: Hub, chatid: str) -> None:
    """Some clients show a new group only once something was said in it."""
    from bot.card import Text
    from bot.channels.sending import Parcel
    from bot.channels.wecom_appchat.client import AppChatSender

    assert here.settings.wecom is not None
    words = Text("订单中枢的提醒会发到这个群。群里不能操作，请点链接打开看板，或到应用会话里回复短码。")
    AppChatSender(here.settings.wecom, here.redis, here.settings.hub.base_url).send(Parcel(chatid, words, "greeting"))


def _send(here: Hub) -> click.Command:
    """Whether somebody can be reached at all is tried out by this, before the first order comes."""

    def send(userid: str, words: tuple[str, ...], path: Path | None) -> None:
        from bot.card import Text
        from bot.channels.sending import Enclosed, Parcel

        drawings: list[Text | Enclosed] = [Text(" ".join(words))] if words else []
        drawings += [Enclosed(path.name, path.read_bytes())] if path else []
        if not drawings:
            raise click.ClickException("写上要发的话，或用 --file 指定文件")
        with _plainly(), here.open_desk() as desk:
            person = _person(desk, userid)
            sender, own = _way_to(here, person)
            for drawing in drawings:
                sender.send(Parcel(own, drawing, f"operator-{secrets.token_hex(8)}"))
            detail = {"文字": " ".join(words), "文件": path.name if path else ""}
            trail.write(desk, f"staff:{person.id}", OPERATOR, action="发消息", detail=detail)
        click.echo(f"已发给{person.name}")

    named = click.Argument(["userid"])
    words = click.Argument(["words"], nargs=-1)
    kinds = click.Path(exists=True, dir_okay=False, path_type=Path)
    path = click.Option(["--file", "path"], type=kinds, default=None, help="A file or picture that goes along.")
    return click.Command("send", callback=send, params=[named, words, path], help="Send somebody words or a file now.")


def _person(desk: Desk, userid: str) -> people.Person:
    """Raises Refusal."""
    found = people.named(people.staff(desk), userid)
    if len(found) != 1:
        raise Refusal(f"没有登记 {userid}，或不止一位；hub staff 列出所有成员")
    return found[0]


def _way_to(here: Hub, person: people.Person) -> tuple[Sender, str]:
    """Raises Refusal."""
    senders = _senders(here)
    for platform, slug in (("wecom", "wecom_app"), ("dingtalk", "dingtalk")):
        if platform in person.userids and slug in senders:
            return senders[slug], person.userids[platform]
    raise Refusal(f"{person.name}所在的平台没有配置应用，发不了消息")


def _recall(here: Hub) -> click.Command:
    """`hub recall` lists, `hub recall 12` takes back, `hub recall --private xiaoli` all receiver data of a person."""

    def recall(number: int | None, private: str) -> None:
        from bot import recall

        senders = _senders(here)
        with _plainly(), here.open_desk() as desk:
            if private:
                shown = recall.take_private_back(desk, senders, private.lower(), OPERATOR)
                click.echo(f"撤回了 {len(shown)} 条")
            elif number is not None:
                shown = [recall.take_back(desk, senders, number, OPERATOR)]
                click.echo("已撤回")
            else:
                shown = recall.lately(desk, senders)
        _list(shown)

    asked = click.Argument(["number"], required=False, type=int)
    private = click.Option(["--private"], default="", help="userid: all receiver data sent to this person, of a day.")
    return click.Command("recall", callback=recall, params=[asked, private], help="Take back what was sent today.")


def _list(shown: Sequence[Lies]) -> None:
    for one in shown:
        click.echo(f"{one.number:>8} {one.sent_at.astimezone(BEIJING):%m-%d %H:%M} {one.whom} {one.subject}")


def check_userid(here: Hub, userid: str, name: str) -> None:
    """Refuse an account that the platform's directory does not know. A directory that does not answer holds up
    nobody. Raises click.ClickException."""
    from bot import directory
    from bot.channels.sending import SendError

    try:
        doubt = directory.look(here.settings, here.redis, userid, name)
    except SendError as error:
        click.echo(f"没有核对通讯录：{error}", err=True)
        return
    if doubt:
        raise click.ClickException(f"{doubt}。确实要登记，请加 --unchecked")


def _members(here: Hub) -> list[str]:
    with here.open_desk() as desk:
        active = [one for one in people.staff(desk) if "wecom" in one.userids]
    return [one.userids["wecom"] for one in active]


def _app(here: Hub) -> App:
    from bot.channels.wecom_app.api import App

    if here.settings.wecom is None:
        raise click.ClickException("hub.toml 里没有 [wecom]，请先配置自建应用")
    return App(here.settings.wecom, here.redis)


def _chatid(here: Hub) -> str:
    if here.settings.wecom is None or not here.settings.wecom.appchat:
        raise click.ClickException("hub.toml 的 [wecom] 里没有 appchat；hub appchat create <名字> 可以建一个")
    return here.settings.wecom.appchat


def _senders(here: Hub) -> dict[str, Sender]:
    from bot.channels import CHANNELS, Tools

    opened = {slug: channel.open_sender(Tools(here.settings, here.redis)) for slug, channel in CHANNELS.items()}
    return {slug: sender for slug, sender in opened.items() if sender is not None}


@contextmanager
def _plainly() -> Iterator[None]:
    """What the platform or a handler refuses, in plain words."""
    from bot.channels.sending import SendError

    try:
        yield
    except (SendError, Refusal) as error:
        raise click.ClickException(str(error)) from None
