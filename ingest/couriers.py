"""Couriers and their numbers as platforms write them."""

from __future__ import annotations

import unicodedata

from models.couriers import find_courier


def slug_of(name: str) -> str:
    """Our slug for a platform's courier name; the name as it came where we do not know it."""
    found = find_courier(name) if name else None
    return found.slug if found else name


def same_waybill(one: str, other: str) -> bool:
    """Whether two spellings are one number: width, case and blanks do not count."""
    return _compact(one) == _compact(other)


def _compact(waybill: str) -> str:
    return "".join(unicodedata.normalize("NFKC", waybill).split()).upper()
