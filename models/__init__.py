"""Tables, states, transitions. Imports no other room."""

from models.audited import AuditedOrder
from models.base import Base
from models.batch import Batch, BatchOrder, OwnReceiver
from models.blacklist import BlacklistEntry, BlacklistMark
from models.case import Case
from models.case_life import ForceAsk, Skill
from models.draft import Draft, Merge, MergeOrder, OrderLink
from models.duty import Absence, Handover, Lead, QuietHours, Shift
from models.erp import Erp, ErpCursor, ErpOrder, SkuMap, StockLevel
from models.field import FieldValue, OwnField
from models.mailbox import MailboxMark
from models.manners import Mute
from models.message import Notification, SeenMessage, SentCard, Urgency, WriteBack
from models.notices import (
    AccountTemplate,
    BindingMiss,
    CustomerCredit,
    CustomerWay,
    KfCursor,
    NoticeEnd,
    NoticeText,
    OptOut,
    RefusedTemplate,
)
from models.order import Order, OrderLine, SkuNeed, TagCounter, WaitingLine
from models.parcel import Parcel, ParcelEvent
from models.people import Customer, Role, Staff, StaffRole
from models.proof import Arrival, Backfill, OrderRead, Proof
from models.push import Push
from models.received import Headings, Received
from models.rule import DryRun, OwnRuleRow, RuleAct, RuleVersion, ShadowHit
from models.running import JobRun, Lease
from models.shop import Authorisation, Cursor, RawPayload, Shop, Stock
from models.stages import Stage, Verb
from models.trail import TrailHead, TrailRow
from models.tuning import Promo, Tuning
from models.usage import Usage
from models.usefulness import Advice, AlertWord
from models.vault import Receiver, Vault

__all__ = [
    "Absence",
    "AccountTemplate",
    "Advice",
    "AlertWord",
    "Arrival",
    "AuditedOrder",
    "Authorisation",
    "Backfill",
    "Base",
    "Batch",
    "BatchOrder",
    "BindingMiss",
    "BlacklistEntry",
    "BlacklistMark",
    "Case",
    "Cursor",
    "Customer",
    "CustomerCredit",
    "CustomerWay",
    "Draft",
    "DryRun",
    "Erp",
    "ErpCursor",
    "ErpOrder",
    "FieldValue",
    "ForceAsk",
    "Handover",
    "Headings",
    "JobRun",
    "KfCursor",
    "Lead",
    "Lease",
    "MailboxMark",
    "Merge",
    "MergeOrder",
    "Mute",
    "NoticeEnd",
    "NoticeText",
    "Notification",
    "OptOut",
    "Order",
    "OrderLine",
    "OrderLink",
    "OrderRead",
    "OwnField",
    "OwnReceiver",
    "OwnRuleRow",
    "Parcel",
    "ParcelEvent",
    "Promo",
    "Proof",
    "Push",
    "QuietHours",
    "RawPayload",
    "Received",
    "Receiver",
    "RefusedTemplate",
    "Role",
    "RuleAct",
    "RuleVersion",
    "SeenMessage",
    "SentCard",
    "ShadowHit",
    "Shift",
    "Shop",
    "Skill",
    "SkuMap",
    "SkuNeed",
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
