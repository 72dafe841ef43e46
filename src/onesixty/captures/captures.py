"""Captures of SMPP traffic for operators: the links captured, the time limits, and the files.

Rules kept here:
- a capture covers a carrier, one of its binds, a customer's credential, or one message (all traffic to and from its
  number, over every link of this node);
- passwords are always masked, message bodies unless the request asked for them; that is logged with the key of the
  request. Bodies to and from a number to which a code is on its way are masked in any case, and so is the text that a
  receipt repeats: it may be a code that another node sent;
- captures are bounded in number, size and time; a finished capture is deleted after a day;
- redaction covers captures: a file that contains the redacted number, in any notation, is deleted;
- a stop of the node deletes all captures, or else the next start does; without a capture, traffic costs nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Protocol

import structlog

from onesixty.captures.pdus import PduIndex
from onesixty.carriers.tappable import Tappable
from onesixty.core import ids, times
from onesixty.core.clock import Clock
from onesixty.core.contracts import Carrier
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.customers.binds import Binds
from onesixty.smpp import constants as c
from onesixty.smpp import pcap
from onesixty.smpp.link import Link, Tap
from onesixty.smpp.masking import masked, told_by

MOST_RUNNING: Final = 5
MOST_KEPT: Final = 50
KEPT_MS: Final = 86_400_000
#: Requests whose answers belong to the capture of a message.
MOST_OPEN: Final = 10_000
#: How many captures somebody can look into before the first one is read again.
MOST_INDEXES: Final = 3
#: The last digits of a number, which every notation contains (national ones lack the first digits). Deleting a file
#: for another number with the same last digits does no harm.
NATIONAL: Final = 7

_MISSING: Final = object()

#: Whether the capture covers a link.
Wanted = Callable[[Link], bool]
#: Whether a code is on its way to a number.
Covers = Callable[[str], bool]


class Via(NamedTuple):
    """Whose link it is: a bind of a carrier, or a customer's."""

    carrier_id: str | None = None
    bind: str | None = None
    system_id: str | None = None


Whose = Callable[[Link], Via]


class Capture:
    """One capture and its file. Times are epoch milliseconds."""

    def __init__(
        self, id_: str, of: dict[str, str], *, path: Path, bodies: bool, seconds: float, most: int, at: int,
        wanted: Wanted | None, number: str | None, covers: Covers, carrier_id: str | None = None,
    ) -> None:  # fmt: skip
        self.id = id_
        self.of = of
        self.carrier_id = carrier_id
        self.path = path
        self.bodies = bodies
        self.started_at = at
        self.ends_at = at + round(seconds * 1000)
        self.stopped_at: int | None = None
        self.reason: str | None = None
        self.frames = 0
        self.octets = len(pcap.HEAD)
        self._most = most
        self._wanted = wanted
        self._number = number
        self._covers = covers
        self._open: dict[tuple[int, str, bytes], object] = {}
        self._links: dict[tuple[pcap.Endpoint, pcap.Endpoint], Via] = {}
        self._stream = pcap.PcapStream()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: BinaryIO | None = os.fdopen(descriptor, "wb")
        self._file.write(pcap.HEAD)

    def see(self, link: Link, direction: str, frame: bytes, wall: float, whose: Whose) -> bool:
        """Write a frame if the capture covers it. False when the file is full. `whose` is asked once for a link."""
        if self._file is None or (self._wanted is not None and not self._wanted(link)):
            return True
        if self._number is not None and not self._is_of_number(link, direction, frame):
            return True
        ours, theirs = pcap.endpoint(link.local), pcap.endpoint(link.peer)
        source, target = (theirs, ours) if direction == "in" else (ours, theirs)
        shown = masked(frame, bodies=not self.bodies or self._is_covered(frame))
        record = self._stream.record(wall, source, target, shown)
        if self.octets + len(record) > self._most:
            return False
        self._file.write(record)
        if (ours, theirs) not in self._links:
            self._links[ours, theirs] = whose(link)
        self.frames += 1
        self.octets += len(record)
        return True

    def _is_covered(self, frame: bytes) -> bool:
        """Whether the body of a frame is masked whatever the request asked for."""
        told = told_by(frame)
        return told.receipt or any(map(self._covers, told.addresses))

    def _is_of_number(self, link: Link, direction: str, frame: bytes) -> bool:
        """Whether a request contains the number, or an answer belongs to such a request."""
        if len(frame) < c.HEADER_LENGTH:
            return False
        sequence = frame[12:16]
        if frame[4] & 0x80:
            asked = "in" if direction == "out" else "out"
            return self._open.pop((id(link), asked, sequence), _MISSING) is None
        assert self._number is not None
        if not re.search(rb"(?<![0-9])%b(?![0-9])" % self._number.encode(), frame[16:]):
            return False
        self._open[id(link), direction, sequence] = None
        if len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]
        return True

    def stop(self, at: int, reason: str) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file, self.stopped_at, self.reason = None, at, reason

    @property
    def status(self) -> str:
        """`running` or `stopped`."""
        return "running" if self.stopped_at is None else "stopped"

    def links(self) -> dict[tuple[pcap.Endpoint, pcap.Endpoint], Via]:
        """Whose the links in the file are, by our end and the other one, as the file writes them."""
        return {(pcap.written(ours), pcap.written(peer)): via for (ours, peer), via in self._links.items()}

    def flush(self) -> None:
        """Flush the file, so that it can be read so far."""
        if self._file is not None:
            self._file.flush()

    def view(self) -> dict[str, Any]:
        """The capture as the API shows it."""
        return {
            "id": self.id,
            **{name: self.of.get(name) for name in ("carrier", "bind", "credential", "message_id")},
            "status": self.status,
            "reason": self.reason,
            "bodies": self.bodies,
            "frames": self.frames,
            "bytes": self.octets,
            "started_at": times.to_text(self.started_at),
            "ends_at": times.to_text(self.ends_at),
            "stopped_at": times.text_or_none(self.stopped_at),
        }


class Heard(NamedTuple):
    """The links that a running capture covers: a carrier's binds or one of them, customers' binds, or every link."""

    carrier_id: str | None
    bind: str | None
    everywhere: bool
    customers: bool


class CustomersDoor(Protocol):
    """The links of customers."""

    def set_tap(self, tap: Tap | None) -> None: ...


class Captures:
    """The captures of this node. Owners of links report them: `carrier_runs`, `carrier_stopped`, `door_opened`."""

    def __init__(
        self, directory: Path, clock: Clock, id_source: IdSource, binds: Binds, covers: Covers
    ) -> None:
        """`directory` holds the files; `binds` identifies the links of customers; `covers` says whether a code is on
        its way to a number."""
        self._directory = directory
        self._clock = clock
        self._ids = id_source
        self._binds = binds
        self._covers = covers
        self._carriers: dict[str, Tappable] = {}
        self._door: CustomersDoor | None = None
        self._known: dict[str, Capture] = {}
        self._heard: dict[str, Heard] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        #: The captures that somebody looked into last.
        self._indexes: OrderedDict[str, PduIndex] = OrderedDict()
        self._log = structlog.get_logger("onesixty.captures")
        for left in self._directory.glob("*.pcap"):
            left.unlink(missing_ok=True)  # a file of an earlier start, which no capture refers to

    def begin(
        self, of: dict[str, str], *, carrier_id: str | None, number: str | None, seconds: float, most: int,
        bodies: bool, who: str,
    ) -> Capture:  # fmt: skip
        """Start a capture of what `of` names, which the caller has validated. Raises Problem `conflict`."""
        self._forget()
        running = [capture for capture in self._known.values() if capture.stopped_at is None]
        if len(running) >= MOST_RUNNING:
            raise Problem(
                "conflict", f"{MOST_RUNNING} captures are already running on this node. Stop one first."
            )
        if len(self._known) >= MOST_KEPT:
            raise Problem("conflict", f"This node already keeps {MOST_KEPT} captures. Delete some first.")
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        id_ = self._ids.new(ids.CAPTURE)
        capture = Capture(
            id_, of, path=self._directory / f"{id_}.pcap", bodies=bodies, seconds=seconds, most=most,
            at=self._clock.now_ms(), wanted=self._wanted(of), number=number, covers=self._covers,
            carrier_id=carrier_id,
        )  # fmt: skip
        self._known[id_] = capture
        self._heard[id_] = Heard(
            carrier_id=carrier_id,
            bind=of.get("bind"),
            everywhere=number is not None,
            customers="credential" in of or number is not None,
        )
        self._listen()
        loop = asyncio.get_running_loop()
        self._timers[id_] = loop.call_later(seconds, self._end, id_, "the time limit was reached")
        if bodies:
            self._log.warning("capture_with_bodies", capture=id_, by=who, of=of)
        else:
            self._log.info("capture", capture=id_, by=who, of=of)
        return capture

    def list(self) -> list[Capture]:
        """All captures of this node, newest first."""
        self._forget()
        return sorted(self._known.values(), key=lambda capture: capture.id, reverse=True)

    def get(self, id_: str) -> Capture:
        """One capture. Raises Problem `not_found`."""
        capture = self._known.get(id_)
        if capture is None:
            raise Problem("not_found", "Capture not found on this node.")
        return capture

    def stop(self, id_: str) -> Capture:
        """Stop a capture."""
        capture = self.get(id_)
        self._end(id_, "stopped by request")
        return capture

    def delete(self, id_: str) -> None:
        """Stop a capture and delete its file."""
        capture = self.get(id_)
        self._end(id_, "deleted by request")
        capture.path.unlink(missing_ok=True)
        self._indexes.pop(id_, None)
        del self._known[id_]

    def pdus(self, id_: str) -> PduIndex:
        """The PDUs of a capture so far. Raises Problem `not_found`."""
        capture = self.get(id_)
        capture.flush()
        index = self._indexes.pop(id_, None)
        if index is None:
            index = PduIndex(capture.path)
        self._indexes[id_] = index
        if len(self._indexes) > MOST_INDEXES:
            self._indexes.popitem(last=False)
        return index

    async def redact(self, number: str, also: Iterable[str] = ()) -> None:
        """Delete every capture that contains this number, in any notation, or one of these ids of its message."""
        digits = number.lstrip("+")
        needles = [text.encode() for text in (digits[-NATIONAL:], *also) if text]
        for capture in list(self._known.values()):
            capture.flush()
            held = await asyncio.to_thread(partial(_holds, needles, capture.path))
            if held and capture.id in self._known:
                self.delete(capture.id)

    def close(self) -> None:
        """Stop and delete all captures: redaction cannot reach the files of a stopped node."""
        for id_ in list(self._known):
            self.delete(id_)

    # ------------------------------------------------------------ taps

    def _wanted(self, of: dict[str, str]) -> Wanted | None:
        credential = of.get("credential")
        if credential is None:
            return None
        return lambda link: any(bind.connection.link is link for bind in self._binds.of(credential))

    def _end(self, id_: str, reason: str) -> None:
        timer = self._timers.pop(id_, None)
        if timer is not None:
            timer.cancel()
        if self._heard.pop(id_, None) is not None:
            self._known[id_].stop(self._clock.now_ms(), reason)
            self._listen()

    def _forget(self) -> None:
        now = self._clock.now_ms()
        for id_, capture in list(self._known.items()):
            if capture.stopped_at is not None and capture.stopped_at < now - KEPT_MS:
                self.delete(id_)

    def carrier_runs(self, carrier_id: str, carrier: Carrier) -> None:
        """The carrier now runs with this connector."""
        if isinstance(carrier, Tappable):
            self._carriers[carrier_id] = carrier
            if self._heard:
                self._tap_carrier(carrier_id, carrier)

    def carrier_stopped(self, carrier_id: str) -> None:
        """The carrier's connector has stopped, or is being replaced."""
        self._carriers.pop(carrier_id, None)

    def door_opened(self, door: CustomersDoor) -> None:
        """The SMPP server accepts customers from now on."""
        self._door = door

    def binds_of(self, carrier_id: str) -> Sequence[str] | None:
        """The names of a carrier's binds; None if it does not use SMPP or does not run on this node."""
        carrier = self._carriers.get(carrier_id)
        return None if carrier is None else carrier.bind_names

    def _listen(self) -> None:
        """Install taps on the links that a capture covers, and remove all others."""
        for carrier_id, carrier in self._carriers.items():
            self._tap_carrier(carrier_id, carrier)
        if self._door is not None:
            self._door.set_tap(self._tap(lambda heard: heard.customers, self._customer))

    def _tap_carrier(self, carrier_id: str, carrier: Tappable) -> None:
        for name in carrier.bind_names:
            via = Via(carrier_id=carrier_id, bind=name)
            carrier.set_tap(self._tap(partial(_is_of, carrier_id, name), partial(_always, via)), name)

    def _customer(self, link: Link) -> Via:
        bind = self._binds.over(link)
        return Via(system_id=None if bind is None else bind.credential.system_id)

    def _tap(self, chosen: Callable[[Heard], bool], whose: Whose) -> Tap | None:
        captures = [self._known[id_] for id_, heard in self._heard.items() if chosen(heard)]
        if not captures:
            return None

        def tap(link: Link, direction: str, frame: bytes, _: float) -> None:
            wall = self._clock.now_ms() / 1000
            for capture in captures:
                if not capture.see(link, direction, frame, wall, whose):
                    self._end(capture.id, "the file size limit was reached")

        return tap


def _is_of(carrier_id: str, bind: str, heard: Heard) -> bool:
    return heard.everywhere or (heard.carrier_id == carrier_id and heard.bind in (None, bind))


def _always(via: Via, _: Link) -> Via:
    return via


def _holds(needles: Sequence[bytes], path: Path) -> bool:
    if not path.exists():
        return False
    held = path.read_bytes()
    return any(needle in held for needle in needles)
