"""The life of a draft: somebody begins an order in chat, is asked for what is missing, and confirms it; the chat source
reads it, and it stands. One person has one open draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, select, text

from config import Shop as ShopSettings
from handlers import owe, trail
from handlers.desk import Actor, Desk, Job, Late, Refusal
from handlers.drafts import doubts as drafts_doubts
from handlers.drafts import goods
from handlers.drafts import words as drafts_words
from handlers.permissions import Permit
from handlers.related import chain
from handlers.wording import ORDER_KINDS, moment
from models import Draft, Role
from models.draft import DraftContent, draft_of, opened, seal
from models.stages import OPEN, TITLES, Stage
from models.vault import phone_digits

PLATFORM: Final = "chat"
LIFE: Final = timedelta(minutes=30)
MAKE: Final = Permit("下单", frozenset({Role.SERVICE}))
WHO: Final = ("name", "phone", "region", "address")
"""Questions that a name, a phone and an address together answer."""
NO_SHOP: Final = '还不能在聊天里下单：请管理员在 hub.toml 里加一个 [[shops]]，platform = "chat"'

_SHOP_ID: Final = text("SELECT id FROM shops WHERE slug = :slug")
_SLUG: Final = text("SELECT slug FROM shops WHERE id = :id")
_OVER: Final = text("""
    UPDATE drafts SET state = 'expired', revision = revision + 1
    WHERE state = 'open' AND expires_at <= :now RETURNING id, staff_id, revision
""")
# A confirmed draft whose order does not stand after a while: the source is asked again.
_UNMADE: Final = text("""
    SELECT d.id, d.staff_id, d.confirmed_at, s.slug FROM drafts d JOIN shops s ON s.id = d.shop_id
    WHERE d.state = 'confirmed' AND d.confirmed_at <= :before
""")
_ORIGINAL: Final = text("""
    SELECT id, tag, external_id, shop_id, stage, created_at, receiver, receiver_key, province, city, district, town
    FROM orders WHERE id = :id
""")
_FORGET: Final = text("DELETE FROM drafts WHERE state IN ('cancelled', 'expired') AND created_at < :before")
_KEPT: Final = timedelta(days=7)
_PATIENCE: Final = timedelta(seconds=20)
_TOO_LONG: Final = timedelta(minutes=5)
_MOST_PATIENCE: Final = timedelta(hours=2)  # then the pulls of every ten minutes must do


def shops(desk: Desk) -> list[ShopSettings]:
    """The shops that chat orders can belong to. Raises Refusal where there is none."""
    found = [shop for shop in desk.settings.shops if shop.platform == PLATFORM and shop.enabled]
    if not found:
        raise Refusal(NO_SHOP)
    return found


def begin(desk: Desk, actor: Actor, shop: ShopSettings, content: DraftContent, **made: object) -> Draft:
    """A new draft of `actor`; an open one is given up. `made`: kind, original_order_id."""
    shop_id = desk.session.execute(_SHOP_ID, {"slug": shop.slug}).scalar_one_or_none()
    if shop_id is None:
        raise Refusal(NO_SHOP)
    before = current(desk, actor)
    if before is not None:
        _give_up(desk, before, actor, "下了新单")
    values = {"kind": "normal", **made}
    draft = Draft(
        staff_id=actor.staff_id, shop_id=shop_id, state="open", revision=0, created_at=desk.now,
        expires_at=desk.now + LIFE, content=b"", **values,
    )  # fmt: skip
    change(desk, draft, replace(content, by=actor.name))
    desk.session.add(draft)
    desk.session.flush()  # the trail and the card name its id
    trail.write(desk, f"draft:{draft.id}", actor, action="起草", detail={"类型": ORDER_KINDS[draft.kind] or "新单"})
    return draft


def current(desk: Desk, actor: Actor) -> Draft | None:
    """The open draft of a person, locked; one whose time is over counts no more."""
    mine = select(Draft).where(Draft.staff_id == actor.staff_id, Draft.state == "open")
    draft = desk.session.scalars(mine.with_for_update()).one_or_none()
    if draft is None or draft.expires_at > desk.now:
        return draft
    expire(desk)
    desk.session.expire(draft)
    return None


def question_to(desk: Desk, actor: Actor) -> str | None:
    """What this person's open draft asks, "" where it waits to be confirmed; None where there is none."""
    mine = select(Draft.question).where(Draft.staff_id == actor.staff_id, Draft.state == "open")
    return desk.session.scalar(mine.where(Draft.expires_at > desk.now))


def of_card(desk: Desk, draft_id: int, actor: Actor) -> Draft:
    """The draft that somebody pressed on, locked. Raises Refusal for another's, Late for one that is over."""
    draft = desk.session.scalars(select(Draft).where(Draft.id == draft_id).with_for_update()).one_or_none()
    if draft is None:
        raise Refusal("没有找到这张草稿")
    if draft.staff_id != actor.staff_id:
        raise Refusal("这是别人的草稿，只有本人可以确认；要下单请自己发：新单")
    if draft.state != "open" or draft.expires_at <= desk.now:
        raise Late(f"这张草稿{drafts_words.STATES.get(draft.state, '已过期作废')}")
    return draft


def original(desk: Desk, order_id: int) -> Row[Any]:
    """The order that another one mends, as far as that needs to know it."""
    return desk.session.execute(_ORIGINAL, {"id": order_id}).one()


def to_mend(desk: Desk, order_id: int, kind: str) -> tuple[Row[Any], Row[Any]]:
    """The order that somebody wants to mend, and the one that it mends in turn: itself, if it does not. Raises
    Refusal for one that nobody has paid for."""
    order = original(desk, order_id)
    if order.stage == Stage.UNPAID:
        raise Refusal(f"{order.tag} 还没有付款，不能{ORDER_KINDS[kind]}")
    root = chain.root_of(desk, order_id)
    return order, order if root == order_id else original(desk, root)


def content_of(desk: Desk, draft: Draft) -> DraftContent:
    return opened(desk.vault, draft.content)


def change(desk: Desk, draft: Draft, content: DraftContent) -> None:
    """What is understood now: goods are looked up, the next question is set."""
    content = replace(content, lines=goods.settle(desk, content.lines))
    phone, name = phone_digits(content.receiver.phone), content.receiver.name
    draft.content = seal(desk.vault, content)
    draft.phone_hash = desk.vault.lookup("phone", phone) if phone else None
    draft.name_hash = desk.vault.lookup("name", name) if name else None
    draft.question = drafts_words.next_question(content, draft.kind, draft.original_order_id)
    draft.expires_at = desk.now + LIFE
    draft.revision += 1


def confirm(desk: Desk, draft: Draft, actor: Actor, kind: str = "") -> None:
    """The person says that it is right, and of which kind it is. Raises Late where something is missing still, or is to
    be pointed out first."""
    content = content_of(desk, draft)
    if kind and kind != draft.kind:
        content = _of_kind(desk, draft, content, kind)
    if draft.question:
        raise Late("还缺一项，先回答上面的问题")
    _point_out(desk, draft, content)
    draft.state, draft.confirmed_at = "confirmed", desk.now.replace(microsecond=0)
    draft.revision += 1
    desk.session.flush()  # the job that is asked for reads it
    said = {"类型": ORDER_KINDS[draft.kind] or "普通订单"}
    trail.write(desk, f"draft:{draft.id}", actor, action="确认下单", detail=said)
    owe.owe(desk, [edit(draft.id, draft.revision)])
    ask_for(desk, draft.shop_id)


def _of_kind(desk: Desk, draft: Draft, content: DraftContent, kind: str) -> DraftContent:
    """A doubt is settled: it mends an order, or it does not."""
    doubts = drafts_doubts.of(desk, draft, content)
    original = next((one for one in doubts if not one.twin and one.order_id is not None), None)
    if original is not None:
        draft.original_order_id = original.order_id
        content = replace(content, original_number=original.number, original_tag=original.tag)
    draft.kind = kind
    via = f"，经 {original.via}" if original is not None and original.via else ""
    content = replace(content, evidence=f"{content.by}下单时确认是{ORDER_KINDS[kind]}{via}")
    change(desk, draft, content)
    return content_of(desk, draft)


def _point_out(desk: Desk, draft: Draft, content: DraftContent) -> None:
    """Raises Late, and shows it, for what the person has not seen yet: somebody else may have been quicker."""
    found = tuple(doubt.mark for doubt in drafts_doubts.of(desk, draft, content))
    if set(found) - set(content.seen):
        draft.revision += 1  # its card gets another face and other buttons
        see(desk, draft, content, found)
        raise Late("还有要核对的，请再看一眼")


def see(desk: Desk, draft: Draft, content: DraftContent, marks: Sequence[str]) -> None:
    """These doubts stand on the card that the person gets now."""
    if set(marks) - set(content.seen):
        draft.content = seal(desk.vault, replace(content, seen=tuple(marks)))
        desk.session.flush()  # shown by a statement of its own


def cancel(desk: Desk, draft: Draft, actor: Actor) -> None:
    _give_up(desk, draft, actor, "本人取消")


def _give_up(desk: Desk, draft: Draft, actor: Actor, why: str) -> None:
    draft.state, draft.revision = "cancelled", draft.revision + 1
    desk.session.flush()  # its place is taken by the next one
    trail.write(desk, f"draft:{draft.id}", actor, action="作废", detail={"原因": why})
    owe.owe(desk, [edit(draft.id, draft.revision)], by=actor)


def edit(draft_id: int, revision: int) -> owe.Owed:
    """Bring the draft's cards up to date."""
    return owe.Owed(f"draft:{draft_id}:edit:{revision}", "staff", "edit", f"draft:{draft_id}")


def ask_for(desk: Desk, shop_id: int) -> None:
    desk.ask_later(Job.PULL_SHOP, desk.session.execute(_SLUG, {"id": shop_id}).scalar_one())


def withdraw(desk: Desk, order_id: int, actor: Actor, reason: str) -> None:
    """An order that was made in chat is no more. Raises Refusal for one of a platform, Late for one that left."""
    order = original(desk, order_id)
    draft_id = draft_of(order.external_id)
    draft = desk.session.get(Draft, draft_id, with_for_update=True) if draft_id is not None else None
    if draft is None or draft.shop_id != order.shop_id:
        raise Refusal(f"{order.tag} 是平台的订单，要取消请到平台后台操作，这里会跟着更新")
    if order.stage not in OPEN or draft.withdrawn_at is not None:
        raise Late(f"{order.tag} 现在是{TITLES[Stage(order.stage)]}，不能作废")
    draft.withdrawn_at = desk.now.replace(microsecond=0)
    desk.session.flush()  # the job that is asked for reads it
    trail.write_order(desk, order_id, actor=actor, action="作废", detail={"原因": reason})
    ask_for(desk, draft.shop_id)


def look(desk: Desk) -> None:
    """The clock's look: what was forgotten ends with a word, what was confirmed is asked for until it stands."""
    expire(desk)
    waiting = desk.session.execute(_UNMADE, {"before": desk.now - _PATIENCE}).all()
    for row in waiting:
        if row.confirmed_at > desk.now - _MOST_PATIENCE:
            desk.ask_later(Job.PULL_SHOP, row.slug)
    late = [row for row in waiting if row.confirmed_at <= desk.now - _TOO_LONG]
    owe.owe(desk, [_unmade(row) for row in late])


def forget(desk: Desk) -> None:
    """Whom an order would have gone to is nobody's business any more once it was never made."""
    desk.session.execute(_FORGET, {"before": desk.now - _KEPT})


def _unmade(row: Row[Any]) -> owe.Owed:
    words = f"您 {moment(row.confirmed_at)} 确认的新单还没有建成，会继续自动重试；着急请联系管理员"
    return owe.note(f"draft:{row.id}:unmade", row.staff_id, f"draft:{row.id}", words)


def expire(desk: Desk) -> None:
    owed = []
    for row in desk.session.execute(_OVER, {"now": desk.now}).all():
        subject = f"draft:{row.id}"
        owed += [
            edit(row.id, row.revision),
            owe.note(f"{subject}:expired", row.staff_id, subject, drafts_words.EXPIRED),
        ]
    owe.owe(desk, owed)
