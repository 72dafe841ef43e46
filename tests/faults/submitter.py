"""An SMPP customer who submits each of his messages until it was answered."""

from __future__ import annotations

from onesixty import text
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from tests.support.customer import Customer


class Submitter:
    """What the customer wants to submit: again and again until each was answered. His profile deduplicates by
    reference, or the same message twice would be two."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self.wanted: dict[tuple[str, int], bytes] = {}
        self.ids: dict[tuple[str, int], str] = {}

    def want(self, to: str, payload: bytes, number: int = 0) -> None:
        self.wanted[to, number] = payload

    async def submit_all(self) -> bool:
        """Submit what has no answer yet; whether all has."""
        for (to, number), payload in list(self.wanted.items()):
            if (to, number) in self.ids:
                continue
            udh = text.concat_udh(5, 2, number) if number else b""
            try:
                self.ids[to, number] = await self.customer.submit(
                    to, udh + payload, (tlv.USER_MESSAGE_REFERENCE, b"\0\1"),
                    esm_class=c.ESM_UDHI if udh else 0,
                )  # fmt: skip
            except Exception:  # cut off or refused; what became of it nobody knows
                return False
        return True
