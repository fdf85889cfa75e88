"""Spreadsheets that people hand in: a shop whose orders stand in files."""

from ingest.sheet.client import Sheet

__all__ = ["Sheet"]
