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
from handlers.permissions import role_titles
from handlers.staffing import Member
from models import RawPayload, Shop
from models.beijing import BEIJING
from models.schema import upgrade
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
    return group


def _staff_commands(here: Hub) -> click.Group:
    """`hub staff` lists; its own commands change."""
    staff = click.Group("staff", help="Who works here; alone it lists them.", invoke_without_command=True)

    def list_staff() -> None:
        if click.get_current_context().invoked_subcommand is None:
            _show_staff(here, handlers.staffing.members)

    def add(userid: str, name: str, roles: str) -> None:
        _show_staff(here, lambda desk: [handlers.staffing.add(desk, userid, name, _names(roles))])

    def set_roles(userid: str, roles: str) -> None:
        _show_staff(here, lambda desk: [handlers.staffing.set_roles(desk, userid, _names(roles))])

    def off(userid: str) -> None:
        _show_staff(here, lambda desk: [handlers.staffing.switch_off(desk, userid)])

    userid, name, roles = (click.Argument([word]) for word in ("userid", "name", "roles"))
    given = click.Option(["--roles"], required=True, help="Comma-separated: service,warehouse,purchasing,supervisor.")
    staff.callback = list_staff
    staff.add_command(click.Command("add", callback=add, params=[userid, name, given], help="Register somebody."))
    staff.add_command(click.Command("roles", callback=set_roles, params=[userid, roles], help="Replace the roles."))
    staff.add_command(click.Command("off", callback=off, params=[userid], help="Somebody left."))
    return staff


def _names(roles: str) -> list[str]:
    return [name for part in roles.split(",") if (name := part.strip())]


def _show_staff(here: Hub, change: Callable[[Desk], list[Member]]) -> None:
    try:
        with here.open_desk() as desk:
            shown = change(desk)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    for one in shown:
        click.echo(f"{one.userid:16} {one.name}  {role_titles(one.roles)}{'' if one.active else '  已停用'}")


def prepare(here: Hub) -> None:
    """Migrate to head, then make the shops and the people that `hub.toml` names and the database lacks."""
    upgrade(here.engine)
    with here.open_desk() as desk:
        handlers.shops.sync_shops(desk)
        handlers.staffing.seed(desk)
        handlers.stock.seed_stock(desk)


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
