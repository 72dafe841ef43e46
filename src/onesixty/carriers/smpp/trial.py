"""The test message of `onesixty carrier check`: sent as the platform sends messages; then the check waits for its
receipt.

It reports how long the answer and the receipt took, how both write the id, and whether the settings fit them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from onesixty.carriers.smpp.bind_words import spell
from onesixty.carriers.smpp.plan import Plans
from onesixty.carriers.smpp.probe import Probe
from onesixty.carriers.smpp.settings import SmppSettings
from onesixty.carriers.smpp.statuses import DEFAULT, ReceiptErrors, table_with
from onesixty.carriers.smpp.translate import receipt_of
from onesixty.core.clock import Clock
from onesixty.core.contracts import CheckOptions, Refusal, Submission
from onesixty.core.errors import CATALOGUE
from onesixty.core.message import TRANSACTIONAL, Message
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.errors import EncodeError
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.receipt import Receipt, id_keys, normal_id, parse_receipt
from onesixty.text import count

_VALIDITY_MS: Final = 15 * 60_000


class Say(Protocol):
    """Adds a finding."""

    def __call__(self, level: str, what: str, **facts: float | str) -> None: ...


class Trial:
    """One message over the first of `probes`; its receipt may arrive over any of them. Call `run` once."""

    def __init__(self, settings: SmppSettings, clock: Clock, probes: Sequence[Probe], say: Say) -> None:
        self._settings = settings
        self._clock = clock
        self._probes = probes
        self._say = say
        self._answers: list[str] = []  # ids from the SMSC's answers
        self._sent_at = 0.0
        self._receipts: dict[str, tuple[Pdu, Receipt, float]] = {}  # normal id of the answer -> its receipt
        self._early: list[tuple[Pdu, Receipt, float]] = []
        self._arrived = asyncio.Event()

    async def run(self, options: CheckOptions) -> None:
        """Send the message and wait. Raises Ended if the link is lost in the meantime."""
        submission = self._submission(options)
        if submission is None:
            return
        for probe in self._probes:
            probe.takes = self._take
        if not await self._submit(submission):
            return
        await self._wait(options.receipt_s)

    def _submission(self, options: CheckOptions) -> Submission | None:
        now = self._clock.now_ms()
        found = count(options.text)
        message = Message(
            id="msg_check",
            account_id="acc_check",
            test=False,
            sender=options.sender,
            recipient=options.to or "",
            text=options.text,
            encoding=found.encoding,
            segments=found.segments,
            class_=TRANSACTIONAL,
            created_at=now,
            expires_at=now + _VALIDITY_MS,
            status="queued",
        )
        reference = now & 0xFFFF
        self._plan = Plans(self._settings).of(message.recipient)
        rendered = self._plan.render(message, message.sender, reference)
        if isinstance(rendered, Refusal):
            self._say("error", f"This link does not support the text: {rendered.detail}.")
            return None
        segments = list(range(rendered.units))
        return Submission(message, rendered, segments, 1, reference, _VALIDITY_MS, now)

    async def _submit(self, submission: Submission) -> bool:
        for segment in submission.pending:
            fields, tlvs = self._plan.submit(submission, segment)
            self._sent_at = self._clock.monotonic()
            try:
                answer, took = await self._probes[0].ask(
                    c.SUBMIT_SM, fields, tlvs, timeout=self._settings.response_timeout_s
                )
            except TimeoutError:
                seconds = self._settings.response_timeout_s
                self._say("error", f"submit_sm got no answer in {seconds:g} s: the outcome is unknown.")
                return False
            except EncodeError as error:
                self._say("error", f"The message does not fit a submit_sm: {error}.")
                return False
            if answer.command_status != c.ESME_ROK:
                self._refused(answer)
                return False
            self._taken(answer.text("message_id"), took)
        return True

    def _refused(self, answer: Pdu) -> None:
        code = table_with(self._settings.command_status).get(answer.command_status, DEFAULT)
        info = c.STATUSES.get(answer.command_status)
        meaning = f" ({info.meaning})" if info is not None else ""
        self._say(
            "error",
            f"submit_sm was refused with {c.status_name(answer.command_status)}{meaning}. The "
            f"platform maps this to {code}: {CATALOGUE[code].title} Change the mapping with "
            "`command_status`.",
            command_status=c.status_name(answer.command_status),
            code=code,
        )
        if answer.command_status in _HINTS:
            self._say("note", _HINTS[answer.command_status])

    def _taken(self, message_id: str, took: float) -> None:
        self._say(
            "ok",
            f"submit_sm was answered in {spell(took)} with the id {message_id!r}: {shape(message_id)}.",
            submit_s=took,
            message_id=message_id,
        )
        if not normal_id(message_id):
            self._say("error", "The answer has no id, so no receipt can be matched.")
            return
        self._answers.append(message_id)
        for early in [entry for entry in self._early if self._mine(entry[1]) is not None]:
            self._early.remove(early)
            self._receive(*early)

    # ------------------------------------------------------------ the receipt

    def _take(self, pdu: Pdu) -> bool:
        """Whether a delivery is the receipt of this message."""
        receipt = parse_receipt(pdu, loose=True)
        if receipt is None or not receipt.id_keys:
            return False
        at = self._clock.monotonic()
        if self._mine(receipt) is None:
            # It may belong to this message and have overtaken its answer. The SMSC offers it again.
            self._early.append((pdu, receipt, at))
            return False
        self._receive(pdu, receipt, at)
        return True

    def _mine(self, receipt: Receipt) -> str | None:
        keys = receipt.id_keys
        return next((normal_id(answer) for answer in self._answers if normal_id(answer) in keys), None)

    def _receive(self, pdu: Pdu, receipt: Receipt, at: float) -> None:
        mine = self._mine(receipt)
        if mine is None:
            return
        known = self._receipts.get(mine)
        if known is None or (receipt.final and not known[1].final):
            self._receipts[mine] = (pdu, receipt, at)
        if self._done():
            self._arrived.set()

    def _done(self) -> bool:
        return len(self._receipts) == len(set(map(normal_id, self._answers))) and all(
            receipt.final for _, receipt, _ in self._receipts.values()
        )

    async def _wait(self, seconds: float) -> None:
        if seconds <= 0 or not self._answers:
            return
        if self._settings.bind == "transmitter" and not self._settings.receivers:
            self._say(
                "warning",
                "No bind can receive, so no receipt can arrive: set `receivers`, or `bind` to transceiver.",
            )
            return
        if not self._done():
            try:
                async with asyncio.timeout(seconds):
                    await self._arrived.wait()
            except TimeoutError:
                self._say(
                    "warning",
                    f"No final receipt within {seconds:g} s. The handset may be off, or the carrier "
                    "does not send receipts: ask whether delivery reports are enabled, and on which "
                    "bind.",
                )
        for answer in self._answers:
            found = self._receipts.get(normal_id(answer))
            if found is not None:
                self._read(answer, *found)

    def _read(self, answer: str, pdu: Pdu, receipt: Receipt, at: float) -> None:
        state = c.STATE_NAMES.get(c.STATE_UNKNOWN if receipt.state is None else receipt.state, "UNKNOWN")
        told = "TLVs" if pdu.tlv(tlv.RECEIPTED_MESSAGE_ID) is not None else "text"
        error = f", err {receipt.err}" if receipt.err is not None else ""
        self._say(
            "ok" if receipt.state == c.STATE_DELIVERED else "warning",
            f"The receipt arrived {spell(at - self._sent_at)} after the submit_sm: {state}{error} "
            f"(in {told}).",
            receipt_s=at - self._sent_at,
            state=state,
        )
        tables = ReceiptErrors(self._settings.receipt_errors, self._settings.network_errors)
        read = receipt_of("", pdu, receipt, self._settings, tables)
        meaning = None if read.code is None else tables.of(read.code)
        if meaning is not None and receipt.state != c.STATE_DELIVERED:
            self._say("note", f"The carrier's tables map {read.code} to: {meaning}.", code=meaning)
        written = receipt.id or ""
        how, right = _compared(answer, written)
        self._say("ok", f"It refers to the message as {written!r}: {how}.", receipt_id=written)
        if normal_id(answer) not in read.candidates:
            self._say("error", f"With the current settings it would not match: set `id_form` to {right}.")
        if parse_receipt(pdu) is None:
            level = "ok" if self._settings.loose_receipts else "error"
            self._say(
                level, "Neither esm_class nor a TLV marks it as a receipt: set `loose_receipts` to true."
            )


_HINTS: Final[dict[int, str]] = {
    c.ESME_RINVSRCADR: "Try a sender that is registered with the carrier (`--from`).",
    c.ESME_RINVSRCTON: "TON and NPI of the sender: `source_ton`, `source_npi`, `source_kinds`.",
    c.ESME_RINVSRCNPI: "TON and NPI of the sender: `source_ton`, `source_npi`, `source_kinds`.",
    c.ESME_RINVDSTADR: "How recipients are written: `recipient_form`, `dest_ton`, `dest_npi`.",
    c.ESME_RINVDSTTON: "TON and NPI of the recipient: `dest_ton`, `dest_npi`.",
    c.ESME_RINVDSTNPI: "TON and NPI of the recipient: `dest_ton`, `dest_npi`.",
    c.ESME_RINVSERTYP: "`service_type` is not allowed for this account.",
    c.ESME_RINVEXPIRY: "Set `validity` to absolute or never, or lower `validity_max_s`.",
    c.ESME_RINVDCS: "Set `data_codings` to the ones that this carrier supports.",
    c.ESME_ROPTPARNOTALLWD: "A TLV is not allowed: change `tlvs`, or set `concatenation` to udh8.",
}


def shape(message_id: str) -> str:
    """Describe the form of an id."""
    length = f"{len(message_id)} characters"
    lower = message_id.lower()
    if message_id.isascii() and message_id.isdigit():
        zeros = ", with leading zeros" if message_id.startswith("0") and len(message_id) > 1 else ""
        return f"decimal, or hexadecimal without a letter, {length}{zeros}"
    if lower and all(character in "0123456789abcdef" for character in lower):
        return f"hexadecimal, {length}"
    if len(lower) == 36 and lower.count("-") == 4:
        return "a UUID"
    return length if message_id else "empty"


def _compared(answer: str, written: str) -> tuple[str, str]:
    """Describe how a receipt writes the id of the answer, and return the `id_form` that fits."""
    if answer == written:
        return "as in the answer", "same"
    if normal_id(answer) == normal_id(written):
        return "as in the answer except for case or leading zeros", "same"
    if normal_id(answer) in id_keys(written):
        decimal = normal_id(written).isdigit() and not normal_id(answer).isdigit()
        base, other = ("decimal", "hexadecimal") if decimal else ("hexadecimal", "decimal")
        return f"in {base}, but the answer had {other}", "decimal" if decimal else "hex"
    return "in the text of the receipt; the TLV has another id", "auto"
