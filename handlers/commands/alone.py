"""Words that stand alone and are no command: 确认 and 取消 answer one's open question, 完成 lacks its matter, and 好的
wants no answer but a kind one."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import text

from handlers import actions, parse, permissions
from handlers.batches import store
from handlers.batches.verbs import BATCHES
from handlers.desk import Actor, Desk, Refusal
from handlers.drafts import drafts
from handlers.kinds import title_of
from handlers.parse import Asked
from handlers.views import TextView
from models.case import short_code

_YES: Final = frozenset(("确认", "确定"))
_NO: Final = frozenset(("取消", "不要", "算了", "不用", "不用了"))
_PERHAPS: Final = frozenset(("是", "是的", "好", "好的", "好了", "可以", "行", "ok"))
_KIND: Final = re.compile(
    r"好[的嘞滴呀啊]*|行|可以|ok|收到|知道了?|明白了?|嗯+|哦+|(?:太)?谢+(?:谢|你|您|啦|了)*|多谢|辛苦(?:了|啦)?"
    r"|[你您]好|在吗|早(?:上好)?|晚安|哈哈+",
    re.IGNORECASE,
)
_OF_FIELDS: Final = re.compile(r"[\u4e00-\u9fff]\w{0,11} *=")
_ENDS: Final = " 。.!！~～…，,"
_MOST: Final = 3

_OPEN: Final = text("""
    SELECT id, verb, said FROM batches WHERE state = 'asked' AND asked_by = :me AND asked_at > :since
    ORDER BY id DESC LIMIT 5
""")
_OTHERS: Final = text("""
    SELECT id, verb, said FROM batches WHERE state = 'asked' AND asked_at > :since ORDER BY id DESC LIMIT 5
""")
# Whether a question about many orders was asked after the last word about an order that is being made.
_NEWER: Final = text("""
    SELECT EXISTS (
        SELECT FROM batches b JOIN drafts d ON d.staff_id = b.asked_by AND d.state = 'open' AND d.expires_at > :now
        WHERE b.state = 'asked' AND b.asked_by = :me AND b.asked_at > :since
            AND b.asked_at > d.expires_at - cast(:life AS interval))
""")
_MINE: Final = text("""
    SELECT id, kind, evidence FROM cases WHERE owner_id = :me AND state IN ('open', 'claimed') ORDER BY id DESC LIMIT 4
""")


def answer(desk: Desk, line: str, actor: Actor) -> Asked | TextView | None:
    """What such a word asks for, or the answer to it; None for any other line. Raises Refusal where it is not clear
    what is meant."""
    word = _word(line)
    if word in _YES | _NO | _PERHAPS and (found := _to_a_question(desk, word, actor)) is not None:
        return found
    if _KIND.fullmatch(word):
        return TextView("好的。有事请直接说，例如：我的、看板、查 001；发「帮助」看全部")
    if _OF_FIELDS.search(word) and parse.references(word, many=True)[0]:
        return Asked("field", parse.normal(line))  # JD-20251222-001 礼盒=是
    verb = parse.case_verb(word, actions.words())
    if verb is not None and not verb.rest:
        raise Refusal(_which_matter(desk, word, actor))
    return None


def answers_newer(desk: Desk, line: str, actor: Actor) -> bool:
    """Whether 确认 or 取消 belongs to a question about many orders, and not to the order that is being made."""
    if _word(line) not in _YES | _NO:
        return False
    values = {"me": actor.staff_id, "now": desk.now, "since": desk.now - store.LIFE, "life": drafts.LIFE}
    return bool(desk.session.execute(_NEWER, values).scalar_one())


def _word(line: str) -> str:
    return parse.normal(line).strip(_ENDS).lower()


def _to_a_question(desk: Desk, word: str, actor: Actor) -> Asked | None:
    """Only the asker's own question, and only where there is one; of several it must be said which."""
    found = desk.session.execute(_OPEN, {"me": actor.staff_id, "since": desk.now - store.LIFE}).all()
    if not found:
        if word in _PERHAPS:
            return None
        raise Refusal(_nothing_asked(desk, word, actor))
    said = "取消" if word in _NO else "确认"
    if len(found) == 1 and word not in _PERHAPS:
        return Asked("batch", f"{found[0].id} {said}")
    named = "、".join(
        f"{store.code_of(one.id)} {BATCHES[one.verb].title} {one.said.get('total', 0)} 单" for one in found[:_MOST]
    )
    raise Refusal(f"等您答复的有：{named}。请写批次号，例如：{store.code_of(found[0].id)} {said}")


def _nothing_asked(desk: Desk, word: str, actor: Actor) -> str:
    """A colleague's question is answered by its number."""
    others = desk.session.execute(_OTHERS, {"since": desk.now - store.LIFE}).all()
    theirs = next((one for one in others if permissions.allowed(BATCHES[one.verb].permit, actor)), None)
    if theirs is None:
        return f"现在没有等您{word}的事。问过的可能过期了（批量 10 分钟，新单 30 分钟），请重新发一次"
    code, said = store.code_of(theirs.id), "取消" if word in _NO else "确认"
    asked = f"{BATCHES[theirs.verb].title} {theirs.said.get('total', 0)} 单"
    return f"现在没有您自己问的事。{theirs.said.get('asker', '')}问的 {code}（{asked}）请发：{code} {said}"


def _which_matter(desk: Desk, word: str, actor: Actor) -> str:
    mine = desk.session.execute(_MINE, {"me": actor.staff_id}).all()
    if not mine:
        return f"{word}哪一件？请写短码，例如：A7F2 {word}；也可以直接回复那张卡片。发「异常」看有哪些"
    named = "、".join(f"{short_code(one.id)} {title_of(one.kind, one.evidence)}" for one in mine[:_MOST])
    more = "等" if len(mine) > _MOST else ""
    return f"{word}哪一件？您手上有 {named}{more}。请发：{short_code(mine[0].id)} {word}；也可以直接回复那张卡片"
