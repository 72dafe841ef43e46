"""Tells which messages a pause of an account, a sender, a route or a country keeps out of the lanes (`pauses`)."""

from __future__ import annotations

import msgspec

from onesixty.core.message import Message


class Halts(msgspec.Struct, frozen=True):
    """The paused accounts, senders, routes and countries of recipients."""

    accounts: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()

    def hold(self, message: Message) -> bool:
        """Whether the message has to wait outside the lanes."""
        return (
            message.account_id in self.accounts
            or message.sender in self.senders
            or message.route_id in self.routes
            or message.country in self.countries
        )
