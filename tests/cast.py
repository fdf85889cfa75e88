"""The people of the stories: 小李 (客服), 老王 (仓库), 赵姐 (采购), 陈姐 (主管), and an outsider whom nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from handlers.desk import Actor
from models import Role, Staff, StaffRole


@dataclass(frozen=True)
class Member:
    name: str
    userid: str
    role: Role


XIAOLI: Final = Member("小李", "xiaoli", Role.SERVICE)
LAOWANG: Final = Member("老王", "laowang", Role.WAREHOUSE)
ZHAOJIE: Final = Member("赵姐", "zhaojie", Role.PURCHASING)
CHENJIE: Final = Member("陈姐", "chenjie", Role.SUPERVISOR)
OUTSIDER: Final = "waiguan"

EVERYBODY: Final = (XIAOLI, LAOWANG, ZHAOJIE, CHENJIE)


@dataclass(frozen=True)
class Cast:
    """Everybody as actors, already in the staff table."""

    xiaoli: Actor
    laowang: Actor
    zhaojie: Actor
    chenjie: Actor

    def __iter__(self) -> Iterator[Actor]:
        return iter((self.xiaoli, self.laowang, self.zhaojie, self.chenjie))


def hire(session: Session, member: Member, source: str = "wecom_bot") -> Actor:
    """Put one member into the staff table; the actor that they are when they write."""
    roles = [StaffRole(role=str(member.role))]
    staff = Staff(name=member.name, wecom_userid=member.userid, dingtalk_userid=f"dt-{member.userid}", role_rows=roles)
    session.add(staff)
    session.flush()
    return Actor(member.name, frozenset({member.role}), staff.id, source)


def hire_all(session: Session) -> Cast:
    return Cast(*(hire(session, member) for member in EVERYBODY))
