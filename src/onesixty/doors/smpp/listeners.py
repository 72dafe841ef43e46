"""The SMPP door of a node, put together: its servers, the parts that handle PDUs, and how it closes."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from pathlib import Path

from onesixty.accounts import Accounts
from onesixty.captures.captures import Captures
from onesixty.customers.binds import Binds
from onesixty.customers.credentials import SmppCredentials
from onesixty.customers.dedup import Deduplication
from onesixty.customers.parts import Parts
from onesixty.customers.passwords import Passwords
from onesixty.customers.short_ids import ShortIds
from onesixty.doors.smpp.admission import Admission
from onesixty.doors.smpp.answers import Answers
from onesixty.doors.smpp.door import Limits, SmppDoor
from onesixty.doors.smpp.multi import Multi
from onesixty.doors.smpp.network import DoorNetwork
from onesixty.doors.smpp.operations import Operations
from onesixty.doors.smpp.outbinds import Outbinds
from onesixty.doors.smpp.submissions import Submissions
from onesixty.doors.smpp.tls import LOOK_EVERY, Certificate
from onesixty.doors.smpp.trace import SmppRefusals
from onesixty.kit.context import Context
from onesixty.limits.shared import SharedRates
from onesixty.messages.control import Control
from onesixty.messages.edits import Edits
from onesixty.messages.intake import Intake
from onesixty.messages.queries import Queries
from onesixty.ops.metrics import Metrics
from onesixty.ops.open_files import make_room
from onesixty.ops.settings import Address, Settings, SettingsError, variable_of
from onesixty.refusals import Trace
from onesixty.smpp.link import Tap
from onesixty.smpp.server import ServerConfig, SmppServer
from onesixty.smpp.states import SessionConfig

#: Seconds between two reads of credentials that other nodes changed.
REFRESH_EVERY = 5.0
#: Seconds within which a customer has to read what is written to it.
WRITE_TIMEOUT = 10.0


class SmppListeners:
    """The door and its servers, one without and one with TLS."""

    def __init__(
        self,
        node: Context,
        *,
        accounts: Accounts,
        credentials: SmppCredentials,
        passwords: Passwords,
        binds: Binds,
        short_ids: ShortIds,
        deduplication: Deduplication,
        parts: Parts,
        intake: Intake,
        queries: Queries,
        control: Control,
        edits: Edits,
        captures: Captures,
        trace: Trace,
        shared: SharedRates | None = None,
    ) -> None:
        settings = node.settings
        self._clock = node.clock
        self._settings = settings
        self._accounts = accounts
        self._credentials = credentials
        self._captures = captures
        self._limits = _limits(settings, make_room(settings.smpp_max_connections))
        self._network = DoorNetwork([ipaddress.ip_network(n) for n in settings.smpp_proxies])
        refusals = SmppRefusals(trace)
        answers = Answers(node.observer)
        multi = Multi(intake, answers, node.clock, node.ids, short_ids, refusals)
        operations = Operations(
            queries,
            parts,
            short_ids,
            control,
            edits,
            multi,
            answers,
            node.clock,
        )
        submissions = Submissions(intake, parts, answers, node.clock, deduplication, operations, refusals)
        self.door = SmppDoor(
            binds=binds,
            credentials=credentials,
            admission=Admission(credentials, passwords, node.clock, accounts.tree),
            clock=node.clock,
            id_source=node.ids,
            observer=node.observer,
            limits=self._limits,
            network=self._network,
            refusals=refusals,
            answers=answers,
            submissions=submissions,
            operations=operations,
            shared=shared,
        )
        self._outbinds = Outbinds(
            credentials.book, self._call, node.clock, allow_private=settings.webhook_allow_private
        )
        binds.on_wanted(self._outbinds.want)
        self._servers: list[SmppServer] = []
        self._certificate: Certificate | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ports(self) -> list[int]:
        """The ports it listens on, the one without TLS first."""
        return [server.port for server in self._servers]

    def gauges(self, metrics: Metrics) -> None:
        """Connect the gauge of connections."""
        metrics.smpp_connections.read_from(lambda: {(): self.door.connections})

    async def open(self) -> None:
        """Start to listen. Raises OSError."""
        settings = self._settings
        if settings.smpp_listen:
            await self._listen("smpp_listen", settings.smpp_address)
        if settings.smpp_tls_listen:
            assert settings.smpp_tls_cert is not None
            assert settings.smpp_tls_key is not None
            for name in ("smpp_tls_cert", "smpp_tls_key"):
                readable(getattr(settings, name), name)
            try:
                self._certificate = Certificate(settings.smpp_tls_cert, settings.smpp_tls_key)
            except OSError as error:  # includes ssl.SSLError
                both = f"{variable_of('smpp_tls_cert')} and {variable_of('smpp_tls_key')}"
                raise SettingsError(f"{both}: {error}") from None
            await self._listen("smpp_tls_listen", settings.smpp_tls_address, self._certificate.context)
        self._captures.door_opened(self)
        self._tasks.append(asyncio.create_task(self._refresh()))
        if self._certificate is not None:
            self._tasks.append(asyncio.create_task(self._watch(self._certificate)))

    async def close(self, seconds: float) -> None:
        """Unbind all customers and answer open requests, within `seconds`. The tasks of
        connections cut off end here too."""
        clock = self._clock
        deadline = clock.monotonic() + seconds
        for task in self._tasks:
            task.cancel()
        self.door.cancel_tasks()
        self._outbinds.close()
        await asyncio.gather(*(server.stop(seconds) for server in self._servers))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self.door.idle and clock.monotonic() < deadline:  # noqa: ASYNC110  (tasks of several parts)
            await asyncio.sleep(0.01)

    async def _listen(self, setting: str, address: Address, tls: ssl.SSLContext | None = None) -> None:
        try:
            await self._server().start(address.host, address.port, tls=tls)
        except OSError as error:
            raise OSError(f"{variable_of(setting)}: {error}") from None

    async def _call(self, host: str, port: int) -> None:
        if self._servers:
            await self._servers[0].outbind(host, port)

    def set_tap(self, tap: Tap | None) -> None:
        """Show `tap` every frame of every customer, present and future; None removes the tap."""
        for server in self._servers:
            server.tap = tap

    def _server(self) -> SmppServer:
        limits = self._limits
        server = SmppServer(
            ServerConfig(
                system_id=self._settings.smpp_system_id,
                max_connections=limits.connections,
                write_timeout=WRITE_TIMEOUT,
                session=limits.session,
            ),
            self.door,
            network=self._network,
        )
        self._servers.append(server)
        return server

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_EVERY)
            with contextlib.suppress(Exception):  # other code reports a store that is away
                await self._credentials.refresh()
                # customers who only bind have no keys whose look-up would load the account
                await self._accounts.load()

    async def _watch(self, certificate: Certificate) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            certificate.look()


def readable(path: Path, setting: str) -> None:
    """Raise SettingsError with the setting whose file cannot be read, because the code that loads both files
    cannot tell which one it is."""
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise SettingsError(f"{variable_of(setting)}: {path}: {error.strerror}") from None


def _limits(settings: Settings, connections: int) -> Limits:
    return Limits(
        connections=connections,
        per_address=settings.smpp_max_connections_per_address,
        session=SessionConfig(
            session_init_timeout=settings.smpp_session_init_seconds,
            enquire_link_interval=settings.smpp_enquire_link_seconds,
            inactivity_timeout=settings.smpp_inactivity_seconds,
        ),
    )
