"""聚水潭 (JST), through its open platform."""

from ingest.erp.jushuitan.client import Jushuitan

__all__ = ["Jushuitan"]
