"""`flask hub …`: set up and look after the hub."""

from __future__ import annotations

from collections.abc import Callable

import click
from flask.cli import AppGroup
from sqlalchemy import select

import handlers.shops
import handlers.staffing
import handlers.stock
import handlers.supply.erps
from handlers.desk import Desk, Refusal
from handlers.duty import duty, quiet
from handlers.duty.hours import Night
from handlers.permissions import role_titles
from handlers.staffing import Ids, Member
from models import RawPayload, Shop
from models.beijing import BEIJING
from models.schema import upgrade
from operators import customers, dingtalk, letters, quota, wecom
from wire import Hub


def group(here: Hub) -> AppGroup:
    group = AppGroup("hub", help="Set up and look after the hub.")
    group.add_command(
        click.Command("prepare", callback=lambda: prepare(here), help="Migrate; shops and staff of hub.toml.")
    )
    group.add_command(click.Command("shops", callback=lambda: _show_shops(here), help="The same as `flask shops`."))
    group.add_command(
        click.Command("unreadable", callback=lambda: _unreadable(here), help="Records that cannot be read.")
    )
    resume = click.Command("resume", callback=lambda slug: _resume(here, slug), help="Read a stopped shop or ERP.")
    resume.params.append(click.Argument(["slug"]))
    group.add_command(resume)
    reread = click.Command("reread", callback=lambda slug: _reread(here, slug), help="Read unreadable records again.")
    reread.params.append(click.Argument(["slug"]))
    group.add_command(reread)
    group.add_command(_staff_commands(here))
    group.add_command(quota.command(here))
    group.add_command(letters.command(here))
    group.add_command(customers.command(here))
    for command in wecom.commands(here):
        group.add_command(command)
    return group


def _staff_commands(here: Hub) -> click.Group:
    """`hub staff` lists; its own commands change."""
    staff = click.Group("staff", help="Who works here; alone it lists them.", invoke_without_command=True)

    def list_staff() -> None:
        if click.get_current_context().invoked_subcommand is None:
            _show_staff(here, handlers.staffing.members)

    def add(userid: str, name: str, roles: str, dingtalk: str, *, unchecked: bool) -> None:
        userid = "" if userid == "-" else userid
        if userid and not unchecked:
            wecom.check_userid(here, userid, name)
        _show_staff(here, lambda desk: [handlers.staffing.add(desk, Ids(userid, dingtalk), name, _names(roles))])

    def bind(userid: str, to_wecom: str, dingtalk: str) -> None:
        _show_staff(here, lambda desk: [handlers.staffing.bind(desk, userid, Ids(to_wecom, dingtalk))])

    def set_roles(userid: str, roles: str) -> None:
        _show_staff(here, lambda desk: [handlers.staffing.set_roles(desk, userid, _names(roles))])

    def off(userid: str) -> None:
        _show_staff(here, lambda desk: [handlers.staffing.switch_off(desk, userid)])

    userid, name, roles = (click.Argument([word]) for word in ("userid", "name", "roles"))
    given = click.Option(["--roles"], required=True, help="Comma-separated: service,warehouse,purchasing,supervisor.")
    unchecked = click.Option(["--unchecked"], is_flag=True, help="Also whom the platform's directory does not show.")
    dingtalk = click.Option(["--dingtalk"], default="", help="Their DingTalk userid.")
    staff.callback = list_staff
    adding: list[click.Parameter] = [userid, name, given, dingtalk, unchecked]
    staff.add_command(
        click.Command("add", callback=add, params=adding, help="Register somebody; - for one without a WeCom userid.")
    )
    to_wecom = click.Option(["--wecom", "to_wecom"], default="", help="Their WeCom userid.")
    binding: list[click.Parameter] = [userid, to_wecom, dingtalk]
    staff.add_command(click.Command("bind", callback=bind, params=binding, help="Give somebody an id on a platform."))
    staff.add_command(click.Command("roles", callback=set_roles, params=[userid, roles], help="Replace the roles."))
    staff.add_command(click.Command("off", callback=off, params=[userid], help="Somebody left."))
    staff.add_command(_night_command(here))
    return staff


def _night_command(here: Hub) -> click.Command:
    """`hub staff night 22:00 08:00 09:00`; `hub staff night off`."""

    def night(times: tuple[str, ...]) -> None:
        if times and times != ("off",) and len(times) != 3:
            raise click.UsageError("give three times, as in 22:00 08:00 09:00, or off")
        minutes = [_minute(one) for one in times] if len(times) == 3 else [0, 0, 0]
        with here.open_desk() as desk:
            if times:
                quiet.set_night(desk, Night(*minutes), handlers.staffing.OPERATOR)
            click.echo(duty.roster(desk).night.shown)

    times = click.Argument(["times"], nargs=-1)
    return click.Command(
        "night", callback=night, params=[times], help="The company's quiet hours: from, to, and when all is told."
    )


def _minute(time: str) -> int:
    hour, _, minute = time.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise click.BadParameter(f"{time!r} is no time of day, as 22:00 is", param_hint="TIMES")
    return int(hour) * 60 + int(minute)


def _names(roles: str) -> list[str]:
    return [name for part in roles.split(",") if (name := part.strip())]


def _show_staff(here: Hub, change: Callable[[Desk], list[Member]]) -> None:
    try:
        with here.open_desk() as desk:
            shown = change(desk)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    for one in shown:
        also = f"  钉钉 {one.ids.dingtalk}" if one.ids.wecom and one.ids.dingtalk else ""
        click.echo(f"{one.userid:16} {one.name}  {role_titles(one.roles)}{also}{'' if one.active else '  已停用'}")


def prepare(here: Hub) -> None:
    """Migrate to head, then make the shops and the people that `hub.toml` names and the database lacks; DingTalk is
    told where presses on its cards go."""
    upgrade(here.engine)
    with here.open_desk() as desk:
        handlers.shops.sync_shops(desk)
        handlers.staffing.seed(desk)
        handlers.stock.seed_stock(desk)
    dingtalk.register_cards(here)


def _show_shops(here: Hub) -> None:
    from operators.reading import show_shops  # with all that a worker needs

    show_shops(here)


def _unreadable(here: Hub) -> None:
    raw = RawPayload
    found = select(raw.received_at, raw.external_id, raw.problem, Shop.slug, Shop.name).join(
        Shop, Shop.id == raw.shop_id
    )
    newest = found.where(raw.problem.is_not(None)).order_by(raw.received_at.desc())
    with here.sessions() as session:
        for row in session.execute(newest.limit(200)):
            at = row.received_at.astimezone(BEIJING)
            click.echo(f"{at:%Y-%m-%d %H:%M} {row.slug} {row.name} {row.external_id}: {row.problem}")


def _resume(here: Hub, slug: str) -> None:
    with here.open_desk() as desk:
        if not (handlers.shops.resume(desk, slug) or handlers.supply.erps.resume(desk, slug)):
            raise click.ClickException(f"no shop {slug!r}, nor an ERP; `flask --app app hub shops` lists the shops")
    click.echo(f"{slug}: will be pulled at the next tick")


def _reread(here: Hub, slug: str) -> None:
    import jobs  # what a worker needs; callbacks do not

    try:
        report = jobs.reread_shop(here, slug)
    except LookupError:
        raise click.ClickException(f"no shop {slug!r}; `flask --app app hub shops` lists them") from None
    read = report.new + report.changed + report.unchanged
    click.echo(f"{slug}: {read} records read ({report.new} new orders), {report.unreadable} still unreadable")
