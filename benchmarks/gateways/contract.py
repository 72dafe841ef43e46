"""What the benchmark needs from a measured product: start it, send to it, name its processes, stop it.

Each product is started as its users start it, with the same bind configuration for all. A gateway gets the port
of the carrier and, if there are callbacks, that of the webhook receiver, and returns what the client sends. All
calls block.
"""

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
    """How a gateway is connected: the ports of carrier and receiver, and the binds."""

    carrier_port: int
    receiver_port: int | None
    binds: int
    window: int


class Gateway(Protocol):
    """A measured product."""

    name: str
    #: The letters of the cases that it supports.
    letters: str
    #: The share of a case's messages that it gets: a slow gateway needs fewer for a run of the same length.
    share: float
    #: How many of its nodes make the configured binds.
    nodes: int

    def missing(self) -> str | None:
        """Return why it cannot be measured here, or None."""

    def start(self, directory: Path, links: Links) -> None:
        """Start it and wait until it accepts requests. It continues with what an earlier start left in `directory`.

        Raises GatewayError.
        """

    def requests(self, case: Case) -> Settings:
        """Return the requests that the HTTP client sends for a case."""

    def more_ports(self) -> Sequence[int]:
        """Return the HTTP ports of further nodes."""

    def customer(self, binds: int, window: int) -> SmppTarget:
        """Return where a customer on SMPP binds; call it while the gateway runs."""

    def parts(self) -> list[Part]:
        """Return the processes that run now, with their parts."""

    def disk(self) -> Disk:
        """Return the measurement of its disk writes. Raises GatewayError if they cannot be measured."""

    def fill(self, rows: int) -> None:
        """Add messages to the database of a stopped gateway. Raises GatewayError."""

    def counted(self) -> bool:
        """Return whether a running gateway has counted all messages that `fill` added. Raises GatewayError."""

    def stop(self) -> None:
        """Stop all of its processes; its data stays for the next start."""

    def forget(self, directory: Path) -> None:
        """Release what it keeps for a start in `directory`; the directory is removed afterwards."""


class Simple:
    """The usual answers: one node, and no files whose writes are measured."""

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

    def counted(self) -> bool:
        raise GatewayError("its database cannot be filled")

    def forget(self, directory: Path) -> None:
        """Do nothing: there is nothing to release."""
