"""Calls to WeChat Shop: JSON to a path per method, with the token that the shop's own secret gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from config import Shop
from ingest.access_token import AccessToken, Api, token_in
from ingest.gate import gate_of
from ingest.http import Wire
from ingest.means import Means
from ingest.source import PlatformError
from ingest.wxshop.errors import FORBIDDEN, error_of
from ingest.wxshop.limits import LIMITS, PARTY

_TOKEN: Final = "/cgi-bin/stable_token"


def open_api(shop: Shop, means: Means) -> Api:
    wire = _Wire(shop.gateway, gate_of(PARTY, shop, means, LIMITS))

    def fetch(alive_too: bool) -> tuple[str, int]:
        """A token that still lives is replaced at most 20 times a day, 30 s apart: the last resort."""
        asked = {
            "grant_type": "client_credential",
            "appid": shop.app_key,
            "secret": shop.app_secret,
            "force_refresh": alive_too,
        }
        with wire.asking(_TOKEN):
            return token_in(wire.post_json(_TOKEN, {}, json.dumps(asked).encode()), error_of)

    name = f"wxshop {shop.gateway} {shop.app_key} {shop.app_secret}"
    return Api(wire, AccessToken(means.redis, name, fetch), error_of)


class _Wire(Wire):
    def post_json(self, path: str, query: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """A caller who is not on the white list gets 403 without an errcode."""
        try:
            return super().post_json(path, query, body)
        except PlatformError as error:
            if error.code != "http-403":
                raise
            raise PlatformError(FORBIDDEN, error.code, error.message) from None
