"""Tells which messages a pause of an account, a sender or a route keeps out of the lanes (`pauses`)."""

from __future__ import annotations

import msgspec

from onesixty.core.message import Message


class Halts(msgspec.Struct, frozen=True):
    """The paused accounts, senders and routes."""

    accounts: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()

    def hold(self, message: Message) -> bool:
        """Whether the message has to wait outside the lanes."""
        return (
            message.account_id in self.accounts
            or message.sender in self.senders
            or message.route_id in self.routes
        )
