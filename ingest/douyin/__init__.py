"""Douyin (抖店), through its open platform."""

from ingest.douyin.client import Douyin

__all__ = ["Douyin"]
