"""One card instance: its data, who sees what of it, and the messages that show it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from sandbox.chat_store import Body, Message, Store
from sandbox.dingtalk_templates import Data, Template


@dataclass(frozen=True)
class Place:
    """Where a card was delivered."""

    space_type: str
    space_id: str
    carrier_id: str
    message: Message

    def is_in(self, space_type: str, space_id: str) -> bool:
        return (self.space_type, self.space_id) == (space_type, space_id)


@dataclass(eq=False)
class Card:
    """`private` and `seen` go by the sandbox's userid. `seen` is the public data as one clicker's answer left it."""

    track_id: str
    template: Template
    public: Data
    callback: str = ""  # "", "STREAM" or "HTTP"
    route_key: str = ""
    user_id_type: int = 1
    private: dict[str, Data] = field(default_factory=dict)
    seen: dict[str, Data] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    answering: int = 0  # callbacks that wait for their answer just now
    lock: threading.RLock = field(default_factory=threading.RLock)

    def data_for(self, viewer: str) -> Data:
        return self.seen.get(viewer, self.public) | self.private.get(viewer, {})

    def bodies(self, viewers: list[str], more: Body) -> tuple[Body, dict[str, Body]]:
        """What the public sees, and each viewer's copy."""
        copies = {viewer: self.template.drawing(self.data_for(viewer)) | more for viewer in viewers}
        return self.template.drawing(self.public) | more, copies

    # changes

    def update(self, data: Data, *, by_key: bool) -> None:
        """For everybody, in every place. What one clicker's answer left goes where the update says something."""
        self.public = self.public | data if by_key else data
        self.seen = {viewer: seen | data for viewer, seen in self.seen.items()} if by_key else {}

    def update_private(self, viewer: str, data: Data, *, by_key: bool) -> None:
        self.private[viewer] = self.private.get(viewer, {}) | data if by_key else data

    def update_seen(self, viewer: str, data: Data, *, by_key: bool) -> None:
        """For the clicker alone."""
        self.seen[viewer] = self.seen.get(viewer, self.public) | data if by_key else data

    def problems(self) -> list[str]:
        """What the template cannot show of the data as they are now, to anybody."""
        views = [self.public, *map(self.data_for, {*self.private, *self.seen})]
        found = [why for view in views for why in self.template.drawing(view)["problems"]]
        return [f"card {self.track_id}: {why}" for why in dict.fromkeys(found)]

    def redraw(self, store: Store) -> None:
        for place in self.places:
            viewers = store.viewers(place.message.chat)
            more = {name: place.message.body[name] for name in ("at", "preview", "track_id")}
            body, copies = self.bodies(viewers, more)

            def change(message: Message, body: Body = body, copies: dict[str, Body] = copies) -> None:
                message.body = body
                message.copies = copies

            store.change(place.message, change)
