"""Sends answers to customers' requests, and counts them by command and status."""

from __future__ import annotations

from typing import Any

from onesixty.customers.binds import Bind
from onesixty.kit.observer import Observer
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu


class Answers:
    """Answers requests of binds."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def answer(self, bind: Bind, pdu: Pdu, status: int, message_id: str | None = None) -> None:
        """Answer a request with a status and, if it created something, its id."""
        self.reply(bind, pdu, status, None if message_id is None else {"message_id": message_id})

    def reply(self, bind: Bind, pdu: Pdu, status: int, fields: dict[str, Any] | None) -> None:
        """Answer a request with further fields."""
        self._observer.smpp_request(pdu.name, c.status_name(status))
        bind.connection.respond(pdu, status, fields)
