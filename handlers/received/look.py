"""What a first look at a file leads to: it is read, or people are asked of which shop it is, what its columns are."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final, Protocol

from sqlalchemy import select

from handlers import permissions
from handlers.desk import Actor, Desk, Refusal
from handlers.received import received
from handlers.received.headings import example
from models import Received, Shop
from models.fields import title
from models.received import State

BELONGS: Final = b"received.look"
LARGE: Final = 1000  # rows: whoever sent so many hears that they are being read


class Looked(Protocol):
    """What a reader says of a table (ingest/sheet/look.py). `columns`: (heading, field or "")."""

    @property
    def kind(self) -> str: ...
    @property
    def mark(self) -> bytes: ...
    @property
    def columns(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def missing(self) -> tuple[str, ...]: ...
    @property
    def sample(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def rows(self) -> int: ...
    @property
    def whole_address(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Look:
    """The same, as it is kept with the file, sealed: the sample is somebody's."""

    kind: str
    mark: bytes
    columns: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    rows: int
    whole_address: bool = False

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(name for name, field in self.columns if not field)


def keep(desk: Desk, file: Received, look: Looked) -> Look:
    kept = Look(
        look.kind, look.mark, look.columns, look.missing, look.sample, look.rows, look.whole_address
    )  # fmt: skip
    written = json.dumps({**asdict(kept), "mark": kept.mark.hex()}, ensure_ascii=False)
    file.look = desk.vault.seal(written.encode(), BELONGS)
    return kept


def look_of(desk: Desk, file: Received) -> Look | None:
    if file.look is None:
        return None
    said = json.loads(desk.vault.open(bytes(file.look), BELONGS))
    return Look(
        said["kind"], bytes.fromhex(said["mark"]), tuple((name, field) for name, field in said["columns"]),
        tuple(said["missing"]), tuple(map(tuple, said["sample"])), said["rows"], said["whole_address"],
    )  # fmt: skip


def looked(desk: Desk, file: Received, look: Looked) -> None:
    """A worker has looked at it."""
    kept = keep(desk, file, look)
    if file.shop_id is None:
        names = "、".join(shop.name for shop in received.shops(desk))
        if not names:
            received.refuse(desk, file, received.NO_SHOP)
            return
        file.state = State.CHOOSING
        received.tell(
            desk, file, "choosing",
            f"{received.named(file)}（{kept.rows} 行）导入到哪个店？请回复：导入 店名\n可以选：{names}",
        )  # fmt: skip
        return
    go_on(desk, file, kept)


def go_on(desk: Desk, file: Received, look: Look) -> None:
    if look.missing:
        file.state = State.MAPPING
        received.tell(desk, file, "columns", question(file, look))
    elif file.channel == "web":
        file.state = State.PREVIEW
    else:
        if look.rows >= LARGE:
            received.tell(desk, file, "reading", f"{received.named(file)}共 {look.rows} 行，正在导入…")
        received.make_ready(desk, file)


def question(file: Received, look: Look) -> str:
    """Which columns are not known, and what is asked."""
    lacks = "、".join(title(field) for field in look.missing)
    seen = "、".join(look.unknown[:12])
    known = f"表头 {seen} 不认识，" if seen else ""
    return (
        f"{received.named(file)}（{look.rows} 行）还没有导入：{known}还缺「{lacks}」。\n"
        f"请回复哪一列是什么，例如：\n{example(look.unknown, look.missing)}\n"
        "不用的列不必写；表里真没有这一列的话，请补上再发。说过一次就记住了"
    )


def choose(desk: Desk, actor: Actor, name: str) -> str:
    """`导入 店名`: of which shop the file is that the actor sent last. Raises Refusal."""
    permissions.check(desk, received.PERMIT, actor)
    file = latest(desk, actor, State.CHOOSING)
    if file is None:
        raise Refusal("没有等着选店的文件。要导入表格，请直接把文件发给机器人，或在看板的「导入」页上传")
    return choose_for(desk, file, actor, name)


def choose_for(desk: Desk, file: Received, actor: Actor, name: str) -> str:
    """Of which shop `file` is. Raises Refusal."""
    permissions.check(desk, received.PERMIT, actor)
    if file.state != State.CHOOSING:
        raise Refusal("这个文件已经选过店了，请刷新页面看看")
    shop = _named(desk, name)
    look = look_of(desk, file)
    if look is None or not received.belongs(desk, file, shop.id):
        return f"{received.named(file)}以前发过，见刚才的消息"
    go_on(desk, file, look)
    said = "，正在导入" if file.state == State.READY else ""
    return f"{received.named(file)}导入到{shop.name}{said}"


def _named(desk: Desk, name: str) -> Shop:
    known = received.shops_or_refuse(desk)
    exact = [shop for shop in known if name in (shop.name, shop.slug)]
    found = exact or [shop for shop in known if name and name in shop.name]
    if len(found) != 1:
        raise Refusal(f"请写清楚店名，可以选：{'、'.join(shop.name for shop in known)}")
    return found[0]


def latest(desk: Desk, actor: Actor, state: State) -> Received | None:
    """What the actor handed in last and stands in `state`, locked."""
    wanted = select(Received).where(Received.received_by == actor.staff_id, Received.state == state)
    return desk.session.scalars(wanted.order_by(Received.id.desc()).limit(1).with_for_update()).one_or_none()


def start(desk: Desk, file: Received, actor: Actor) -> None:
    """The preview is right: import it. Raises Refusal."""
    permissions.check(desk, received.PERMIT, actor)
    look = look_of(desk, file)
    if look is None or look.missing or file.state not in (State.PREVIEW, State.MAPPING):
        raise Refusal("这个文件现在不能导入，请刷新页面看看")
    received.make_ready(desk, file, actor)
