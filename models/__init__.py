"""Tables, states, transitions. Imports no other room."""

from models.base import Base
from models.batch import Batch, BatchOrder, OwnReceiver
from models.case import Case
from models.draft import Draft, Merge, MergeOrder, OrderLink
from models.duty import Absence, Handover, Lead, QuietHours, Shift
from models.erp import Erp, ErpCursor, ErpOrder, SkuMap, StockLevel
from models.mailbox import MailboxMark
from models.manners import Mute
from models.message import Notification, SeenMessage, SentCard, Urgency, WriteBack
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
from models.tuning import Promo, Tuning
from models.usage import Usage
from models.vault import Receiver, Vault

__all__ = [
    "Absence",
    "Arrival",
    "Authorisation",
    "Backfill",
    "Base",
    "Batch",
    "BatchOrder",
    "Case",
    "Cursor",
    "Customer",
    "Draft",
    "Erp",
    "ErpCursor",
    "ErpOrder",
    "Handover",
    "Headings",
    "JobRun",
    "Lead",
    "Lease",
    "MailboxMark",
    "Merge",
    "MergeOrder",
    "Mute",
    "Notification",
    "Order",
    "OrderLine",
    "OrderLink",
    "OrderRead",
    "OwnReceiver",
    "Parcel",
    "ParcelEvent",
    "Promo",
    "Proof",
    "Push",
    "QuietHours",
    "RawPayload",
    "Received",
    "Receiver",
    "Role",
    "SeenMessage",
    "SentCard",
    "Shift",
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
    "Tuning",
    "Urgency",
    "Usage",
    "Vault",
    "Verb",
    "WaitingLine",
    "WriteBack",
]
