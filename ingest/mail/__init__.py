"""A mailbox: orders that are mailed as text, as a table, or as an attached spreadsheet."""

from ingest.mail.client import Mail

__all__ = ["Mail"]
