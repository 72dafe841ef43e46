"""The requests that this side has in flight: their sequence numbers, their slots and their time-outs.

A sequence is 1 to 0x7FFFFFFF, wraps, and skips the numbers in flight. A request's time-out starts when it is
given to the transport, not when it is queued. All requests have the same time-out, so the oldest written one is
always the next to expire.
"""

from typing import Final

from onesixty.smpp import constants as c

NOT_WRITTEN: Final = -1.0


class InFlight:
    """One request. `start` is the position of its first octet among all octets that the session ever queued."""

    __slots__ = ("command_id", "context", "sequence", "start", "written_at")

    def __init__(self, command_id: int, sequence: int, context: object, start: int) -> None:
        self.command_id = command_id
        self.sequence = sequence
        self.context = context
        self.start = start
        self.written_at = NOT_WRITTEN


class Window:
    """At most `size` requests in flight, each for at most `timeout` seconds after its write."""

    __slots__ = ("_flights", "_last_sequence", "_reserved", "_unwritten", "size", "timeout")

    def __init__(self, size: int, timeout: float, first_sequence: int = 1) -> None:
        self.size = size
        self.timeout = timeout
        # In the order of sending, which is also the order of the writes.
        self._flights: dict[int, InFlight] = {}
        self._unwritten: list[InFlight] = []
        self._reserved: list[int] = []
        self._last_sequence = first_sequence - 1

    def __len__(self) -> int:
        return len(self._flights)

    @property
    def free(self) -> int:
        """The number of free slots."""
        free = self.size - len(self._flights)
        return free if free > 0 else 0

    def next_sequence(self) -> int:
        """Return the next number that no request in flight has."""
        sequence = self._last_sequence
        while True:
            sequence = sequence + 1 if sequence < c.MAX_SEQUENCE else 1
            if sequence not in self._flights and sequence not in self._reserved:
                self._last_sequence = sequence
                return sequence

    def reserve(self) -> int:
        """Return a sequence for enquire_link or unbind, which take no slot. The last four numbers are reserved for
        them."""
        sequence = self.next_sequence()
        self._reserved = [*self._reserved[-3:], sequence]
        return sequence

    def add(self, command_id: int, sequence: int, context: object, start: int) -> None:
        """Take a slot for a request that is queued at octet `start`."""
        flight = InFlight(command_id, sequence, context, start)
        self._flights[sequence] = flight
        self._unwritten.append(flight)

    def wrote(self, now: float) -> None:
        """Everything queued was given to the transport: start the time-outs."""
        if self._unwritten:
            for flight in self._unwritten:
                flight.written_at = now
            self._unwritten = []

    def answer(self, sequence: int, response_id: int) -> InFlight | None:
        """Free the slot of the request that a response answers, and return the request; None if there is none."""
        flight = self._flights.get(sequence)
        if flight is None or (
            response_id != flight.command_id | c.RESPONSE_BIT and response_id != c.GENERIC_NACK
        ):
            return None
        del self._flights[sequence]
        if flight.written_at == NOT_WRITTEN:
            # Answered before it was sent: only a peer that guesses numbers does that.
            self._unwritten = [other for other in self._unwritten if other is not flight]
        return flight

    def next_deadline(self) -> float | None:
        """When the oldest written request expires."""
        for flight in self._flights.values():
            return None if flight.written_at == NOT_WRITTEN else flight.written_at + self.timeout
        return None

    def expire(self, now: float) -> list[InFlight]:
        """Free the slots of the requests whose time is over, and return these requests."""
        expired: list[InFlight] = []
        for flight in self._flights.values():
            if flight.written_at == NOT_WRITTEN or flight.written_at + self.timeout > now:
                break
            expired.append(flight)
        for flight in expired:
            del self._flights[flight.sequence]
        return expired

    def drain(self) -> list[InFlight]:
        """Empty the window and return all requests in flight, in order."""
        flights = list(self._flights.values())
        self._flights = {}
        self._unwritten = []
        return flights
