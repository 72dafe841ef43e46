"""Helpers for the tests of extensions: a draft, an event, and the contract of connectors as a check.

They need neither a node nor a database, and run under any test framework.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from onesixty.carriers.registry import Seams
from onesixty.core import outcomes
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.contracts import (
    Acknowledge,
    Carrier,
    CarrierReceipt,
    IncomingMessage,
    Refusal,
    Submission,
)
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.outcomes import Outcome
from onesixty.extensions.contract import Event
from onesixty.messages.drafts import SEND, Draft, Moment
from onesixty.text import count

__all__ = ["NOW", "RecordingHost", "check_connector", "draft", "event", "message", "seams", "until"]

#: The time of drafts: 2027-01-15, 08:00 UTC, in epoch ms.
NOW = 1_800_000_000_000
#: Seconds that a check waits for a connector.
PATIENCE = 5.0


def message(text: str = "hello", **fields: Any) -> Message:
    """A queued message to +15551234567, from Acme. `fields` replace others of its fields."""
    counted = count(text)
    values: dict[str, Any] = {
        "id": "msg_01h455vb4pex5vsknk084sn02q",
        "account_id": "acc_01h455vb4pex5vsknk084sn02q",
        "test": False,
        "sender": "Acme",
        "recipient": "+15551234567",
        "country": "US",
        "text": text,
        "encoding": counted.encoding,
        "segments": counted.segments,
        "class_": "transactional",
        "created_at": NOW,
        "expires_at": NOW + 86_400_000,
        "status": "queued",
    }
    return Message(**(values | fields))


def draft(
    text: str = "hello", *, moment: Moment = SEND, carriers: tuple[str, ...] = (), **fields: Any
) -> Draft:
    """A draft of such a message, as a step gets it. `carriers` are the ids of its hops."""
    made = Draft(moment, message(text, **fields), NOW)
    made.hops = tuple(Hop(carrier) for carrier in carriers)
    return made


def event(type_: str = "message.delivered", *, tries: int = 0, **data: Any) -> Event:
    """An event with this `data`, as a sink gets it."""
    about = message()
    body = {
        "id": "evt_01h455vb4pex5vsknk084sn02q",
        "type": type_,
        "created_at": "2027-01-15T08:00:00.000Z",
        "sequence": 2,
        "data": {"id": about.id, "status": type_.partition(".")[2], "text": about.text, **data},
    }
    return Event(str(body["id"]), type_, about.account_id, about.id, msgspec.json.encode(body), tries)


def seams() -> Seams:
    """Time, randomness and the network for a connector: the machine's own."""
    return Seams(SystemClock(), system_random(), None)


class RecordingHost:
    """A carrier's host (`CarrierHost`) that keeps what is reported. It acknowledges every report."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[Submission, int, Outcome]] = []
        self.receipts: list[CarrierReceipt] = []
        self.inbounds: list[IncomingMessage] = []
        self.readies = 0
        #: Whether `submit` is running, and how many outcomes came meanwhile.
        self.submitting = False
        self.from_within = 0

    def outcome(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        self.from_within += self.submitting
        self.outcomes.append((submission, segment, outcome))

    def may_write(self, submission: Submission) -> bool:
        return True

    def receipt(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        self.receipts.append(receipt)
        acknowledge(True)

    def inbound(self, message: IncomingMessage, acknowledge: Acknowledge) -> None:
        self.inbounds.append(message)
        acknowledge(True)

    def ready(self, carrier_id: str) -> None:
        self.readies += 1

    def submit(self, carrier: Carrier, sent: Message) -> Submission:
        """Hand a message to a carrier, as dispatch does."""
        rendered = carrier.render(sent, sent.sender, 1)
        assert not isinstance(rendered, Refusal), rendered.detail
        submission = Submission(
            message=sent,
            rendered=rendered,
            pending=list(range(rendered.units)),
            attempt=1,
            concat_reference=1,
            validity_ms=3_600_000,
            submitted_at=NOW,
        )
        self.submitting = True
        carrier.submit(submission)
        self.submitting = False
        return submission


async def check_connector(carrier: Carrier, *, takes: Message | None = None) -> RecordingHost:
    """Start a carrier, send messages through it and stop it. Raises AssertionError where it breaks the contract of
    `Carrier`. `takes` is a message that its far end accepts.

    Returns its host, with all that was reported.
    """
    host, sent = RecordingHost(), takes or message("One segment of several. " * 20)
    assert carrier.capacity() == 0, "a carrier that is not started has no room"
    await carrier.start(host)
    await until(lambda: carrier.capacity() > 0, "room after the start")
    await until(lambda: host.readies, "CarrierHost.ready, which says that there is room")
    assert carrier.state().connected
    first = host.submit(carrier, sent)
    await until(lambda: len(host.outcomes) >= first.rendered.units, "an outcome for each segment")
    assert host.from_within == 0, "an outcome must not be reported from within `submit`"
    _exactly_once(host, first)
    kinds = {outcome.kind for _, _, outcome in host.outcomes}
    assert kinds == {outcomes.ACCEPTED}, f"its far end takes the message, and the outcomes are {kinds}"
    assert all(outcome.carrier_message_id for _, _, outcome in host.outcomes), "an accepted segment has an id"
    last = host.submit(carrier, sent)
    await carrier.stop(1.0)
    _exactly_once(host, last)
    assert carrier.capacity() == 0, "a stopped carrier has no room"
    late = host.submit(carrier, sent)
    await until(
        lambda: any(one is late for one, _, _ in host.outcomes), "the outcome of what comes after a stop"
    )
    kinds = {outcome.kind for one, _, outcome in host.outcomes if one is late}
    assert kinds == {outcomes.RETRYABLE}, (
        f"what comes after a stop is not written, so retryable, and is {kinds}"
    )
    _exactly_once(host, late)
    return host


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until `condition` holds."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.005)


def _exactly_once(host: RecordingHost, submission: Submission) -> None:
    counted = Counter(segment for one, segment, _ in host.outcomes if one is submission)
    expected = Counter(range(submission.rendered.units))
    assert counted == expected, f"outcomes by segment: {dict(counted)}, and there must be one for each"
