"""Detects repeated submissions by a customer's retry: off by default, enabled by the profile.

Rules kept here:
- `reference`: two submit_sm with the same user_message_reference to the same recipient within the time are one;
  `content`: two with the same addresses, coding and octets are. A submit_sm without user_message_reference is never
  a repeat by reference;
- the guard is a row in the message's own unit, as for Idempotency-Key: after a crash between the commit and the
  answer, the customer's retry finds the message with its first id.
"""

from __future__ import annotations

from hashlib import sha256

from onesixty.channels.sms.orders import SendOrder
from onesixty.core.contracts import Write
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.customers.tables import SmppCredential
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.pdu import Pdu
from onesixty.store.contract import Store

#: The `endpoint` of these rows in the table `idempotency`.
ENDPOINT = "smpp"


class SmppGuard:
    """The guard of one submission. Intake takes `lock` and `guard`."""

    __slots__ = ("key", "now_ms", "seconds", "tenant")

    def __init__(self, tenant: Tenant, key: str, seconds: int, now_ms: int) -> None:
        self.tenant = tenant
        self.key = key
        self.seconds = seconds
        self.now_ms = now_ms

    @property
    def lock(self) -> str:
        """The key shared by repeats; units with the same key never share a group."""
        return f"smpp:{self.key}"

    def guard(self, message: Message) -> Write:
        """The conditional insert; it fails if a row exists that has not expired."""
        return "idempotency_insert", (
            self.tenant.account_id,
            int(self.tenant.test),
            ENDPOINT,
            self.key,
            "",
            c.ESME_ROK,
            message.id,
            message.id,
            self.now_ms,
            self.now_ms + self.seconds * 1000,
        )


class Deduplication:
    """Creates guards, and finds the first submission of a repeat."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def guard(self, credential: SmppCredential, pdu: Pdu, now_ms: int) -> SmppGuard | None:
        """The guard of a submission; None if it cannot be a repeat."""
        profile = credential.profile
        digest = sha256()
        if profile.deduplicate == "reference":
            reference = pdu.tlv(tlv.USER_MESSAGE_REFERENCE)
            if reference is None:
                return None
            digest.update(b"reference" + reference)
        else:
            digest.update(b"content%d/%d" % (pdu.number("esm_class"), pdu.number("data_coding")))
            digest.update(pdu.text("source_addr").encode() + b"\0" + pdu.message())
        for tag in (tlv.SAR_MSG_REF_NUM, tlv.SAR_SEGMENT_SEQNUM):
            digest.update(b"\0" + (pdu.tlv(tag) or b""))
        digest.update(b"\0" + pdu.text("destination_addr").encode())
        key = f"{credential.id}:{digest.hexdigest()}"
        return SmppGuard(credential.tenant, key, profile.deduplicate_seconds, now_ms)

    async def first(self, order: SendOrder) -> str | None:
        """The id of the message that was submitted first; None if it no longer exists."""
        guard = order.idempotency
        if not isinstance(guard, SmppGuard):
            return None
        rows = await self._store.fetch(
            "idempotency_find",
            **guard.tenant.params,
            endpoint=ENDPOINT,
            key=guard.key,
            now=guard.now_ms,
        )
        return str(rows[0][-1]) if rows and rows[0][-1] else None
