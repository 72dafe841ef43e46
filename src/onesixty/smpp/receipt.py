"""Delivery receipts: read as tolerantly as carriers write them, and written as Appendix B says.

Nothing here raises. A receipt is text (`id:... stat:...`), TLVs (receipted_message_id,
message_state, network_error_code) or both; parts may be missing, misspelt, doubled or at odds.
What was read is given as it stood (`id`, `stat`, `err`, the dates) beside what it means (`state`).

Where text and TLVs are at odds, `conflict` says so; the TLV is believed, unless it tells no end
(ENROUTE, ACCEPTED, UNKNOWN) and the text tells one. Both ids are offered for matching.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.pdu import Pdu

MAX_ID: Final = 255

# The seven characters of Appendix B, the words of 5.0, and what carriers write in their place.
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

# What to write for a state; Appendix B knows these words.
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
    """What a receipt said. Strings are as written; None where nothing was said."""

    id: str | None = None
    state: int | None = None  # message_state, 5.2.28; None where no word was understood
    stat: str | None = None
    err: str | None = None
    sub: int | None = None
    dlvrd: int | None = None
    submit_date: str | None = None
    done_date: str | None = None
    text: str | None = None
    other_id: str | None = None  # the text's id where the TLV's differs
    network_error: tuple[int, int] | None = None  # network type and code, 5.3.2.31
    conflict: bool = False

    @property
    def final(self) -> bool:
        """Whether the message has come to its end. ACCEPTED and ENROUTE have not."""
        return self.state in c.FINAL_STATES

    @property
    def id_keys(self) -> tuple[str, ...]:
        """All forms under which the answer to submit_sm may have named this message, likeliest first."""
        keys = id_keys(self.id or "")
        if self.other_id is not None:
            keys += tuple(key for key in id_keys(self.other_id) if key not in keys)
        return keys


def parse_receipt(pdu: Pdu, loose: bool = False) -> Receipt | None:
    """The receipt in a deliver_sm or data_sm, or None if it is none.

    It is one if esm_class says so (a receipt or an intermediate notification) or if it carries
    receipted_message_id. With `loose`, for carriers that leave esm_class 0, text of a receipt's shape is
    enough; never the default, since a handset could write such a text.
    """
    kind = pdu.number("esm_class") & c.ESM_TYPE_MASK
    marked = kind in (c.ESM_TYPE_DELIVERY_RECEIPT, c.ESM_TYPE_INTERMEDIATE_NOTIFICATION)
    tlv_id = pdu.tlv_text(tlv.RECEIPTED_MESSAGE_ID)
    if not marked and tlv_id is None and not loose:
        return None
    found = parse_receipt_text(_decode_text(pdu))
    if not marked and tlv_id is None and (found.id is None or found.stat is None):
        return None
    tlv_state = pdu.tlv_int(tlv.MESSAGE_STATE)
    network_error = pdu.tlv(tlv.NETWORK_ERROR_CODE)
    _merge(found, tlv_id, tlv_state, network_error)
    return found


# The shape of Appendix B, for the many receipts that keep to it: one match instead of a search per key.
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
    """The receipt that `text` spells, with None for all it does not. Never raises."""
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
        # The user's own words follow `text:`; nothing in them is a key.
        match = None if key == "text" else _KEY.search(text, pos)
        if key and key not in values:
            value = text[pos : match.start() if match else len(text)].strip(" \t\r\n\0,;")
            if key in _ONE_WORD:
                # An unknown key may follow: it is no part of the value.
                value = _BREAK.split(value, maxsplit=1)[0]
            values[key] = value
        if match is None:
            break
        key = match[1].lower().replace("_", "").replace(" ", "")
        pos = match.end()
    return _from_values(values)


def state_of_word(word: str) -> int | None:
    """The message_state that a `stat` means, in any case and spelling known; a number means itself."""
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
    """A receipt's date, `YYMMDDhhmm` with or without seconds or century; naive, since none has a zone."""
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == 14:
        digits = digits[2:]  # the century
    if len(digits) not in (10, 12):
        return None
    year, month, day, hour, minute, *second = (int(digits[i : i + 2]) for i in range(0, len(digits), 2))
    try:
        return datetime(2000 + year, month, day, hour, minute, second[0] if second else 0)
    except ValueError:
        return None


def format_receipt(receipt: Receipt) -> bytes:
    """The text of Appendix B. Parts that are None are written as an SMSC does that does not know them."""
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
    """A moment as a receipt's date, to the minute, in the moment's own zone."""
    return f"{moment:%y%m%d%H%M}"


def normal_id(message_id: str) -> str:
    """The form under which an id is stored for matching: no blanks, lower case, no zeros in front."""
    return message_id.strip(" \t\r\n\0").lower().lstrip("0") or ("0" if message_id.strip() else "")


_DECIMAL: Final = re.compile(r"[0-9]{1,40}\Z")
_HEX: Final = re.compile(r"(?:0x)?([0-9a-f]{1,32})\Z")


def id_keys(message_id: str) -> tuple[str, ...]:
    """The normal forms that may name the same message as `message_id`, the likeliest first.

     As written; then, since carriers answer submit_sm in one base and write the receipt in the other
    , decimal read as hexadecimal and hexadecimal as decimal. Empty for an empty id.
    """
    plain = normal_id(message_id)
    if not plain:
        return ()
    keys = [plain]
    if _DECIMAL.match(plain):
        keys.append(f"{int(plain):x}")
    hexadecimal = _HEX.match(message_id.strip(" \t\r\n\0").lower())
    if hexadecimal is not None:
        keys.append(str(int(hexadecimal[1], 16)))
        keys.append(normal_id(hexadecimal[1]))
    return tuple(dict.fromkeys(keys))


def _decode_text(pdu: Pdu) -> str:
    """The text of a receipt: ASCII in practice, UCS-2 from a few."""
    octets = pdu.message()
    if pdu.number("data_coding") == c.CODING_UCS2 and len(octets) > 1 and not octets[0]:
        return octets.decode("utf-16-be", "replace")
    return octets.decode("latin-1")


def _from_values(values: dict[str, str]) -> Receipt:
    """A receipt of the values that the tolerant search found under their keys."""
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
    """`err` as written; None for the ways to say nothing."""
    return None if not value or value.lower() in ("null", "none", "nil", "-") else value


def _count(value: str | None) -> int | None:
    return int(value) if value and len(value) <= 9 and value.isascii() and value.isdigit() else None


def _merge(found: Receipt, tlv_id: str | None, tlv_state: int | None, network_error: bytes | None) -> None:
    """Put what the TLVs say into the receipt that the text gave."""
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
