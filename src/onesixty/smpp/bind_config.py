"""As whom to bind and where, and what is told of a bind: the plain side of `client`."""

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from onesixty.smpp import constants as c
from onesixty.smpp.backoff import BackoffConfig
from onesixty.smpp.events import ProtocolError
from onesixty.smpp.link import Tap
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.states import SessionConfig

if TYPE_CHECKING:
    from onesixty.smpp.client import Bind

BIND_COMMAND_OF: Final[dict[str, int]] = {
    "transmitter": c.BIND_TRANSMITTER,
    "receiver": c.BIND_RECEIVER,
    "transceiver": c.BIND_TRANSCEIVER,
}


@dataclass(frozen=True, slots=True)
class BindConfig:
    """Where and as whom to bind. Times in seconds."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    bind: str = "transceiver"  # or transmitter, receiver
    system_type: str = ""
    interface_version: int = c.INTERFACE_VERSION_34  # what is asked for; `session.version` is what came of it
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""
    tls: ssl.SSLContext | None = None
    server_hostname: str | None = None  # for TLS, where it is not `host`
    connect_timeout: float = 10.0
    write_timeout: float = 10.0
    session: SessionConfig = field(default_factory=SessionConfig)
    backoff: BackoffConfig = field(default_factory=BackoffConfig)
    tap: Tap | None = None  # sees every frame of every connection


class CongestionHandler(Protocol):
    """What a BindHandler may have besides, to be told of the SMSC's load."""

    def on_congestion(self, bind: "Bind", congestion_state: int) -> None:
        """The SMSC's congestion_state (5.0, 4.8.4.18) changed: 0 idle to 100 overloaded. An answer
        that tells it no more counts as 0."""


class BindHandler(Protocol):
    """What a bind tells. Plain functions; none may block."""

    def on_bound(self, bind: "Bind", pdu: Pdu) -> None:
        """The SMSC took the bind; `pdu` is its response."""

    def on_bind_failed(self, bind: "Bind", reason: str, command_status: int | None, retry_in: float) -> None:
        """No bind came about; `command_status` if the SMSC refused it. Tried again in `retry_in` seconds."""

    def on_response(self, bind: "Bind", context: object, pdu: Pdu) -> None:
        """The answer to a request: its own response or a generic_nack."""

    def on_timeout(self, bind: "Bind", context: object) -> None:
        """No answer in time after the write: the outcome is unknown."""

    def on_request(self, bind: "Bind", pdu: Pdu) -> None:
        """deliver_sm, data_sm or alert_notification; answered by `bind.respond`, now or later."""

    def on_protocol_error(self, bind: "Bind", error: ProtocolError) -> None:
        """The SMSC broke a rule and was answered; for the log."""

    def on_closed(self, bind: "Bind", reason: str, written: list[object], unwritten: list[object]) -> None:
        """A bind that had come about has ended. See events.Closed for the two lists."""
