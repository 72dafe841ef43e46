"""What the benchmark asks of a product under measurement: start, where to send, what processes, stop.

Each is started the way its users start it, with one bind configuration for all. A gateway is given the port
of the carrier and, where there are callbacks, that of the webhook receiver, and says what the client sends. All
calls block.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.cases import Case
from benchmarks.disk import Disk
from benchmarks.processes import Part
from benchmarks.requests import Settings
from onesixty.load.smpp import SmppTarget

CUSTOMER = "customer"


class GatewayError(Exception):
    """A gateway cannot be started or used; the message says why."""


@dataclass(frozen=True)
class Links:
    """How a gateway is connected: where the carrier and the receiver are, and the binds."""

    carrier_port: int
    receiver_port: int | None
    binds: int
    window: int


class Gateway(Protocol):
    """A product under measurement."""

    name: str
    #: The letters of the cases that it can take.
    letters: str
    #: What share of a case's messages it is measured with: a slow one needs fewer for as long a run.
    share: float
    #: How many of its nodes make the binds that it is told to make.
    nodes: int

    def missing(self) -> str | None:
        """Why it cannot be measured here, or None."""

    def start(self, directory: Path, links: Links) -> None:
        """Start it and wait until it takes requests; what it left in `directory` it finds again.

        Raises GatewayError."""

    def requests(self, case: Case) -> Settings:
        """The requests that the HTTP client sends for a case."""

    def more_ports(self) -> Sequence[int]:
        """Where further nodes listen for HTTP."""

    def customer(self, binds: int, window: int) -> SmppTarget:
        """Where a customer on SMPP binds, once it runs."""

    def parts(self) -> list[Part]:
        """The processes that run now and what each is."""

    def disk(self) -> Disk:
        """Measures what it writes. Raises GatewayError where that cannot be told."""

    def fill(self, rows: int) -> None:
        """Add messages to the database that it had when it was stopped. Raises GatewayError."""

    def stop(self) -> None:
        """End all of it; what it keeps stays for the next start."""

    def forget(self, directory: Path) -> None:
        """Let go of what it keeps for a start in `directory`, which is removed next."""


class Simple:
    """What most products are: one node, no files that are looked into."""

    share = 1.0
    nodes = 1

    def more_ports(self) -> Sequence[int]:
        return ()

    def requests(self, case: Case) -> Settings:
        raise GatewayError(f"it takes no requests over HTTP for case {case.name}")

    def customer(self, binds: int, window: int) -> SmppTarget:
        raise GatewayError("it has no door for SMPP customers")

    def disk(self) -> Disk:
        raise GatewayError("what it writes cannot be told")

    def fill(self, rows: int) -> None:
        raise GatewayError("its database cannot be filled")

    def forget(self, directory: Path) -> None:
        """There is nothing."""


def free_ports(count: int) -> list[int]:
    """Different free ports: all are held until the last one is known."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports
