"""Payments in WeCom chats (企业微信对外收款): each bill is an order that somebody must still ship."""

from ingest.wecom_pay.client import WecomPay

__all__ = ["WecomPay"]
