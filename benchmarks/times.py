"""When each message reached each point: recorded by the carrier and the receiver, combined to latencies afterwards.

All processes of a run read the one monotonic clock of the machine, so their times can be compared.

Rules kept here:
- a message's latency starts at the moment at which its request was due, not when it could be sent: a gateway
  that stalls is charged for the requests that had to wait for it (no coordinated omission);
- percentiles are over all messages: nearest rank, no message left out.
"""

from __future__ import annotations

import math
import re
import time
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

SHARES: Final = (50, 95, 99)
_OWN_DIGITS: Final = 7
#: Finds the recipient in an event of onesixty, and in Kannel's call for a report with status 1 (delivered).
_EVENT: Final = re.compile(rb'"to":\s*"\+\d*(\d{7})"')
_DELIVERED: Final = re.compile(rb'"type":\s*"message\.delivered"')
_REPORT: Final = re.compile(rb"\?status=1&.*1555(\d{7})")


class Times:
    """One time for each of `count` recipients, by their last seven digits; the first time recorded is kept."""

    def __init__(self, count: int) -> None:
        self.at = array("d", [math.nan]) * count

    def note(self, recipient: bytes) -> None:
        """Record the present time for a recipient. Others than those counted, such as the warm-up's, are ignored."""
        number = int(recipient[-_OWN_DIGITS:])
        if number < len(self.at) and math.isnan(self.at[number]):
            self.at[number] = time.monotonic()


class CarrierTimes:
    """The times of a carrier: when it accepted a message, and when it sent its report."""

    def __init__(self, count: int) -> None:
        self._taken, self._reported = Times(count), Times(count)
        self.taken, self.reported = self._taken.note, self._reported.note

    def save(self, directory: Path) -> None:
        """Write both to files for `read`."""
        save(self._taken.at, directory / "taken")
        save(self._reported.at, directory / "reported")


class ReceiverTimes:
    """The times of a webhook receiver: when it got the event that a message is delivered."""

    def __init__(self, count: int) -> None:
        self._told = Times(count)

    def look(self, head: bytes, body: bytes) -> None:
        """Inspect one request."""
        if body:
            found = _EVENT.search(body) if _DELIVERED.search(body) else None
        else:
            found = _REPORT.search(head.split(b"\r\n", 1)[0])
        if found is not None:
            self._told.note(found[1])

    def save(self, directory: Path) -> None:
        """Write them to a file for `read`."""
        save(self._told.at, directory / "told")


def save(times: array[float], path: Path) -> None:
    """Write times to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(times.tobytes())


def read(path: Path) -> array[float]:
    """Read times from a file."""
    times = array("d")
    times.frombytes(path.read_bytes())
    return times


def latencies(directory: Path, *, started: float, rate: float) -> dict[str, float]:
    """Return percentiles in milliseconds from the saved times of carrier and receiver: from request to carrier, and
    from report to webhook. Message `n` was due `n / rate` seconds after `started`.

    Raises ValueError if a time is missing: then carrier or receiver could not identify a message when it arrived.
    """
    taken, reported, told = (read(directory / name) for name in ("taken", "reported", "told"))
    spans = {
        "carrier": [at - (started + number / rate) for number, at in enumerate(taken)],
        "webhook": [after - before for before, after in zip(reported, told, strict=True)],
    }
    return {
        f"{name}_{share}_ms": value * 1e3
        for name, values in spans.items()
        for share, value in percentiles(values).items()
    }


def percentiles(values: Sequence[float], shares: Sequence[float] = SHARES) -> Mapping[str, float]:
    """Return the value that each share, in percent, of all values does not exceed; keys are `p50` and so on.

    Raises ValueError if there are no values, or one is not a number.
    """
    missing = sum(math.isnan(value) for value in values)
    if missing or not values:
        raise ValueError(f"{missing} of {len(values)} times are missing")
    ordered = sorted(values)
    return {f"p{share:g}": ordered[max(math.ceil(len(ordered) * share / 100), 1) - 1] for share in shares}
