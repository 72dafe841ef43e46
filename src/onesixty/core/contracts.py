"""The contracts between the parts of onesixty. Composition (the folder `app/`) connects the implementations.

- Carrier: takes segments; reports outcomes, receipts and its own health
- CarrierHost: what a carrier reports to (`network/callbacks.py`)
- Effect: a pure function from changes of messages to further writes and guards (billing, events)
- Net: opens connections: the real network, or the memory of the simulation
- Sealer: encrypts values of the database under the instance secret
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

import msgspec

from onesixty.core.message import Change, Message
from onesixty.core.outcomes import Outcome
from onesixty.core.tenant import Tenant

#: A write: the name of a statement and its row. The store defines the form; effects only create writes.
Write = tuple[str, tuple[object, ...]]


#: The writes of an event for operators: gets its type, its data and the time in epoch ms.
Tell = Callable[[str, dict[str, Any], int], Sequence[Write]]


def tell_nobody(type_: str, data: dict[str, Any], at: int) -> Sequence[Write]:
    """No event is written."""
    return ()


class Consequences(msgspec.Struct, frozen=True, gc=False):
    """What follows from a change, if an effect has to guard: the change is written only if all `guards` win.

    If a guard may touch a row that another message's unit touches too, `keys` names that row: units that share a key
    wait for each other. So a guard without keys has a row of its own, or only looks.
    """

    writes: tuple[Write, ...] = ()
    guards: tuple[Write, ...] = ()
    keys: tuple[str, ...] = ()


class Effect(Protocol):
    """Turns a change into further writes of the same transaction. Pure: no I/O, no clock, no randomness.

    It may also guard the transaction (`Consequences`). A caller of the recorder then learns that the change lost, as
    if another writer had been first.

    An effect with `only_events` set writes nothing for a change without an event, such as most acceptances, and is
    not asked about it.

    `effects` of each feature returns its own; `app/features.py` lists the features that have some (`writing`), and
    `messages.recorder.Recorder` calls them.
    """

    def __call__(self, change: Change) -> Sequence[Write] | Consequences: ...


# ---------------------------------------------------------------- carriers


class Rendered(msgspec.Struct):
    """A message as a carrier will get it: in `units` (of SMS: segments), each with an outcome of its own, and from
    `sender`. The carrier charges for each unit as for `charged` of them: several if it gets a whole text at once. A
    connector that prepares more keeps it in a subclass of its own.
    """

    units: int
    sender: str
    charged: int = 1


class Refusal(msgspec.Struct):
    """A carrier does not support the message: an error code of the catalogue, and the reason in a sentence."""

    code: str
    detail: str


class Submission(msgspec.Struct):
    """A message on its way through one carrier. Dispatch creates it, and the carrier reports outcomes for it.

    `pending` are the indexes of the segments still to send: all of them at first, and the rest after a throttled or
    retryable segment, with the same `concat_reference`. `validity_ms` is the remaining validity.
    """

    message: Message
    rendered: Rendered
    pending: list[int]
    attempt: int
    concat_reference: int
    validity_ms: int
    submitted_at: int


class CarrierReceipt(msgspec.Struct):
    """A delivery report, parsed but not interpreted.

    `candidates` are the notations of the id to look for (the first: as written, normalised). `state` is an SMPP
    message_state (core.statuses.MESSAGE_STATE). `raw` is kept for the record, without the text of the message. All
    times are epoch milliseconds; `done_at` is None if the carrier did not give it.
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


class IncomingMessage(msgspec.Struct, kw_only=True):
    """A message that somebody sent to one of our addresses, as a carrier delivered it. Each channel has a subclass
    with its content, and names itself in `channel`.

    `conversation` is set only by simulated carriers: the tenant of the sender, so that replies to test traffic are
    test traffic, and no account reaches another. `session` changes whenever a link of the carrier was lost: the same
    message again over the same session is a new message, not a repeat.
    """

    channel: ClassVar[str] = ""

    carrier_id: str
    sender: str
    recipient: str
    received_at: int
    carrier_message_id: str | None = None
    conversation: Tenant | None = None
    session: str = ""


class InboundMessage(IncomingMessage, kw_only=True):
    """A message of SMS from a handset, one part at a time.

    `udh` is the user data header as received, `sar` the reference, total and number (1 to total) of a part from the
    sar_* TLVs. `alphabet` is the meaning of data_coding 0 on this link: gsm7 (one octet per character),
    gsm7_packed, latin1 or ascii. `text` is set if the carrier delivers a whole message as text (HTTP); `payload` is
    then empty, and nothing needs to be joined or decoded. `noted` describes what could not be read, `protocol_id`
    and `reply_path` are as set by the handset.
    """

    channel: ClassVar[str] = "sms"

    payload: bytes
    udh: bytes
    data_coding: int
    sar: tuple[int, int, int] | None = None
    alphabet: str = "gsm7"
    text: str | None = None
    noted: tuple[str, ...] = ()
    protocol_id: int = 0
    reply_path: bool = False


#: Called once: with True when the report is stored (acknowledge it), or with False (ask the carrier to repeat it).
Acknowledge = Callable[[bool], None]


class CarrierHost(Protocol):
    """What a carrier reports to. All calls return at once and never raise.

    Implemented by `network.callbacks.CarrierCallbacks`.
    """

    def outcome(self, submission: Submission, segment: int, outcome: Outcome) -> None:
        """Report the outcome of one segment: exactly one call for each segment handed over by `submit`."""

    def may_write(self, submission: Submission) -> bool:
        """Whether a segment that waited inside the carrier may still be written. Called directly before the write,
        because the message may have expired, or the node may have lost its lease while it was frozen. If not,
        the carrier reports the segment as retryable and does not write it.
        """

    def receipt(self, receipt: CarrierReceipt, acknowledge: Acknowledge) -> None:
        """Report a delivery report. The carrier answers its peer when `acknowledge` is called."""

    def inbound(self, message: IncomingMessage, acknowledge: Acknowledge) -> None:
        """Report a message to one of our addresses."""

    def ready(self, carrier_id: str) -> None:
        """Report that the carrier has room again, or that its state changed: dispatch looks at its lane."""


class CarrierState(msgspec.Struct):
    """The health of a carrier, for `/v1/carriers` and metrics."""

    connected: bool
    binds: int
    binds_bound: int
    in_flight: int
    window: int
    last_error: str | None = None
    #: Malformed PDUs that were read anyway, since the link was started.
    tolerated: int = 0


class Carrier(Protocol):
    """A configured link to a carrier. A folder under `carriers/` implements it and passes the conformance suite
    (tests/carriers/conformance.py): `carriers.smpp.carrier.SmppCarrier`, `carriers.http.carrier.HttpCarrier`,
    `carriers.simulator.carrier.SimulatorCarrier`. A carrier never touches messages or the store.
    """

    id: str
    #: True for simulated carriers, the only ones for test traffic.
    simulated: bool
    #: Segments a second over all binds; 0 is unlimited. The lane's pacer applies it.
    throughput: float
    #: How long after acceptance by the carrier a final receipt may arrive, in ms.
    receipt_timeout_ms: int

    async def start(self, host: CarrierHost) -> None:
        """Start to connect. Returns at once; being down is a state, not an error."""

    async def stop(self, deadline: float) -> None:
        """Stop within `deadline` seconds: unbind, wait for answers, and report the outcome of every open segment."""

    def render(self, message: Message, sender: str, concat_reference: int) -> Rendered | Refusal:
        """Render the message for this carrier, with the sender to use there. Pure."""

    def capacity(self) -> int:
        """How many segments `submit` could take now (free window slots over all bound binds)."""

    def submit(self, submission: Submission) -> None:
        """Send the pending segments. Never blocks or raises. Segments beyond the window wait inside the carrier for
        a slot, so that a message longer than the window can be sent. Before each such write, the carrier asks
        `CarrierHost.may_write`.
        """

    def state(self) -> CarrierState:
        """The current health."""


#: What a carrier may call: its delivery reports, and messages from handsets.
RECEIPTS: Final = "receipts"
INBOUND: Final = "inbound"


class CallbackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request by which a carrier reports over HTTP, as received.

    `url` is the URL that the carrier was told to call: the public URL with path and query, regardless of proxies.
    `headers` have lower-case names. `token` is the last part of the path, empty if there is none.
    """

    kind: str
    method: str
    url: str
    query: str
    headers: dict[str, str]
    body: bytes
    token: str = ""


class CallbackAnswer(msgspec.Struct, frozen=True):
    """The answer to a carrier once its report is stored."""

    status: int = 200
    body: bytes = b""
    content_type: bytes = b"text/plain; charset=utf-8"


@runtime_checkable
class Callbacks(Protocol):
    """A carrier whose far end reports by calling us over HTTP. Implemented by `carriers.http.carrier.HttpCarrier`."""

    async def called(self, request: CallbackRequest) -> CallbackAnswer:
        """Authenticate the caller, pass its reports to the host, and answer once they are stored.

        Raises `Problem`: `unauthorized` for a wrong signature, `bad_json` for a body that cannot be read,
        `unavailable` if the report could not be stored (the carrier calls again).
        """


class Finding(msgspec.Struct, frozen=True):
    """A line of the result of `onesixty carrier check`. `level`: ok, note, warning, error. `facts`: measurements by
    name, for programs (times in seconds). `step`: the part of the check, one of `STEPS`, or empty.
    """

    level: str
    what: str
    facts: dict[str, float | str] | None = None
    step: str = ""


#: The steps of a check: find the address, connect, encrypt, sign in, keep the link alive, reckon the rate, fill the
#: window, send a message, hear from the other side, and take leave.
STEPS: Final = (
    "address",
    "connect",
    "tls",
    "sign_in",
    "alive",
    "rate",
    "window",
    "message",
    "callbacks",
    "leave",
)


@runtime_checkable
class Checkable(Protocol):
    """A carrier that can be checked without sending a message.

    Implemented by `carriers.smpp.carrier.SmppCarrier` and `carriers.http.carrier.HttpCarrier`.
    """

    async def check(self) -> list[Finding]:
        """Connect to the far end, measure, and describe the result in sentences. Never raises; needs no `start`."""


class CheckOptions(msgspec.Struct, kw_only=True, frozen=True):
    """What a check may do besides connecting: send one message, and fill the window with harmless requests."""

    to: str | None = None
    sender: str = "onesixty"
    text: str = "Test message of onesixty carrier check."
    receipt_s: float = 30.0
    window: bool = False


@runtime_checkable
class CheckableByUse(Protocol):
    """A checkable carrier that can also send a test message. Implemented by `carriers.smpp.carrier.SmppCarrier`."""

    async def check_with(self, options: CheckOptions) -> list[Finding]:
        """Like `Checkable.check`, with the additional actions of `options`."""


@runtime_checkable
class ReadsErrors(Protocol):
    """A carrier whose receipts have codes of its own.

    Implemented by `carriers.smpp.carrier.SmppCarrier` and `carriers.http.carrier.HttpCarrier`.
    """

    def receipt_error(self, code: str) -> str | None:
        """The catalogue code for a `CarrierReceipt.code` of this carrier; None if it is not mapped."""


@runtime_checkable
class Pausable(Protocol):
    """A carrier whose binds can be paused individually. Implemented by `carriers.smpp.carrier.SmppCarrier`."""

    id: str

    def pause_binds(self, names: frozenset[str]) -> None:
        """Pause exactly these binds (named as in `Outcome.bind`): they get no new segments; open ones are answered,
        and receipts still arrive on them.
        """


class BindState(msgspec.Struct, kw_only=True):
    """The health of one bind of a carrier. `since` is when it was bound, or lost (epoch ms); None before the first
    attempt has ended. `last_error` is why it is not bound."""

    name: str
    type: str
    bound: bool
    since: int | None
    in_flight: int
    window: int
    paused: bool
    last_error: str | None = None


@runtime_checkable
class HasBinds(Protocol):
    """A carrier that knows the state of each of its binds. Implemented by `carriers.smpp.carrier.SmppCarrier`."""

    def bind_states(self) -> list[BindState]:
        """Its binds, in the order of their names."""


class CarrierConfig(msgspec.Struct, kw_only=True):
    """A row of `carriers`: `settings` is JSON in the form that the connector of `type` defines and validates.
    `cost_per_segment` is what the carrier takes for a segment, in micro-units of `currency`.
    """

    id: str
    name: str
    type: str
    settings: str
    enabled: bool
    version: int
    created_at: int
    cost_per_segment: int = 0
    currency: str = "EUR"


class RouteConfig(msgspec.Struct, kw_only=True):
    """A row of `routes`: `carriers` is a JSON list of carrier ids, first choice first, or of objects with order and
    weight; `match` is JSON of its filters; lower `priority` is evaluated first (routing/spec.py).
    """

    id: str
    name: str
    carriers: str
    match: str = "{}"
    priority: int = 100
    enabled: bool
    version: int
    created_at: int


# ---------------------------------------------------------------- seams


class Sealer(Protocol):
    """Seals values of the database with the instance secret (`sealing.keyring.Keyring`). A value is bound to its
    `purpose` (table and column) and to the row that it is `about`. `open` raises an error for any other value."""

    def seal(self, plain: bytes, purpose: str, about: str) -> str: ...

    def open(self, sealed: str, purpose: str, about: str) -> bytes: ...


class Net(Protocol):
    """Opens connections. Implemented by `smpp.network.LoopNetwork` on asyncio's loop, and in memory by the simulation
    (tests/simulation/net.py).
    """

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
