"""Private data made safe to show: masks for receivers, and for phone numbers that people write into messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from models import Receiver
from models.narrow import NARROW_DIGITS
from models.vault import phone_digits

_PHONES: Final = re.compile(r"(?<!\d)(1[3-9]\d)([\s-]?)(\d{4})([\s-]?)(\d{4})(?!\d)")
_LANDLINES: Final = re.compile(r"(?<!\d)(0\d{2,3})-?\d{3,4}(\d{4})(?!\d)")


def phones(text: str) -> str:
    """The text with the middle of every phone number hidden."""
    hidden = _PHONES.sub(r"\1****\5", text.translate(NARROW_DIGITS))
    return _LANDLINES.sub(r"\1****\2", hidden)


def name(receiver: Receiver) -> str:
    if receiver.name:
        return receiver.name[0] + "**"
    return receiver.name_mask


def phone(receiver: Receiver) -> str:
    if not receiver.phone:
        return receiver.phone_mask
    digits = phone_digits(receiver.phone)
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-4:]}" if len(digits) >= 7 else "****"


def receiver(region: Sequence[str], of: Receiver) -> str:
    """Masks, then the region, which may be cut: 王** 138****1234 浙江省杭州市西湖区."""
    named = list(dict.fromkeys(part for part in region if part))
    # A municipality stands twice: 上海 上海市.
    places = [part for part, after in zip(named, [*named[1:], ""], strict=False) if not after.startswith(part)]
    return " ".join(part for part in (name(of), phone(of), "".join(places)) if part)
