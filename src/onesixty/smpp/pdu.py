"""The PDU as a value: header, mandatory fields by name, TLVs raw.

Fields that are absent read as their kind's zero ("" or 0 or b""), as they do on the wire of an
error response without a body.
"""

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import FieldValue, ListItem
from onesixty.smpp.layouts import command_name


class Pdu:
    """One PDU. `sequence` 0 means not yet assigned; a session assigns it."""

    __slots__ = ("command_id", "command_status", "fields", "sequence", "tlvs")

    def __init__(
        self,
        command_id: int,
        command_status: int = 0,
        sequence: int = 0,
        fields: dict[str, FieldValue] | None = None,
        tlvs: tuple[tlv.Tlv, ...] = (),
    ) -> None:
        self.command_id = command_id
        self.command_status = command_status
        self.sequence = sequence
        self.fields: dict[str, FieldValue] = {} if fields is None else fields
        self.tlvs = tlvs

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Pdu)
            and self.command_id == other.command_id
            and self.command_status == other.command_status
            and self.sequence == other.sequence
            and self.fields == other.fields
            and self.tlvs == other.tlvs
        )

    # A mutable value that is compared by content is not hashable.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        # Names only: bodies and passwords do not belong in logs.
        return f"<{self.name} {c.status_name(self.command_status)} sequence={self.sequence}>"

    @property
    def name(self) -> str:
        """The name of the command."""
        return command_name(self.command_id)

    @property
    def is_response(self) -> bool:
        """Whether this is a response or a generic_nack."""
        return self.command_id >= c.RESPONSE_BIT

    @property
    def tolerated(self) -> tuple[str, ...]:
        """What did not keep to the layout, in words: nothing, unless it was read leniently (`reading`)."""
        return ()

    def text(self, name: str) -> str:
        """A C-string field; "" if absent."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """An integer field; 0 if absent."""
        value = self.fields.get(name, 0)
        return value if isinstance(value, int) else 0

    def octets(self, name: str) -> bytes:
        """An octet field; empty if absent."""
        value = self.fields.get(name, b"")
        return value if isinstance(value, bytes) else b""

    def items(self, name: str) -> tuple[ListItem, ...]:
        """A list field (dest_address, unsuccess_sme); empty if absent."""
        value = self.fields.get(name, ())
        return value if isinstance(value, tuple) else ()

    def tlv(self, tag: int) -> bytes | None:
        """The octets of the first TLV with this tag."""
        for found, raw in self.tlvs:
            if found == tag:
                return raw
        return None

    def tlv_int(self, tag: int) -> int | None:
        """A TLV as an unsigned integer of whatever width it came in (1 to 8 octets), else None."""
        raw = self.tlv(tag)
        return int.from_bytes(raw, "big") if raw is not None and 0 < len(raw) <= 8 else None

    def tlv_text(self, tag: int) -> str | None:
        """A TLV as a string up to its NUL, which may be missing."""
        raw = self.tlv(tag)
        return None if raw is None else raw.partition(b"\0")[0].decode("latin-1")

    def message(self) -> bytes:
        """The user data: short_message, or message_payload where that is empty (5.3.2.32)."""
        return self.octets("short_message") or self.tlv(tlv.MESSAGE_PAYLOAD) or b""
