"""What was read of an order before, as it is kept sealed."""

from __future__ import annotations

import zlib
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from ingest.canonical import read_json
from models.session import vault_of
from models.vault import CannotOpen

_KEPT: Final = text("""
    SELECT r.payload FROM raw_payloads r JOIN shops s ON s.id = r.shop_id
    WHERE s.slug = :slug AND r.external_id = :number ORDER BY r.id DESC LIMIT 6
""")


def kept_bodies(session: Session, slug: str, external_id: str) -> list[dict[str, Any]]:
    """The bodies of its last records, the newest first; one whose key is gone is left out."""
    payloads = session.scalars(_KEPT, {"slug": slug, "number": external_id}).all()
    return [body for payload in payloads if (body := _opened(session, payload)) is not None]


def _opened(session: Session, payload: bytes) -> dict[str, Any] | None:
    try:
        opened = vault_of(session).open(bytes(payload), b"raw_payloads.payload")
        body: dict[str, Any] = read_json(zlib.decompress(opened))
    except (CannotOpen, zlib.error):
        return None
    return body
