"""The settings of a bind (`client`): where to connect, and with which credentials."""

import ssl
from dataclasses import dataclass, field
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp.backoff import BackoffConfig
from onesixty.smpp.link import Tap
from onesixty.smpp.states import SessionConfig

BIND_COMMAND_OF: Final[dict[str, int]] = {
    "transmitter": c.BIND_TRANSMITTER,
    "receiver": c.BIND_RECEIVER,
    "transceiver": c.BIND_TRANSCEIVER,
}


@dataclass(frozen=True, slots=True)
class BindConfig:
    """Where to bind, and with which credentials. Times in seconds."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    bind: str = "transceiver"  # or transmitter, receiver
    system_type: str = ""
    # the version to ask for; `session.version` is the one that both sides speak
    interface_version: int = c.INTERFACE_VERSION_34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""
    tls: ssl.SSLContext | None = None
    server_hostname: str | None = None  # the name in the TLS certificate, if it is not `host`
    connect_timeout: float = 10.0
    write_timeout: float = 10.0
    session: SessionConfig = field(default_factory=SessionConfig)
    backoff: BackoffConfig = field(default_factory=BackoffConfig)
    tap: Tap | None = None  # sees every frame of every connection
