"""The PDU as a value: header, mandatory fields by name, TLVs raw.

An absent field has the zero of its kind ("" or 0 or b""), as in an error response without a body.
"""

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import FieldValue, ListItem
from onesixty.smpp.layouts import command_name


class Pdu:
    """One PDU. `sequence` 0 means that it is not assigned yet; a session assigns it."""

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

    # Not hashable: it is mutable and compared by content.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        # Names only: logs must not contain bodies and passwords.
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
        """Describes where the PDU did not follow its layout; empty, unless it was decoded leniently (`reading`)."""
        return ()

    def text(self, name: str) -> str:
        """Return a C-string field; "" if absent."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """Return an integer field; 0 if absent."""
        value = self.fields.get(name, 0)
        return value if isinstance(value, int) else 0

    def octets(self, name: str) -> bytes:
        """Return an octet field; empty if absent."""
        value = self.fields.get(name, b"")
        return value if isinstance(value, bytes) else b""

    def items(self, name: str) -> tuple[ListItem, ...]:
        """Return a list field (dest_address, unsuccess_sme); empty if absent."""
        value = self.fields.get(name, ())
        return value if isinstance(value, tuple) else ()

    def tlv(self, tag: int) -> bytes | None:
        """Return the octets of the first TLV with this tag, or None."""
        for found, raw in self.tlvs:
            if found == tag:
                return raw
        return None

    def tlv_int(self, tag: int) -> int | None:
        """Return a TLV as an unsigned integer, whatever its width (1 to 8 octets), else None."""
        raw = self.tlv(tag)
        return int.from_bytes(raw, "big") if raw is not None and 0 < len(raw) <= 8 else None

    def tlv_text(self, tag: int) -> str | None:
        """Return a TLV as a string up to its NUL, which may be missing."""
        raw = self.tlv(tag)
        return None if raw is None else raw.partition(b"\0")[0].decode("latin-1")

    def message(self) -> bytes:
        """The user data: short_message or, if that is empty, message_payload (5.3.2.32)."""
        return self.octets("short_message") or self.tlv(tlv.MESSAGE_PAYLOAD) or b""
