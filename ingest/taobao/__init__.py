"""Taobao and Tmall, through the open platform's classic gateway (TOP)."""

from ingest.taobao.client import Taobao

__all__ = ["Taobao"]
