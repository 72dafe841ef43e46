"""The contracts between the parts of onesixty. Who implements them is wired in `app.py`, nowhere else.

Carrier        takes segments and reports outcomes, receipts and its own health
CarrierHost    what a carrier reports to (implemented by dispatch and messages)
Effect         a pure function from changes of messages to further writes (billing, events)
Net            makes transports: the real network, or the simulation's memory
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from typing import Final, Protocol, runtime_checkable

import msgspec

from onesixty.core.message import Change, Message
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant

#: A write: the name of a statement and its row. The shape is the store's; effects only make them.
Write = tuple[str, tuple[object, ...]]


class Effect(Protocol):
    """Turns a change into further writes of the same transaction. Pure: no I/O, no clock, no chance."""

    def __call__(self, change: Change) -> Sequence[Write]: ...


# ---------------------------------------------------------------- carriers


class Rendered(msgspec.Struct):
    """A message as one carrier will get it, a payload for each segment.

    For carriers that cut messages themselves (HTTP), `payloads` holds one empty entry for each segment
    priced. `udhs[i]` is the user data header of segment i, empty when there is none.
    `concatenation` says how several segments belong together: "udh" (each has its header), "sar" (segment i is
    number i + 1 of len(payloads) in the sar TLVs, the reference that of the submission), "payload" (the one
    payload is the whole message, for message_payload). `dest_addr_subunit` is the TLV of that name, None for none.
    """

    payloads: list[bytes]
    udhs: list[bytes]
    data_coding: int
    sender: str
    concatenation: str = "udh"
    dest_addr_subunit: int | None = None


class Refusal(msgspec.Struct):
    """A carrier cannot carry the message as asked: the code from the catalogue, and why in a sentence."""

    code: str
    detail: str


class Submission(msgspec.Struct):
    """A message on its way through one carrier. Dispatch makes it, the carrier reports by it.

    `pending` are the indexes of the segments still to be handed over (all of them at first; after a throttled
    or retryable segment only the rest, under the same `concat_reference`). `validity_ms` is what remains.
    """

    message: Message
    rendered: Rendered
    pending: list[int]
    attempt: int
    concat_reference: int
    validity_ms: int
    submitted_at: int


class CarrierReceipt(msgspec.Struct):
    """A delivery report as it came, already parsed but not interpreted.

    `candidates` are the forms under which the id may be known (first: as written, normalised).
    `state` is an SMPP message_state (core.statuses.MESSAGE_STATE). `raw` is kept for the record, without text
    of the message. All times epoch milliseconds; `done_at` None when the carrier did not say.
    """

    carrier_id: str
    carrier_message_id: str
    candidates: tuple[str, ...]
    state: int
    code: str | None
    sender: str | None
    recipient: str | None
    done_at: int | None
    raw: str
    network: str | None = None


class InboundMessage(msgspec.Struct):
    """A message from a handset as a carrier handed it over, one part at a time.

    `udh` is the user data header as it came, `sar` what the sar_* TLVs said of a part: reference, total and
    number (1 to total). `alphabet` is what data_coding 0 means on this link: gsm7 (an octet a character),
    gsm7_packed, latin1 or ascii. `conversation` is told by simulated carriers alone: the tenant whose
    handset this is, so that test traffic has answers of its own and no account writes to another.
    `text` is set when the carrier hands over a whole message as text already (HTTP): `payload` is empty then, and
    there is nothing to put together or to decode. `session` changes whenever a link of the carrier was lost: what
    comes once more over the same one is another message, not a repeat. `noted` is what could not be read of it,
    `protocol_id` and `reply_path` what the handset asked for.
    """

    carrier_id: str
    sender: str
    recipient: str
    payload: bytes
    udh: bytes
    data_coding: int
    received_at: int
    carrier_message_id: str | None = None
    sar: tuple[int, int, int] | None = None
    alphabet: str = "gsm7"
    conversation: Tenant | None = None
    text: str | None = None
    session: str = ""
    noted: tuple[str, ...] = ()
    protocol_id: int = 0
    reply_path: bool = False


#: Called once with True after the thing is on disk (acknowledge it), or False (ask the carrier to repeat it).
Acknowledge = Callable[[bool], None]


class CarrierHost(Protocol):
    """What a carrier reports to. All calls return at once and never raise."""

    def outcome(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        """What became of one segment. Exactly one call for each segment handed over by `submit`."""

    def may_write(self, submission: Submission) -> bool:
        """Whether what waited inside the carrier may still be written: asked right before, since the message may have
        expired meanwhile, or the node may have stood still and lost its lease. What may not is reported as retryable
        and never written."""

    def receipt(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        """A delivery report came. The carrier answers its peer when `acknowledge` is called."""

    def inbound(self, message: InboundMessage, acknowledge: Acknowledge) -> None:
        """A message from a handset came."""

    def ready(self, carrier_id: str) -> None:
        """The carrier has room again, or its state changed: look at its lane."""


class CarrierState(msgspec.Struct):
    """A carrier's health, for `/v1/carriers` and metrics."""

    connected: bool
    binds: int
    binds_bound: int
    in_flight: int
    window: int
    last_error: str | None = None
    #: What it wrote that kept to no layout and was read all the same, since its link was started.
    tolerated: int = 0


class Carrier(Protocol):
    """One configured link to a carrier. A folder under `carriers/` implements it and passes the conformance
    suite (tests/carriers/conformance.py). A carrier never touches messages or the store."""

    id: str
    #: True for simulated carriers: test traffic goes only there.
    simulated: bool
    #: Segments a second over all binds; 0 is unlimited. Kept by the lane's pacer.
    throughput: float
    #: How long after acceptance by the carrier a final receipt may come, in ms.
    receipt_timeout_ms: int

    async def start(self, host: CarrierHost) -> None:
        """Begin to connect. Returns at once; being down is a state, not an error."""

    async def stop(self, deadline: float) -> None:
        """Stop within `deadline` seconds: unbind, wait for answers, report every open segment's outcome."""

    def render(self, message: Message, concat_reference: int) -> Rendered | Refusal:
        """The message as this carrier wants it. Pure."""

    def capacity(self) -> int:
        """How many segments `submit` would take right now (free window slots over all bound binds)."""

    def submit(self, submission: Submission) -> None:
        """Hand over the pending segments; never blocks, never raises. What does not fit in the window waits
        inside for its slot, so that a message longer than the window still goes; before it is written, the host is
        asked whether it still may be (`CarrierHost.may_write`)."""

    def state(self) -> CarrierState:
        """How it is."""


#: What a carrier may call: its delivery reports, and messages from handsets.
RECEIPTS: Final = "receipts"
INBOUND: Final = "inbound"


class CallbackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request by which a carrier reports over HTTP, as it came.

    `url` is what the carrier was told to call: the public URL with path and query, whatever a proxy made of it.
    `headers` have lower-case names. `token` is the last part of the path, empty when there was none.
    """

    kind: str
    method: str
    url: str
    query: str
    headers: dict[str, str]
    body: bytes
    token: str = ""


class CallbackAnswer(msgspec.Struct, frozen=True):
    """What the carrier is answered once what it reported is on disk."""

    status: int = 200
    body: bytes = b""
    content_type: bytes = b"text/plain; charset=utf-8"


@runtime_checkable
class Callbacks(Protocol):
    """What a carrier has beside `Carrier` whose far end reports by calling us over HTTP."""

    async def called(self, request: CallbackRequest) -> CallbackAnswer:
        """Check who calls, hand what it reports to the host, and answer when it is on disk.

        Raises `Problem`: `unauthorized` for a wrong signature, `bad_json` for a body that cannot be read,
        `unavailable` when it could not be stored (the carrier calls again).
        """


class Finding(msgspec.Struct, frozen=True):
    """A line of what `onesixty carrier check` found. `level`: ok, note, warning, error. `facts`: what was measured,
    by name, for programs (times in seconds)."""

    level: str
    what: str
    facts: dict[str, float | str] | None = None


@runtime_checkable
class Checkable(Protocol):
    """What a carrier has beside `Carrier` that can be looked at without sending a message."""

    async def check(self) -> list[Finding]:
        """Reach the far end, measure, and tell in sentences. Never raises; needs no `start`."""


class CheckOptions(msgspec.Struct, kw_only=True, frozen=True):
    """What a check may do beside looking: send one message, and fill the window with harmless requests."""

    to: str | None = None
    sender: str = "onesixty"
    text: str = "Test message of onesixty carrier check."
    receipt_s: float = 30.0
    window: bool = False


@runtime_checkable
class CheckableByUse(Protocol):
    """What a carrier has beside `Checkable` that can be asked to try a message."""

    async def check_with(self, options: CheckOptions) -> list[Finding]:
        """As `Checkable.check`, and what `options` ask for."""


@runtime_checkable
class ReadsErrors(Protocol):
    """What a carrier has beside `Carrier` whose receipts have codes of its own."""

    def receipt_error(self, code: str) -> str | None:
        """The code of the catalogue that a `CarrierReceipt.code` of this carrier stands for; None: not said."""


@runtime_checkable
class Pausable(Protocol):
    """What a carrier has beside `Carrier` whose binds can be stopped one by one."""

    id: str

    def pause_binds(self, names: frozenset[str]) -> None:
        """From now on these binds (named as in `Outcome.bind`) get nothing new, and all others do. What is in flight
        on them is answered, and receipts come in on them."""


class CarrierConfig(msgspec.Struct, kw_only=True):
    """A row of `carriers`: `settings` is JSON whose shape the connector of `type` defines and validates."""

    id: str
    name: str
    type: str
    settings: str
    enabled: bool
    version: int
    created_at: int


class RouteConfig(msgspec.Struct, kw_only=True):
    """A row of `routes`: `carriers` is a JSON list of carrier ids, first choice first, or of objects with order and
    weight; `match` is JSON of its filters, `priority` lower for what is asked first (routing/spec.py)."""

    id: str
    name: str
    carriers: str
    match: str = "{}"
    priority: int = 100
    enabled: bool
    version: int
    created_at: int


# ---------------------------------------------------------------- seams


class Net(Protocol):
    """Makes transports. The real one is `asyncio`'s loop; the simulation's stays in memory."""

    async def connect(
        self,
        factory: Callable[[], asyncio.Protocol],
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]: ...

    async def listen(
        self,
        factory: Callable[[], asyncio.Protocol],
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> asyncio.AbstractServer: ...
