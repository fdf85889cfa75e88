"""Our courier slugs in WeChat Shop's codes: its own list tells them, by the couriers' names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ingest.couriers import slug_of
from ingest.fields import text


def codes_of(companies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Our slug → `delivery_id`, for the couriers that we know; of two by one name the first."""
    codes: dict[str, str] = {}
    for company in companies:
        code = text(company.get("delivery_id"))
        if code:
            codes.setdefault(slug_of(text(company.get("delivery_name"))), code)
    return codes
