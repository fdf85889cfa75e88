"""Pinduoduo, through its open platform (POP)."""

from ingest.pdd.client import Pdd

__all__ = ["Pdd"]
