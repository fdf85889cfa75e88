"""Raw records that are kept because nobody could read them: found, read again by a better parser, solved."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.session import vault_of
from models.vault import CannotOpen

log = structlog.get_logger()

_ANY_ROW: Final = 2**63 - 1


class Kept(NamedTuple):
    """A row of raw_payloads with a problem; `raw` is the record's canonical JSON, `mark` its fingerprint in a list."""

    id: int
    external_id: str
    mark: bytes
    raw: bytes
    problem: str


@dataclass(slots=True)
class Standing:
    """How records of a list stand: `unchanged` as orders, `unread` kept in this very version."""

    unchanged: set[str] = field(default_factory=set)
    unread: dict[str, Kept] = field(default_factory=dict)


_STANDING: Final = text("""
    SELECT external_id, content_hash, NULL::int8 AS id, NULL::bytea AS payload, NULL AS problem FROM orders
    WHERE shop_id = :shop AND external_id = ANY(:ids)
    UNION ALL SELECT external_id, content_hash, id, payload, problem FROM raw_payloads
    WHERE shop_id = :shop AND external_id = ANY(:ids) AND problem IS NOT NULL
""")
_UNREAD: Final = text("""
    SELECT external_id, content_hash, id, payload, problem FROM raw_payloads
    WHERE shop_id = :shop AND id > :after AND problem IS NOT NULL ORDER BY id LIMIT :many
""")
_SOLVE: Final = text("""
    UPDATE raw_payloads kept SET problem = NULL
    FROM unnest(CAST(:ids AS text[]), CAST(:newest AS int8[])) AS read (external_id, newest)
    WHERE kept.shop_id = :shop AND kept.problem IS NOT NULL
        AND kept.external_id = read.external_id AND kept.id <= read.newest
""")
_ANY: Final = text("SELECT EXISTS (SELECT FROM raw_payloads WHERE shop_id = :shop AND problem IS NOT NULL)")
_SAME: Final = text(
    "SELECT external_id, content_hash FROM raw_payloads WHERE shop_id = :shop AND external_id = ANY(:ids)"
)


def standing(session: Session, shop_id: int, marks: Mapping[str, bytes]) -> Standing:
    """How the records with these platform numbers and fingerprints stand; those that are new are in neither."""
    found = Standing()
    for row in session.execute(_STANDING, {"shop": shop_id, "ids": list(marks)}):
        external_id, mark, row_id = row[0], row[1], row[2]
        if marks[external_id] != bytes(mark):
            continue
        if row_id is None:
            found.unchanged.add(external_id)
        elif (kept := _opened(session, row)) is not None:
            found.unread[external_id] = kept
    return found


def unread(session: Session, shop_id: int, *, after: int, many: int) -> tuple[list[Kept], int]:
    """The next kept records of a shop, oldest first, and the row up to which that is; 0 where there are no more."""
    rows = session.execute(_UNREAD, {"shop": shop_id, "after": after, "many": many}).all()
    opened = [kept for row in rows if (kept := _opened(session, row)) is not None]
    return opened, rows[-1].id if rows else 0


def solve(session: Session, shop_id: int, read: Sequence[tuple[str, int | None]]) -> None:
    """These orders stand: (platform number, row that was read or None for a record of now). What was kept of them up
    to there needs nobody any more; a later version that is still unread does."""
    newest: dict[str, int] = {}
    for external_id, row_id in read:
        newest[external_id] = max(newest.get(external_id, 0), _ANY_ROW if row_id is None else row_id)
    # Where nothing is kept, which is nearly always, the numbers stay here.
    if newest and session.execute(_ANY, {"shop": shop_id}).scalar_one():
        session.execute(_SOLVE, {"shop": shop_id, "ids": list(newest), "newest": list(newest.values())})


def versions(session: Session, shop_id: int, ids: Sequence[str]) -> set[tuple[str, bytes]]:
    """(platform number, fingerprint) of every version that is kept of these records."""
    found = session.execute(_SAME, {"shop": shop_id, "ids": list(ids)})
    return {(external_id, bytes(mark)) for external_id, mark in found}


def _opened(session: Session, row: Any) -> Kept | None:
    """None, and a line in the log, for a row whose key is gone or that is damaged: the others must go on."""
    try:
        raw = zlib.decompress(vault_of(session).open(bytes(row.payload), b"raw_payloads.payload"))
    except (CannotOpen, zlib.error):
        log.warning("kept_record_does_not_open", row=row.id)
        return None
    return Kept(row.id, row.external_id, bytes(row.content_hash), raw, row.problem)
