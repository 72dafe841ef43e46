"""Misbehaviour in the session: a class for each way to bind, unbind, answer or stall wrongly.

A conduct sees each event of a connection before the SMSC acts, and may handle it instead of the SMSC. A
misbehaviour that repeats happens at every n-th submit_sm of a connection (`SmscOptions.every`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from onesixty.core.clock import Random
from onesixty.smpp import codec
from onesixty.smpp import constants as c
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection


class Conduct:
    """The base class, well-behaved: it handles nothing itself. An SMSC has one object of each conduct."""

    def __init__(self, every: int, random: Random) -> None:
        self._every = every
        self._random = random
        self._submits: dict[Connection, int] = {}

    def strikes(self, connection: Connection) -> bool:
        """Count a submit_sm of the connection. Returns whether it is an n-th one."""
        count = self._submits.get(connection, 0) + 1
        self._submits[connection] = count
        return count % self._every == 0

    def on_bind(self, connection: Connection, pdu: Pdu) -> bool:
        """A bind was requested. Returns True if this method handled it."""
        return False

    def on_submit(self, connection: Connection, pdu: Pdu) -> bool:
        """A submit_sm arrived. Returns True if this method handled it."""
        return False

    def on_answered(self, connection: Connection, request: Pdu, status: int, message_id: str) -> None:
        """A submit_sm was answered."""

    def on_closed(self, connection: Connection) -> None:
        """A connection ended."""
        self._submits.pop(connection, None)


class Injects(Conduct):
    """Sends unsolicited octets together with its answers."""

    def __init__(self, every: int, random: Random, octets: Callable[[Random], bytes]) -> None:
        super().__init__(every, random)
        self._octets = octets

    def on_submit(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        if self.strikes(connection):
            connection.link.send_raw(self._octets(self._random))
        return False


class SilentBind(Conduct):
    """Never answers a bind."""

    def on_bind(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        return True


class RefusesBind(Conduct):
    """Refuses every bind."""

    def on_bind(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        connection.reject(pdu, c.ESME_RINVPASWD)
        return True


class StillBound(Conduct):
    """Takes a closed connection for a bound one for a while: it refuses two binds after each."""

    refusals: Final = 2

    def __init__(self, every: int, random: Random) -> None:
        super().__init__(every, random)
        self._left = 0

    def on_bind(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        if not self._left:
            return False
        self._left -= 1
        connection.reject(pdu, c.ESME_RALYBND)
        return True

    def on_closed(self, connection: Connection) -> None:
        """See Conduct."""
        super().on_closed(connection)
        if connection.bind_pdu is not None:
            self._left = self.refusals


class DeliversBeforeBindResp(Conduct):
    """Sends a deliver_sm before bind_resp."""

    def on_bind(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        connection.link.send_raw(
            codec.encode(
                Pdu(
                    c.DELIVER_SM,
                    sequence=c.MAX_SEQUENCE,
                    fields={
                        "source_addr_ton": c.TON_INTERNATIONAL,
                        "source_addr_npi": c.NPI_ISDN,
                        "source_addr": "15550009999",
                        "destination_addr": "40404",
                        "dest_addr_ton": c.TON_NETWORK_SPECIFIC,
                        "short_message": b"early",
                    },
                )
            )
        )
        return False


class UnbindsInWindow(Conduct):
    """Unbinds while submit_sm wait for their answers, and never answers them."""

    def __init__(self, every: int, random: Random) -> None:
        super().__init__(every, random)
        self._leaving: set[Connection] = set()

    def on_submit(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        if self.strikes(connection):
            self._leaving.add(connection)
            connection.unbind()
        return connection in self._leaving

    def on_closed(self, connection: Connection) -> None:
        """See Conduct."""
        super().on_closed(connection)
        self._leaving.discard(connection)


class HangsUp(Conduct):
    """Closes the connection without an unbind while submit_sm wait for their answers."""

    def on_submit(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        if not self.strikes(connection):
            return False
        connection.abort("hangs up")
        return True


class StopsReading(Conduct):
    """Stays connected but reads nothing more from the socket."""

    def on_submit(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        if self.strikes(connection):
            connection.link.pause_reading()
        return False


class EmptyErrors(Conduct):
    """Refuses with a header only, without a body."""

    def on_submit(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        if not self.strikes(connection):
            return False
        connection.respond(pdu, c.ESME_RSYSERR)
        return True


class Nacks(Conduct):
    """Answers with generic_nack instead of submit_sm_resp."""

    def on_submit(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        if not self.strikes(connection):
            return False
        connection.link.send_raw(codec.encode(Pdu(c.GENERIC_NACK, c.ESME_RINVCMDLEN, pdu.sequence)))
        return True


class QueueFull(Conduct):
    """Answers ESME_RMSGQFUL."""

    def on_submit(self, connection: Connection, pdu: Pdu) -> bool:
        """See Conduct."""
        if not self.strikes(connection):
            return False
        connection.respond(pdu, c.ESME_RMSGQFUL)
        return True


class AnswersTwice(Conduct):
    """Sends every answer twice."""

    def on_answered(self, connection: Connection, request: Pdu, status: int, message_id: str) -> None:
        """See Conduct."""
        connection.link.send_raw(
            codec.encode(Pdu(c.SUBMIT_SM_RESP, status, request.sequence, {"message_id": message_id}))
        )


# ---------------------------------------------------------------- octets for Injects


def garbage(random: Random) -> bytes:
    """Random octets; the first ones form a length far beyond any limit."""
    return b"\xff" + bytes(random.getrandbits(8) for _ in range(63))


def short_length(random: Random) -> bytes:
    """A command_length of 8, shorter than a header."""
    return (8).to_bytes(4, "big") + c.DELIVER_SM.to_bytes(4, "big") + b"\0" * 8


def http_answer(random: Random) -> bytes:
    """The answer of an HTTP server: its first octets, taken as a header, announce 1.2 GB."""
    return b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


def without_nul(random: Random) -> bytes:
    """A deliver_sm whose service_type has no NUL."""
    return _frame(c.DELIVER_SM, random, b"A" * 40)


def long_sm_length(random: Random) -> bytes:
    """A deliver_sm whose sm_length points beyond the PDU."""
    return _frame(c.DELIVER_SM, random, b"\0" * 16 + b"\xfahello")


def long_tlv(random: Random) -> bytes:
    """A deliver_sm with a TLV that is longer than the rest of the PDU."""
    return _frame(c.DELIVER_SM, random, b"\0" * 17 + b"\x04\x24\xff\xffabc")


def unknown_command(random: Random) -> bytes:
    """A command that does not exist."""
    return _frame(0x0000FFFF, random, b"")


def unknown_sequence(random: Random) -> bytes:
    """A response to a request that was never sent."""
    return codec.encode(
        Pdu(c.SUBMIT_SM_RESP, 0, random.randrange(0x70000000, c.MAX_SEQUENCE), {"message_id": "nobody"})
    )


def _frame(command_id: int, random: Random, body: bytes) -> bytes:
    sequence = random.randrange(1, c.MAX_SEQUENCE)
    words = (16 + len(body), command_id, 0, sequence)
    return b"".join(word.to_bytes(4, "big") for word in words) + body
