"""What the bot keeps in Redis is sealed with the hub's own keys."""

from __future__ import annotations

import base64

from config import Settings
from models import Vault


def vault_of(settings: Settings) -> Vault:
    keys = settings.security
    opened = {number: base64.b64decode(key) for number, key in keys.data_keys.items()}
    return Vault(opened, keys.data_key_id, base64.b64decode(keys.lookup_key), base64.b64decode(keys.trail_key))
