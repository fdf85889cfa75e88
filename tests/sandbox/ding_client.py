"""DingTalk's official Stream client (PyPI `dingtalk-stream`) in a process of its own, as its documents use it.

`python -m tests.sandbox.ding_client KEY SECRET` writes one JSON line for each callback it handled; the environment
names the endpoint.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any

import dingtalk_stream
from dingtalk_stream import AckMessage, CallbackHandler, CallbackMessage, ChatbotMessage

Ack = tuple[int, Any]


def tell(kind: str, told: Any) -> None:
    sys.stdout.write(json.dumps({"kind": kind, "told": told}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Messages(CallbackHandler):  # type: ignore[misc]
    async def process(self, callback: CallbackMessage) -> Ack:
        message = ChatbotMessage.from_dict(callback.data)
        tell("message", {"text": message.text.content, "who": message.sender_staff_id, "id": message.message_id})
        return AckMessage.STATUS_OK, "OK"


class Cards(CallbackHandler):  # type: ignore[misc]
    async def process(self, callback: CallbackMessage) -> Ack:
        pressed = dingtalk_stream.CardCallbackMessage.from_dict(callback.data)
        tell("card", {"track": pressed.card_instance_id, "who": pressed.user_id, "content": pressed.content})
        answer = {
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "cardData": {"cardParamMap": {"done_text": "已认领"}},
            "userPrivateData": {"cardParamMap": {"note": "只有你看到"}},
        }
        return AckMessage.STATUS_OK, answer


def main() -> None:
    logging.getLogger("dingtalk_stream.client").setLevel(logging.ERROR)
    credential = dingtalk_stream.Credential(sys.argv[1], sys.argv[2])
    client = dingtalk_stream.DingTalkStreamClient(credential)
    client.register_callback_handler(ChatbotMessage.TOPIC, Messages())
    client.register_callback_handler(CallbackHandler.TOPIC_CARD_CALLBACK, Cards())
    asyncio.run(client.start())


if __name__ == "__main__":
    main()
