"""Delivery receipts: parsed as tolerantly as carriers' forms demand, and written as Appendix B specifies.

Nothing here raises. A receipt is text (`id:... stat:...`), TLVs (receipted_message_id, message_state,
network_error_code) or both; parts may be missing, misspelt, doubled or contradictory. The original values (`id`,
`stat`, `err`, the dates) are kept beside their meaning (`state`).

If text and TLVs contradict each other, `conflict` is set. The TLV is trusted, unless its state is not final
(ENROUTE, ACCEPTED, UNKNOWN) and the text's is. Both ids can be used for matching.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.pdu import Pdu

MAX_ID: Final = 255

# The seven characters of Appendix B, the words of 5.0, and the words that carriers use instead.
_WORDS_OF_STATE: Final[dict[int, str]] = {
    c.STATE_SCHEDULED: "SCHEDUL",
    c.STATE_ENROUTE: "ENROUTE BUFFERE QUEUED",
    c.STATE_DELIVERED: "DELIVRD DELIVER DELIVED DELIVRE DELIV DLVRD",
    c.STATE_EXPIRED: "EXPIRED",
    c.STATE_DELETED: "DELETED CANCELE CANCELL",
    c.STATE_UNDELIVERABLE: "UNDELIV UNDLVRD FAILED ERROR",
    c.STATE_ACCEPTED: "ACCEPTD ACCEPTE ACCEPT",
    c.STATE_UNKNOWN: "UNKNOWN",
    c.STATE_REJECTED: "REJECTD REJECTE REJECT",
    c.STATE_SKIPPED: "SKIPPED",
}
STATE_WORDS: Final = {word: state for state, words in _WORDS_OF_STATE.items() for word in words.split()}

# The word to write for a state; Appendix B defines these words.
WORD_OF_STATE: Final[dict[int, str]] = {
    c.STATE_SCHEDULED: "ENROUTE",
    c.STATE_ENROUTE: "ENROUTE",
    c.STATE_DELIVERED: "DELIVRD",
    c.STATE_EXPIRED: "EXPIRED",
    c.STATE_DELETED: "DELETED",
    c.STATE_UNDELIVERABLE: "UNDELIV",
    c.STATE_ACCEPTED: "ACCEPTD",
    c.STATE_UNKNOWN: "UNKNOWN",
    c.STATE_REJECTED: "REJECTD",
    c.STATE_SKIPPED: "DELETED",
}


@dataclass(slots=True)
class Receipt:
    """The content of a receipt. Strings are as the peer wrote them; None if absent."""

    id: str | None = None
    state: int | None = None  # message_state, 5.2.28; None if no word was understood
    stat: str | None = None
    err: str | None = None
    sub: int | None = None
    dlvrd: int | None = None
    submit_date: str | None = None
    done_date: str | None = None
    text: str | None = None
    other_id: str | None = None  # the id in the text, if the TLV has another one
    network_error: tuple[int, int] | None = None  # network type and code, 5.3.2.31
    conflict: bool = False

    @property
    def final(self) -> bool:
        """Whether the state is final. ACCEPTED and ENROUTE are not."""
        return self.state in c.FINAL_STATES

    @property
    def id_keys(self) -> tuple[str, ...]:
        """All forms in which the answer to submit_sm may have given this message's id, the likeliest first."""
        keys = id_keys(self.id or "")
        if self.other_id is not None:
            keys += tuple(key for key in id_keys(self.other_id) if key not in keys)
        return keys


def parse_receipt(pdu: Pdu, loose: bool = False) -> Receipt | None:
    """Parse the receipt in a deliver_sm or data_sm. Returns None if the PDU is not a receipt.

    It is a receipt if esm_class says so (a receipt or an intermediate notification) or if it carries
    receipted_message_id. With `loose`, for carriers that leave esm_class 0, a text in the form of a receipt is
    enough. That is never the default, because a handset could write such a text.
    """
    kind = pdu.number("esm_class") & c.ESM_TYPE_MASK
    marked = kind in (c.ESM_TYPE_DELIVERY_RECEIPT, c.ESM_TYPE_INTERMEDIATE_NOTIFICATION)
    tlv_id = pdu.tlv_text(tlv.RECEIPTED_MESSAGE_ID) if pdu.tlvs else None
    if not marked and tlv_id is None and not loose:
        return None
    found = parse_receipt_text(_decode_text(pdu))
    if not marked and tlv_id is None and (found.id is None or found.stat is None):
        return None
    if pdu.tlvs:
        _merge(found, tlv_id, pdu.tlv_int(tlv.MESSAGE_STATE), pdu.tlv(tlv.NETWORK_ERROR_CODE))
    return found


# The form of Appendix B, for the many receipts that follow it: one match instead of one search for each key.
_PLAIN: Final = re.compile(
    r"id:([^\s:]{1,64}) sub:(\d{1,9}) dlvrd:(\d{1,9}) submit date:(\d{1,16}) done date:(\d{1,16}) "
    r"stat:(\w{1,32}) err:(\w{1,16})(?: text:(.*))?\Z",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_KEY: Final = re.compile(
    r"(?<![^\W_])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat(?:us)?|err(?:or)?|text)[ \t]*[:=]",
    re.IGNORECASE | re.ASCII,
)
_ONE_WORD: Final = frozenset(("id", "sub", "dlvrd", "stat", "status", "err", "error"))
_BREAK: Final = re.compile(r"[\s,;]")


def parse_receipt_text(text: str) -> Receipt:
    """Parse the text of a receipt; values that it lacks are None. Never raises."""
    plain = _PLAIN.match(text)
    if plain is not None:
        id_, sub, dlvrd, submitted, done, stat, err, body = plain.groups()
        return Receipt(
            id_, state_of_word(stat), stat, _error(err), int(sub), int(dlvrd), submitted, done, body
        )
    values: dict[str, str] = {}
    pos = 0
    key = ""
    while True:
        # The text after `text:` is the user's own; nothing in it is a key.
        match = None if key == "text" else _KEY.search(text, pos)
        if key and key not in values:
            value = text[pos : match.start() if match else len(text)].strip(" \t\r\n\0,;")
            if key in _ONE_WORD:
                # An unknown key may follow: it does not belong to the value.
                value = _BREAK.split(value, maxsplit=1)[0]
            values[key] = value
        if match is None:
            break
        key = match[1].lower().replace("_", "").replace(" ", "")
        pos = match.end()
    return _from_values(values)


def state_of_word(word: str) -> int | None:
    """Return the message_state for a `stat`, in any known case and spelling; a number stands for itself."""
    state = STATE_WORDS.get(word)
    if state is not None:
        return state
    word = word.strip().upper()
    if word.isascii() and word.isdigit():
        number = int(word[:4])
        return number if number in c.STATE_NAMES else None
    state = STATE_WORDS.get(word)
    return STATE_WORDS.get(word[:7]) if state is None else state


def parse_receipt_date(value: str) -> datetime | None:
    """Parse a receipt's date, `YYMMDDhhmm` with or without seconds or century. The result is naive: dates have no
    zone."""
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == 14:
        digits = digits[2:]  # remove the century
    if len(digits) not in (10, 12):
        return None
    year, month, day, hour, minute, *second = (int(digits[i : i + 2]) for i in range(0, len(digits), 2))
    try:
        return datetime(2000 + year, month, day, hour, minute, second[0] if second else 0)
    except ValueError:
        return None


def format_receipt(receipt: Receipt) -> bytes:
    """Return the text of Appendix B. Parts that are None are written as by an SMSC that does not know them."""
    stat = receipt.stat or WORD_OF_STATE.get(receipt.state if receipt.state is not None else 7, "UNKNOWN")
    sub = 1 if receipt.sub is None else receipt.sub
    delivered = 1 if receipt.state == c.STATE_DELIVERED else 0
    dlvrd = delivered if receipt.dlvrd is None else receipt.dlvrd
    return (
        f"id:{receipt.id or ''} sub:{sub:03} dlvrd:{dlvrd:03} submit date:{receipt.submit_date or ''} "
        f"done date:{receipt.done_date or ''} stat:{stat} err:{receipt.err or '000'} "
        f"text:{(receipt.text or '')[:20]}"
    ).encode("latin-1", "replace")


def format_receipt_date(moment: datetime) -> str:
    """Return a moment as a receipt's date, to the minute, in the moment's own zone."""
    return f"{moment:%y%m%d%H%M}"


def normal_id(message_id: str) -> str:
    """Return the form in which an id is stored for matching: no blanks, lower case, no leading zeros."""
    return message_id.strip(" \t\r\n\0").lower().lstrip("0") or ("0" if message_id.strip() else "")


_MOST_HEX: Final = 32
_DECIMAL: Final = re.compile(r"[0-9]{1,40}\Z")
_HEX: Final = re.compile(rf"(?:0x)?([0-9a-f]{{1,{_MOST_HEX}}})\Z")


def id_keys(message_id: str) -> tuple[str, ...]:
    """Return the normal forms that may name the same message as `message_id`, the likeliest first.

    First as written. Then, because some carriers answer submit_sm in one base and write the receipt in the
    other, decimal read as hexadecimal and hexadecimal as decimal. Empty for an empty id.
    """
    plain = normal_id(message_id)
    if not plain:
        return ()
    if plain.isdigit() and plain.isascii() and len(plain) > 1 and len(message_id) <= _MOST_HEX:
        return plain, f"{int(plain):x}", str(int(plain, 16))  # what the general way below gives, sooner
    keys = [plain]
    if _DECIMAL.match(plain):
        keys.append(f"{int(plain):x}")
    hexadecimal = _HEX.match(message_id.strip(" \t\r\n\0").lower())
    if hexadecimal is not None:
        keys.append(str(int(hexadecimal[1], 16)))
        keys.append(normal_id(hexadecimal[1]))
    return tuple(dict.fromkeys(keys))


def _decode_text(pdu: Pdu) -> str:
    """Decode the text of a receipt: in practice ASCII, and UCS-2 from a few carriers."""
    octets = pdu.message()
    if pdu.number("data_coding") == c.CODING_UCS2 and len(octets) > 1 and not octets[0]:
        return octets.decode("utf-16-be", "replace")
    return octets.decode("latin-1")


def _from_values(values: dict[str, str]) -> Receipt:
    """Make a receipt of the values that the tolerant search found for each key."""
    stat = values.get("stat") or values.get("status")
    return Receipt(
        id=values.get("id", "")[:MAX_ID] or None,
        state=None if stat is None else state_of_word(stat),
        stat=stat,
        err=_error(values.get("err") or values.get("error")),
        sub=_count(values.get("sub")),
        dlvrd=_count(values.get("dlvrd")),
        submit_date=values.get("submitdate") or None,
        done_date=values.get("donedate") or None,
        text=values.get("text"),
    )


def _error(value: str | None) -> str | None:
    """Return `err` as written, or None for the values that mean "no error given"."""
    return None if not value or value.lower() in ("null", "none", "nil", "-") else value


def _count(value: str | None) -> int | None:
    return int(value) if value and len(value) <= 9 and value.isascii() and value.isdigit() else None


def _merge(found: Receipt, tlv_id: str | None, tlv_state: int | None, network_error: bytes | None) -> None:
    """Add the values of the TLVs to the receipt that was parsed from the text."""
    if tlv_id:
        if found.id is not None and found.id != tlv_id:
            found.other_id = found.id
            found.conflict = normal_id(found.id) not in id_keys(tlv_id)
        found.id = tlv_id[:MAX_ID]
    if tlv_state is not None and tlv_state in c.STATE_NAMES:
        state = found.state
        if state is not None and state != tlv_state:
            found.conflict = True
        if state is None or tlv_state in c.FINAL_STATES or state not in c.FINAL_STATES:
            found.state = tlv_state
    if network_error is not None and len(network_error) == 3:
        found.network_error = (network_error[0], int.from_bytes(network_error[1:], "big"))
