"""Orders that colleagues make in chat: what they confirmed lies in `drafts`."""

from ingest.chat.client import Chat

__all__ = ["Chat"]
