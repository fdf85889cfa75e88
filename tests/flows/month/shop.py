"""The company that lives through a generated month: its settings, its shelf, a house for it on one chat platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import ingest.courier.kuaidi100.client as courier_client
from ingest.budget import SECOND, Limit
from models import Erp
from sandbox.clock import BEIJING
from sandbox.company import load_company
from sandbox.month_goods import FINANCE_YUAN, FLOOR_YUAN, FLOORED, GIVEN_UP, SHORT, UNMAPPED
from sandbox.month_people import CLOSED
from sandbox.world_goods import GOODS
from tests.flows import chats
from tests.flows import house as building
from tests.flows.house import Document, Ground, House, open_house
from workers import batches, supply

PLENTY: Final = 10**6
HOURS: Final = {"pending_review": 36, "pending_pick": 20, "pending_ship": 20}
"""So long an order may stand in a stage: this company ships within the day, nobody is there at night, and what waits
for goods waits for a day."""
OWN_SHOPS: Final = [
    {"slug": "chat", "platform": "chat", "prefix": "CHAT", "name": "聊天下单"},
    {"slug": "xls", "platform": "sheet", "prefix": "XLS", "name": "表格补录"},
]
"""For what people make and hand in themselves, beside the marketplaces'."""
EDITION: Final = {"calls_per_month": 200_000, "stream_per_month": 50_000}
"""Of DingTalk: the standard edition's calls last such a company for half a month."""
_FAST: Final = (Limit(10_000, SECOND),)
_KEYS: Final = {
    "shipped": ("number", "character_string1", "goods", "thing2", "courier", "thing3", "waybill", "character_string4",
                "time", "time5"),
    "solved": ("number", "character_string1", "result", "phrase2", "time", "time3"),
    "delayed": ("number", "character_string1", "goods", "thing2", "reason", "const3", "deadline", "time4"),
    "refunded": ("number", "character_string1", "goods", "thing2", "amount", "amount3", "time", "time4"),
}  # fmt: skip
TEMPLATES: Final = {
    name: {"id": f"tmpl-{name}-0001", "keys": dict(zip(keys[::2], keys[1::2], strict=True))}
    for name, keys in _KEYS.items()
}


def settings() -> dict[str, Any]:
    """The sections of hub.toml that are this company's own."""
    kuaidi = load_company().kuaidi100
    return {
        "stock": {sku: 0 if sku in {*SHORT, *GIVEN_UP} else PLENTY for sku in GOODS if sku not in UNMAPPED},
        "stale": {f"{stage}_minutes": hours * 60 for stage, hours in HOURS.items()},
        "weixin": {"templates": TEMPLATES},
        "dingtalk": EDITION,
        "parcels": {"jam_from": 100_000},  # whoever lives by the hour ships by the hour: no queue says anything
        "pull": {"first_hours": 1, "every_seconds": 3600},
        "checks": {
            "finance_over_yuan": FINANCE_YUAN, "floors": {FLOORED: FLOOR_YUAN}, "stopped_regions": [CLOSED[1]],
        },
        "courier": {
            "gateway": "{sandbox}/kd100", "detect_gateway": "{sandbox}/kd100", "key": kuaidi.key,
            "customer": kuaidi.customer, "salt": "saltsaltsalt",
        },
    }  # fmt: skip


@contextmanager
def opened(ground: Ground, chat: str) -> Iterator[House]:
    """Whatever waits by the wall's clock alone does not wait here: a month would take a month."""
    made = building.document_for

    def with_own_shops(*given: Any) -> Document:
        document = made(*given)
        return document | {"shops": [*document["shops"], *OWN_SHOPS]}

    told = chats.company_of
    ground.patch.setattr(building, "document_for", with_own_shops)
    ground.patch.setattr(chats, "company_of", lambda mode: told(mode) | {"dingtalk": told(mode)["dingtalk"] | EDITION})
    with open_house(ground, chat=chat, **settings()) as house:
        for module in (supply, batches):
            ground.patch.setattr(module, "hub", lambda: house.hub)
        ground.patch.setattr(courier_client, "_LIMITS", _FAST)
        _counted(house)
        yield house


def _counted(house: House) -> None:
    """Somebody told the stock of all that is sold, once: what is not in it is goods that nobody knows."""
    with house.hub.open_desk() as desk:
        desk.session.add(Erp(slug="count", read_at=desk.now, stock_at=desk.now))


def midnight(house: House) -> datetime:
    """The next one in Beijing: the month begins there."""
    local = house.hub.now().astimezone(BEIJING)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
