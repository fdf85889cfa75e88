"""Tables, states, transitions. Imports no other room."""

from models.base import Base
from models.case import Case
from models.message import Notification, SeenMessage, SentCard, WriteBack
from models.order import Order, OrderLine, TagCounter, WaitingLine
from models.people import Customer, Role, Staff, StaffRole
from models.running import JobRun, Lease
from models.shop import Cursor, RawPayload, Shop, Stock
from models.stages import Stage, Verb
from models.trail import TrailHead, TrailRow
from models.vault import Receiver, Vault

__all__ = [
    "Base",
    "Case",
    "Cursor",
    "Customer",
    "JobRun",
    "Lease",
    "Notification",
    "Order",
    "OrderLine",
    "RawPayload",
    "Receiver",
    "Role",
    "SeenMessage",
    "SentCard",
    "Shop",
    "Staff",
    "StaffRole",
    "Stage",
    "Stock",
    "TagCounter",
    "TrailHead",
    "TrailRow",
    "Vault",
    "Verb",
    "WaitingLine",
    "WriteBack",
]
