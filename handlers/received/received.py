"""Files with orders that people hand in, in the chat or on the board: taken whole, and where they lie.

Reading one takes a worker (`workers/receiving.py`); what a first look leads to is decided in `look.py`, what came of it
told in `report.py`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from sqlalchemy import select, text

from handlers import permissions, trail
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.incoming import Attached
from handlers.owe import Owed, owe
from handlers.permissions import Permit
from handlers.wording import moment
from models import Received, Role, Shop, Staff
from models.received import State
from models.vault import CannotOpen, fingerprint

PERMIT: Final = Permit("导入订单", frozenset({Role.SERVICE}))
MOST_BYTES: Final = 10 * 1024 * 1024
TOO_LARGE: Final = "文件超过 10 MB，没有导入。请分成几个文件再发"
LINK_LIFE: Final = timedelta(minutes=5)  # so long a file that was sent in the chat lies where its address says
BELONGS: Final = b"received.content"
PICTURE: Final = "picture"
MEDIA: Final = "media:"
"""How the address of what a platform keeps for days begins: behind it stand whose it is and the media id."""
_LATE: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(hours=1)
_UNREADABLE: Final = "试了几次都读不了。请用 Excel 或 WPS 打开后另存为 xlsx 再发"
_EXPIRED: Final = "文件的链接已过期，没有取到。请重新发一次"
NO_SHOP: Final = '还没有可以导入表格的店：请管理员在 hub.toml 里加一个 platform = "sheet" 的店'
_IMPORTED: Final = frozenset({State.READY, State.DONE})

# A file that became ready in the second in which its shop was just read: the cursor has passed it unread.
_PASSED: Final = text("""
    UPDATE received r SET ready_at = :now WHERE r.state = 'ready' AND r.ready_at < :late
        AND (SELECT max(synced_to) FROM cursors c WHERE c.shop_id = r.shop_id) >= r.ready_at
""")
_UNREAD: Final = text("""
    SELECT DISTINCT s.slug FROM received r JOIN shops s ON s.id = r.shop_id
    WHERE r.state = 'ready' AND r.ready_at < :late
""")


_FILE_LOCK: Final = 4_070_011  # class of the advisory locks "the file with this mark in shop N"
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(:class, :mark)")


class KnownAlready(Refusal):
    """The same file was imported before: it is `file_id`."""

    def __init__(self, said: str, file_id: int) -> None:
        super().__init__(said)
        self.file_id = file_id


def shops(desk: Desk) -> list[Shop]:
    """The shops into which files can be handed in."""
    enabled = [shop.slug for shop in desk.settings.shops if shop.platform == "sheet" and shop.enabled]
    return list(desk.session.scalars(select(Shop).where(Shop.slug.in_(enabled)).order_by(Shop.id)))


def shops_or_refuse(desk: Desk) -> list[Shop]:
    found = shops(desk)
    if not found:
        raise Refusal(NO_SHOP)
    return found


# -- handing in


def may_hand_in(desk: Desk, actor: Actor) -> bool:
    """Whether to offer it: orders where there is a shop for them, tables of stock always."""
    return counts_stock(actor) or (permissions.allowed(PERMIT, actor) and bool(shops(desk)))


def counts_stock(actor: Actor) -> bool:
    """Purchasing hands in tables of stock; what it is shows when it is read (handlers/received/stock.py)."""
    return actor.may(Role.PURCHASING)


def check_sender(desk: Desk, actor: Actor) -> list[Shop]:
    """The shops into which the actor can hand in; a table of stock needs none. Raises Refusal."""
    if not counts_stock(actor):
        permissions.check(desk, PERMIT, actor)
        return shops_or_refuse(desk)
    return shops(desk) if permissions.allowed(PERMIT, actor) else []


def hand_in(desk: Desk, actor: Actor, name: str, content: bytes, *, shop_id: int | None = None) -> int:
    """A file from the board; the id under which it lies. Raises Refusal, KnownAlready."""
    known = [shop.id for shop in check_sender(desk, actor)]
    if not content:
        raise Refusal("没有选择文件，或文件是空的")
    if len(content) > MOST_BYTES:
        raise Refusal(TOO_LARGE)
    chosen = known[0] if len(known) == 1 else shop_id
    if not known:
        return to_read(desk, _new(desk, actor, name, content=content, state=State.UNREAD))
    if chosen is None or chosen not in known:
        raise Refusal("请选择导入到哪个店")
    before = twin(desk, chosen, fingerprint(content))
    if before is not None:
        return begin_again(desk, before, actor)
    file = _new(desk, actor, name, content=content, state=State.UNREAD)
    file.shop_id, file.content_mark = chosen, fingerprint(content)
    return to_read(desk, file)


def expect(desk: Desk, actor: Actor, attached: Attached) -> str:
    """A file that was sent in the chat is noted, to be fetched; what to answer. Raises Refusal."""
    check_sender(desk, actor)
    file = _new(desk, actor, attached.name, content=json.dumps(asdict(attached)).encode(), state=State.FETCHING)
    to_read(desk, file)
    return f"收到{named(file)}，正在读取，马上告诉您结果"


def expect_picture(desk: Desk, by: Actor, attached: Attached) -> int:
    """A picture (handlers/received/pictures.py): fetched as files are, and then read by nobody."""
    content = json.dumps(asdict(attached)).encode()
    return to_read(desk, _new(desk, by, "照片", content=content, state=State.FETCHING, kind=PICTURE))


def address_of(desk: Desk, file: Received) -> Attached:
    return Attached(**json.loads(content_of(desk, file)))


def fetched(desk: Desk, file: Received, name: str, content: bytes) -> None:
    """What lay at the address. It is read next, unless the same was imported before."""
    file.name = name.strip()[-80:] or file.name
    file.content = desk.vault.seal(content, BELONGS)
    file.state = State.UNREAD
    known = shops(desk)
    if len(known) == 1:
        belongs(desk, file, known[0].id)


def belongs(desk: Desk, file: Received, shop_id: int) -> bool:
    """The file is of this shop; False where the same is there already, which then goes on in its place."""
    mark = fingerprint(content_of(desk, file))
    before = twin(desk, shop_id, mark)
    if before is None:
        file.shop_id, file.content_mark = shop_id, mark
        return True
    if before.state in _IMPORTED:
        refuse(desk, file, already(desk, before))
    else:
        before.received_by, before.channel = file.received_by, file.channel
        before.received_at, before.state = desk.now, State.UNREAD
        to_read(desk, before)
        desk.session.delete(file)
    return False


def _new(
    desk: Desk, actor: Actor, name: str, *, content: bytes, state: State, kind: str = "sheet"
) -> Received:  # fmt: skip
    file = Received(
        kind=kind, name=name.strip()[-80:], content=desk.vault.seal(content, BELONGS), state=state,
        received_at=desk.now, received_by=actor.staff_id, channel=actor.source,
    )  # fmt: skip
    desk.session.add(file)
    desk.session.flush()  # its number is what its trail and its job are named by
    trail.write(desk, subject(file), actor, action="交来文件", detail={"文件": file.name})
    return file


def to_read(desk: Desk, file: Received) -> int:
    desk.ask_later(Job.READ_RECEIVED, file.id)
    return int(file.id)


def twin(desk: Desk, shop_id: int, mark: bytes) -> Received | None:
    """The same file in the same shop, locked. Who asks at the same moment about a file that is new waits for whoever
    asked first."""
    desk.session.execute(_ONE_AT_A_TIME, {"class": _FILE_LOCK, "mark": int.from_bytes(mark[:4], signed=True) ^ shop_id})
    same = select(Received).where(Received.shop_id == shop_id, Received.content_mark == mark)
    return desk.session.scalars(same.with_for_update()).one_or_none()


def begin_again(desk: Desk, before: Received, actor: Actor) -> int:
    """The same file once more: it goes on where it stands. Raises KnownAlready where its orders are here."""
    if before.state in _IMPORTED:
        raise KnownAlready(already(desk, before), before.id)
    before.received_by, before.channel = actor.staff_id, actor.source
    before.received_at, before.state = desk.now, State.UNREAD
    return to_read(desk, before)


def already(desk: Desk, file: Received) -> str:
    new = (file.report or {}).get("new")
    came = f"，新建 {new} 单" if new is not None else ""
    return (
        f"{named(file)}{moment(file.received_at)} 已由{who(desk, file)}导入过{came}。"
        "没有再导入，什么都没有变；改过的表格可以直接再发"
    )


# -- on the way


def refuse(desk: Desk, file: Received, why: str) -> None:
    """It is not read, and whoever sent it hears why."""
    file.state, file.ready_at, file.report = State.REFUSED, None, {**(file.report or {}), "why": why}
    missed = "没有存下" if file.kind == PICTURE else "没有导入"
    tell(desk, file, "refused", f"{named(file)}{missed}：{why}" if named(file) not in why else why)


def make_ready(desk: Desk, file: Received, actor: Actor | None = None) -> None:
    """Its shop is read next, and finds it."""
    slug = desk.session.get_one(Shop, file.shop_id).slug
    file.state, file.ready_at = State.READY, desk.now.replace(microsecond=0)
    if actor is not None:
        trail.write(desk, subject(file), actor, action="开始导入", detail={"文件": file.name})
    desk.ask_later(Job.PULL_SHOP, slug)


def overdue(desk: Desk) -> None:
    """Ask again for what should have been read by now: Redis was away, a worker died, or the cursor was quicker."""
    late = desk.now - _LATE
    for slug in desk.session.scalars(_UNREAD, {"late": late}).all():
        desk.ask_later(Job.PULL_SHOP, slug)
    desk.session.execute(_PASSED, {"now": desk.now.replace(microsecond=0), "late": late})
    waiting = select(Received).where(
        Received.state.in_((State.FETCHING, State.UNREAD)), Received.received_at < late
    )  # fmt: skip
    for file in desk.session.scalars(waiting.order_by(Received.received_at).limit(100)):
        if file.state == State.FETCHING and desk.now - file.received_at > _link_life(desk, file):
            refuse(desk, file, _EXPIRED)
        elif desk.now - file.received_at > _LONGEST:  # it takes its reader down each time
            refuse(desk, file, _UNREADABLE)
        else:
            to_read(desk, file)


def _link_life(desk: Desk, file: Received) -> timedelta:
    if file.kind != PICTURE:
        return LINK_LIFE
    try:
        return _LONGEST if address_of(desk, file).address.startswith(MEDIA) else LINK_LIFE
    except CannotOpen:
        return LINK_LIFE


def locked(desk: Desk, file_id: int, *states: State) -> Received | None:
    """The file, if it stands in one of `states` and nobody else is at it."""
    wanted = select(Received).where(Received.id == file_id, Received.state.in_(states))
    return desk.session.scalars(wanted.with_for_update(skip_locked=True)).one_or_none()


def content_of(desk: Desk, file: Received) -> bytes:
    return desk.vault.open(bytes(file.content), BELONGS)


def tell(desk: Desk, file: Received, occasion: str, words: str) -> None:
    """To whoever sent it in the chat; on the board the file's page says it."""
    if file.channel != "web" and file.received_by is not None:
        key = f"received:{file.id}:{occasion}:{desk.now:%Y%m%d%H%M%S}"
        owe(desk, [Owed(key, "staff", "text", subject(file), str(file.received_by), {"text": words})])


def subject(file: Received) -> str:
    return f"received:{file.id}"


def named(file: Received) -> str:
    return f"「{file.name}」" if file.name else "文件"


def who(desk: Desk, file: Received) -> str:
    found = desk.session.get(Staff, file.received_by) if file.received_by is not None else None
    return found.name if found is not None else "同事"
