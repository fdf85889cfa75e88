"""WeChat Shop (微信小店), called with the shop's own AppID and AppSecret."""

from ingest.wxshop.client import Wxshop

__all__ = ["Wxshop"]
