"""字段, for many orders: what a company's own fields of them are."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row

from handlers import mask
from handlers.batches.doing import Act, Doing
from handlers.batches.notes import NOTE
from handlers.fields import setting
from handlers.permissions import Permit


def _hinder(_row: Row[Any], _act: Act) -> str:
    return ""


FIELD: Final = Doing(
    "填字段", Permit("填字段", NOTE.permit.roles), None, _hinder, setting.put, setting.put_back,
    lambda act: f"已填 {mask.phones(act.words)}",
)  # fmt: skip
