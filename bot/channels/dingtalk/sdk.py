"""The one place that knows DingTalk's SDK (dingtalk-sdk 1.3.8, import name `dingtalk`). It is loaded by whoever sends
(19 MB), never by who only answers.

Its sources hold escape sequences that newer Pythons warn of, and its log lines hold addresses with tokens and, where a
token cannot be had, the secret: both are kept out here.
"""

from __future__ import annotations

import logging
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from dingtalk.client import AppKeyClient
    from dingtalk.core.exceptions import DingTalkClientException
    from dingtalk.storage import BaseStorage

__all__ = ["AppKeyClient", "BaseStorage", "DingTalkClientException"]

logging.getLogger("dingtalk.client.base").disabled = True
logging.getLogger("dingtalk").setLevel(logging.WARNING)
logging.getLogger("urllib3").setLevel(logging.INFO)
