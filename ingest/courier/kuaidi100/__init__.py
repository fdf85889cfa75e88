"""快递100: one interface to all couriers."""

from ingest.courier.kuaidi100.client import Kuaidi100
from ingest.courier.kuaidi100.push import ACCEPTED, REFUSED, receive

__all__ = ["ACCEPTED", "REFUSED", "Kuaidi100", "receive"]
