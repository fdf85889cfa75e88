"""Tables, states, transitions. Imports no other room."""

from models.base import Base
from models.case import Case
from models.draft import Draft, Merge, MergeOrder, OrderLink
from models.erp import Erp, ErpCursor, ErpOrder, SkuMap, StockLevel
from models.mailbox import MailboxMark
from models.message import Notification, SeenMessage, SentCard, WriteBack
from models.order import Order, OrderLine, TagCounter, WaitingLine
from models.parcel import Parcel, ParcelEvent
from models.people import Customer, Role, Staff, StaffRole
from models.proof import Arrival, Backfill, OrderRead, Proof
from models.push import Push
from models.received import Headings, Received
from models.running import JobRun, Lease
from models.shop import Authorisation, Cursor, RawPayload, Shop, Stock
from models.stages import Stage, Verb
from models.trail import TrailHead, TrailRow
from models.vault import Receiver, Vault

__all__ = [
    "Arrival",
    "Authorisation",
    "Backfill",
    "Base",
    "Case",
    "Cursor",
    "Customer",
    "Draft",
    "Erp",
    "ErpCursor",
    "ErpOrder",
    "Headings",
    "JobRun",
    "Lease",
    "MailboxMark",
    "Merge",
    "MergeOrder",
    "Notification",
    "Order",
    "OrderLine",
    "OrderLink",
    "OrderRead",
    "Parcel",
    "ParcelEvent",
    "Proof",
    "Push",
    "RawPayload",
    "Received",
    "Receiver",
    "Role",
    "SeenMessage",
    "SentCard",
    "Shop",
    "SkuMap",
    "Staff",
    "StaffRole",
    "Stage",
    "Stock",
    "StockLevel",
    "TagCounter",
    "TrailHead",
    "TrailRow",
    "Vault",
    "Verb",
    "WaitingLine",
    "WriteBack",
]
