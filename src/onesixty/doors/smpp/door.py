"""The SMPP door: the SMSC that customers bind to. It passes each PDU to the part that handles it.

Rules kept here:
- a peer costs little until it has bound: connections are bounded, overall and by address, a bind has a deadline, and
  refusals of binds are delayed longer each time;
- a bind may do what its credential allows at this moment; a credential that is revoked or has come to its end ends
  its binds;
- the session itself answers what needs no message (enquire_link, unbind, protocol errors).
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from typing import Any, NamedTuple, Protocol

import structlog

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.ids import IdSource
from onesixty.customers.binds import UNKNOWN, UNSENT, Bind, Binds
from onesixty.customers.credentials import SmppCredentials
from onesixty.customers.ends import Ends
from onesixty.customers.refused_binds import RefusedBind
from onesixty.customers.tables import SmppCredential
from onesixty.doors.smpp.admission import Admission, Verdict
from onesixty.doors.smpp.answers import Answers
from onesixty.doors.smpp.buckets import Buckets
from onesixty.doors.smpp.network import DoorNetwork
from onesixty.doors.smpp.refusals import THROTTLES, beyond_window
from onesixty.doors.smpp.submissions import Submissions
from onesixty.doors.smpp.trace import SmppRefusals
from onesixty.kit.observer import Observer
from onesixty.limits.shared import SharedRates
from onesixty.smpp import constants as c
from onesixty.smpp.events import ProtocolError
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection
from onesixty.smpp.states import SessionConfig


class Limits(NamedTuple):
    """The limits of the whole door."""

    connections: int = 5000
    per_address: int = 500
    session: SessionConfig = SessionConfig()


class Operations(Protocol):
    """Answers requests other than plain submissions."""

    def handles(self, command_id: int) -> bool: ...

    def start(self, bind: Bind, pdu: Pdu) -> None: ...

    @property
    def idle(self) -> bool: ...


class _Peer:
    """A connection before its bind. `address` is the customer's, also behind a proxy."""

    __slots__ = ("address", "tls")

    def __init__(self, address: str, tls: bool) -> None:
        self.address = address
        self.tls = tls


class SmppDoor:
    """The handler of the listening servers, which `listeners` creates."""

    def __init__(
        self,
        *,
        binds: Binds,
        credentials: SmppCredentials,
        admission: Admission,
        clock: Clock,
        id_source: IdSource,
        observer: Observer,
        limits: Limits,
        network: DoorNetwork,
        refusals: SmppRefusals,
        answers: Answers,
        submissions: Submissions,
        operations: Operations,
        shared: SharedRates | None = None,
    ) -> None:
        """`network` knows where connections come from; `submissions` and `operations`
        handle the requests of binds. `shared` divides the rates of credentials between nodes, if there can be
        several."""
        self.binds = binds
        self._credentials = credentials
        self._ends = Ends(binds, credentials.book, clock)
        self._admission = admission
        self._clock = clock
        self._ids = id_source
        self._observer = observer
        self._limits = limits
        self._network = network
        self._refusals = refusals
        self._log = structlog.get_logger("onesixty.smpp")
        self._connections = 0
        self._by_address: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._buckets = Buckets(clock, shared)
        self._answers = answers
        self._submissions = submissions
        self._operations = operations
        credentials.on_change(self._credential_changed)

    @property
    def connections(self) -> int:
        """How many peers are connected, bound or not."""
        return self._connections

    @property
    def idle(self) -> bool:
        """Whether no request waits for its answer."""
        return self._submissions.idle and self._operations.idle

    # ------------------------------------------------------------ ServerHandler

    def on_connect(self, connection: Connection) -> None:
        """ServerHandler: accept the connection if it is within the limits, overall and by address."""
        address, tls = self._network.source_of(connection)
        if (
            self._connections >= self._limits.connections
            or self._by_address[address] >= self._limits.per_address
        ):
            self._observer.smpp_bind_refused("connections")
            connection.abort("too many connections")
            return
        self._connections += 1
        self._by_address[address] += 1
        connection.context = _Peer(address, tls)

    def on_bind(self, connection: Connection, pdu: Pdu) -> None:
        """ServerHandler: decide at once if the password is remembered, else after the KDF."""
        peer = connection.context
        assert isinstance(peer, _Peer)
        verdict = self._admission.at_once(pdu.text("system_id"), pdu.text("password"), peer.address)
        if verdict is not None:
            self._decide(connection, pdu, peer, verdict)
            return
        self._spawn(self._judge(connection, pdu, peer))

    def on_request(self, connection: Connection, pdu: Pdu) -> None:
        """ServerHandler: pass a request within the window to the part that handles it."""
        bind = connection.context
        if not isinstance(bind, Bind):  # the connection ended before the session passed it on
            return
        command_id = pdu.command_id
        if command_id in (c.SUBMIT_SM, c.DATA_SM):
            self._submissions.add(bind, pdu)
        elif self._operations.handles(command_id):
            self._operations.start(bind, pdu)
        else:
            self._answers.answer(bind, pdu, c.ESME_RINVCMDID)

    def on_overflow(self, connection: Connection, pdu: Pdu) -> None:
        """ServerHandler: trace a request beyond the window, which the session refused, for support."""
        bind = connection.context
        if isinstance(bind, Bind):
            window = connection.link.session.config.receive_window
            status = self._refusals.submission(bind, pdu, beyond_window(window))
            self._observer.smpp_request(pdu.name, c.status_name(status))

    def on_response(self, connection: Connection, context: object, pdu: Pdu) -> None:
        """ServerHandler: a deliver_sm was answered."""
        self._answered(connection, context, pdu.command_status)

    def on_timeout(self, connection: Connection, context: object) -> None:
        """ServerHandler: a deliver_sm was not answered in time."""
        self._answered(connection, context, UNKNOWN)

    def on_protocol_error(self, connection: Connection, error: ProtocolError) -> None:
        """ServerHandler: count the error. It is not logged, so that malformed PDUs do not fill the log."""
        self._observer.smpp_request("malformed", c.status_name(error.command_status))
        if isinstance(connection.context, Bind):
            self._refusals.malformed(connection.context, error)

    def on_closed(
        self, connection: Connection, reason: str, written: list[object], unwritten: list[object]
    ) -> None:
        """ServerHandler: report open deliveries to the code that sent them: unwritten as
        UNSENT, written as UNKNOWN."""
        context = connection.context
        if context is None:  # refused in `on_connect`
            return
        self._connections -= 1
        address = context.address  # type: ignore[attr-defined]  # a _Peer or a Bind: both have it
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
        if isinstance(context, Bind):
            self.binds.remove(context)
            self._log.info(
                "customer_unbound", bind=context.id, system_id=context.credential.system_id, reason=reason
            )
        for answered in unwritten:
            if callable(answered):
                answered(UNSENT)
        for answered in written:
            if callable(answered):
                answered(UNKNOWN)

    # ------------------------------------------------------------ binds

    async def _judge(self, connection: Connection, pdu: Pdu, peer: _Peer) -> None:
        verdict = await self._admission.judge(pdu.text("system_id"), pdu.text("password"), peer.address)
        if verdict.delay:
            await asyncio.sleep(verdict.delay)
        self._decide(connection, pdu, peer, verdict)

    def _decide(self, connection: Connection, pdu: Pdu, peer: _Peer, verdict: Verdict) -> None:
        credential = verdict.credential
        if credential is None:
            self._refuse(connection, pdu, peer, verdict.status, verdict.reason)
        elif len(self.binds.of(credential.id)) >= credential.profile.max_binds:
            self._refuse(connection, pdu, peer, c.ESME_RALYBND, "max_binds")
        else:
            self._admit(connection, pdu, peer, verdict, credential)

    def _refuse(self, connection: Connection, pdu: Pdu, peer: _Peer, status: int, reason: str) -> None:
        self._observer.smpp_bind_refused(reason)
        system_id, now = pdu.text("system_id"), self._clock.now_ms()
        credential = self._credentials.by_system_id(system_id)
        self.binds.refused.add(
            RefusedBind(
                system_id=system_id,
                address=peer.address,
                tls=peer.tls,
                kind=pdu.name.removeprefix("bind_"),
                reason=reason,
                status=c.status_name(status),
                tenant=None if credential is None else credential.tenant,
                credential_id=None if credential is None else credential.id,
                first_at=now,
                last_at=now,
            )
        )
        if reason != "locked":
            self._log.info("customer_bind_refused", system_id=system_id, address=peer.address, reason=reason)
            if credential is not None:
                self._refusals.bind(credential, pdu, status, reason, peer.address)
        connection.reject(pdu, status)

    def _admit(
        self, connection: Connection, pdu: Pdu, peer: _Peer, verdict: Verdict, credential: SmppCredential
    ) -> None:
        profile = credential.profile
        connection.configure(
            dataclasses.replace(
                self._limits.session,
                window=profile.delivery_window,
                receive_window=profile.window,
                overflow_status=THROTTLES[profile.throttle_status],
            )
        )
        bind = Bind(
            self._ids.new(ids.BIND),
            credential,
            connection,
            self._buckets.of(credential),
            command_id=pdu.command_id,
            address=peer.address,
            tls=peer.tls,
            since=self._clock.now_ms(),
        )
        connection.context = bind  # before `accept`, which may already pass early requests on
        connection.accept(pdu)
        if not connection.bound:
            return  # closed while the password was checked
        self._log.info(
            "customer_bound",
            bind=bind.id,
            system_id=credential.system_id,
            kind=bind.kind,
            address=bind.address,
            version=c.version_name(bind.interface_version),
        )
        self.binds.add(bind)
        self._credentials.note_bind(credential, bind.address, previous=verdict.previous)
        self._ends.watch(credential)

    def _credential_changed(self, credential: SmppCredential) -> None:
        self._buckets.change(credential)
        self.binds.change(credential)
        self._ends.watch(credential)

    def _answered(self, connection: Connection, context: object, status: int) -> None:
        if callable(context):
            context(status)
        bind = connection.context
        if isinstance(bind, Bind):
            self.binds.answered(bind)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel_tasks(self) -> None:
        """Stop judging and watching binds, because the door closes."""
        self._ends.close()
        for task in self._tasks:
            task.cancel()
