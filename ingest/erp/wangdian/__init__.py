"""旺店通 (WDT), through its open platform."""

from ingest.erp.wangdian.client import Wangdian

__all__ = ["Wangdian"]
