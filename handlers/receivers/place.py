"""Who gets a parcel and where, as one value: taken from an order, sealed beside it, written back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import mask
from handlers.desk import Desk
from handlers.gather import receiver_of
from models import Receiver, Vault
from models.vault import phone_digits

_BELONGS: Final = b"own_receivers"
_WRITE: Final = text("""
    UPDATE orders SET receiver = :receiver, province = :province, city = :city, district = :district, town = :town,
        phone_hash = :phone, phone_tail_hash = :tail, name_hash = :name, receiver_key = ''
    WHERE id = :id
""")


@dataclass(frozen=True, slots=True)
class Place:
    receiver: Receiver
    province: str
    city: str
    district: str
    town: str

    @property
    def region(self) -> tuple[str, str, str, str]:
        return self.province, self.city, self.district, self.town

    def masked(self) -> str:
        """Without anybody's name, number or door."""
        return mask.receiver(self.region, self.receiver)


def of_row(vault: Vault, row: Row[Any]) -> Place:
    """Of a row with receiver, province, city, district, town."""
    return Place(receiver_of(vault, row.receiver), row.province, row.city, row.district, row.town)


def seal(vault: Vault, place: Place) -> bytes:
    return vault.seal(json.dumps(asdict(place), ensure_ascii=False).encode(), _BELONGS)


def opened(vault: Vault, sealed: bytes) -> Place:
    """Raises CannotOpen."""
    values = json.loads(vault.open(sealed, _BELONGS))
    return Place(**{**values, "receiver": Receiver(**values["receiver"])})


def write(desk: Desk, order_id: int, place: Place) -> None:
    """Into the order, findable by its new phone and name. The source's own id of who gets it is none any more."""
    phone, hashed = phone_digits(place.receiver.phone), desk.vault.lookup
    tail = phone[-4:] if len(phone) >= 4 else ""
    desk.session.execute(_WRITE, {
        "id": order_id, "receiver": desk.vault.seal_receiver(place.receiver), "province": place.province,
        "city": place.city, "district": place.district, "town": place.town,
        "phone": hashed("phone", phone) if phone else None, "tail": hashed("tail", tail) if tail else None,
        "name": hashed("name", place.receiver.name) if place.receiver.name else None,
    })  # fmt: skip
