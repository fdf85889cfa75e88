"""An Incoming together with what its channel needs for the answer."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.incoming import Incoming


@dataclass(frozen=True, slots=True)
class Heard:
    """`task_id`: the pressed card. `response_code`: allows one change of it (wecom_app). `welcome`: somebody opened
    the chat; the platform takes other kinds of answers then. `told`: the sender as the platform names them, with
    capitals, or as an encrypted id. `plain`: what to say to a message that nobody can read. `reply_address`: takes one
    message within the hour (the bot's response_url). `expired`: somebody pressed what no key of ours signed."""

    incoming: Incoming
    task_id: str = ""
    response_code: str = ""
    welcome: bool = False
    told: str = ""
    reply_address: str = ""
    plain: str = ""
    expired: bool = False
