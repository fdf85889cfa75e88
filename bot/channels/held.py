"""How the addresses of pictures begin that a platform's media store holds for three days; behind each stands the media
id (wecom.md 2.1, 9.2, 10)."""

from __future__ import annotations

from typing import Final

from handlers.received.received import MEDIA

WECOM: Final = f"{MEDIA}wecom:"
KF: Final = f"{MEDIA}kf:"
WEIXIN: Final = f"{MEDIA}weixin:"
