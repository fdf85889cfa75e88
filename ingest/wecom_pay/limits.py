"""Who is called for bills. WeCom states no figure for them: it says when it is enough."""

from __future__ import annotations

from typing import Final

from ingest.gate import Party

PARTY: Final = Party("wecom_pay", "企业微信对外收款接口")
