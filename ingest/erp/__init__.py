"""ERPs that keep a company's stock and ship its orders. Each folder beside this file is one of them."""

from __future__ import annotations

from typing import Final, Protocol

from config import Erp as ErpSettings
from ingest.erp.jushuitan import Jushuitan
from ingest.erp.source import Erp
from ingest.erp.wangdian import Wangdian
from ingest.means import Means

__all__ = ["ERPS", "Erp", "Factory", "UnknownErp"]


class Factory(Protocol):
    """(its settings, what it may use) → its client. `needs` as in Erp."""

    needs: tuple[str, ...]

    def __call__(self, settings: ErpSettings, means: Means, /) -> Erp: ...


class UnknownErp(LookupError):
    """An ERP that nobody has written. The text names the folder to add."""


class _Erps(dict[str, Factory]):
    def __missing__(self, kind: str) -> Factory:
        raise UnknownErp(
            f"no ERP {kind!r}: add the folder ingest/erp/{kind}/ and its line to ERPS in ingest/erp/__init__.py, or "
            f"name one of {', '.join(self)}"
        )


ERPS: Final[dict[str, Factory]] = _Erps(
    {
        "jushuitan": Jushuitan,
        "wangdian": Wangdian,
    }
)
