"""JD's marketplace for merchants who ship themselves, through JOS."""

from ingest.jd.client import Jd

__all__ = ["Jd"]
