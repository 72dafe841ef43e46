"""The products under measurement, behind one small interface: start, where to send, what processes, stop.

Each is started the way its users start it, with one bind configuration for all. A gateway is given the port
of the carrier and, for scenario B, that of the webhook receiver, and makes the requests of the client. All
calls block.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from benchmarks.kannel.gateway import (
    DLR_SENT_AND_FINAL,
    PASSWORD,
    PROGRAMS,
    USERNAME,
    Kannel,
    KannelError,
    find,
)
from benchmarks.roles import SENDER, TEXT
from onesixty.load.http import Target, v1_target
from onesixty.load.smpp import SmppTarget
from tests.support.jasmin import Jasmin, JasminError
from tests.support.jasmin import missing as jasmin_missing
from tests.support.postgres import PostgresProcess, find_binaries

ADMIN_KEY = "benchmark-key-for-loopback-only"
CUSTOMER = "customer"
JASMIN_PASSWORD = "secret"
STATUSES = ("message.sent", "message.delivered")


class GatewayError(Exception):
    """A gateway cannot be started; the message says why."""


@dataclass(frozen=True)
class Links:
    """How a gateway is connected: where the carrier and the receiver are, and the binds."""

    carrier_port: int
    receiver_port: int | None
    binds: int
    window: int


def sendsms_target(url: str, parameters: dict[str, str]) -> Target:
    """`GET /cgi-bin/sendsms` of a Kannel at `url`; `parameters` without `to`."""
    address = urlsplit(url)
    assert address.hostname is not None
    head = f"GET /cgi-bin/sendsms?{urlencode(parameters)}&to="
    tail = f" HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
    return Target(address.hostname, address.port or 80, head.encode("ascii"), tail.encode("ascii"))


class Gateway(Protocol):
    """A product under measurement."""

    name: str
    #: Whether customers can bind to it over SMPP.
    has_smpp_door: bool

    def missing(self) -> str | None:
        """Why it cannot be measured here, or None."""

    def start(self, directory: Path, links: Links) -> None:
        """Start it and wait until it takes requests. Raises GatewayError."""

    def target(self) -> Target:
        """The requests that the client sends."""

    def customer(self, binds: int, window: int) -> SmppTarget:
        """Where a customer on SMPP binds, once it runs."""

    def pids(self) -> list[int]:
        """Its processes; their children count too."""

    def stop(self) -> None:
        """End all of it."""


class KannelGateway:
    """Kannel, its queues in memory or, with `spool`, in a directory (never fsynced)."""

    has_smpp_door = False  # opensmppbox is a product of its own, and no package of Debian's

    def __init__(self, *, spool: bool = False) -> None:
        self.name = "kannel-spool" if spool else "kannel"
        self._spool = spool
        self._kannel: Kannel | None = None
        self._receiver_port: int | None = None

    @staticmethod
    def missing() -> str | None:
        absent = [program for program in PROGRAMS if find(program) is None]
        return f"{' and '.join(absent)} not installed (Debian's package kannel)" if absent else None

    def start(self, directory: Path, links: Links) -> None:
        self._receiver_port = links.receiver_port
        self._kannel = Kannel(
            directory, smsc_port=links.carrier_port, binds=links.binds, window=links.window, spool=self._spool
        )
        try:
            self._kannel.start()
        except KannelError as error:
            raise GatewayError(str(error)) from None

    def target(self) -> Target:
        assert self._kannel is not None
        parameters = {"username": USERNAME, "password": PASSWORD, "from": SENDER, "text": TEXT}
        if self._receiver_port is not None:
            # %d is the status; %p and %P are the two addresses, which make each report's URL its own
            url = f"http://127.0.0.1:{self._receiver_port}/report?status=%d&a=%p&b=%P"
            parameters |= {"dlr-mask": str(DLR_SENT_AND_FINAL), "dlr-url": url}
        return sendsms_target(self._kannel.url, parameters)

    def customer(self, binds: int, window: int) -> SmppTarget:
        raise GatewayError("Kannel has no door for SMPP customers")

    def pids(self) -> list[int]:
        assert self._kannel is not None
        return list(self._kannel.pids.values())

    def stop(self) -> None:
        if self._kannel is not None:
            self._kannel.stop()
            self._kannel = None


class JasminGateway:
    """Jasmin with the RabbitMQ and the Redis that it needs, which count as part of it; over SMPP alone."""

    name = "jasmin"
    has_smpp_door = True

    def __init__(self) -> None:
        self._jasmin: Jasmin | None = None

    @staticmethod
    def missing() -> str | None:
        return jasmin_missing()

    def start(self, directory: Path, links: Links) -> None:
        if links.binds != 1 or links.receiver_port is not None:
            raise GatewayError("jasmin is measured from SMPP to SMPP, with one bind")
        directory.mkdir(parents=True, exist_ok=True)
        self._jasmin = Jasmin(directory, no_delay=True)
        try:
            self._jasmin.start()
            # It has no window: it submits as fast as it can.
            link = {"port": links.carrier_port, "system_id": "onesixty", "password": "secret"}
            self._jasmin.connector("bench", **link, loglevel=40)
            self._jasmin.user(CUSTOMER, JASMIN_PASSWORD, connector="bench", order=1)
        except JasminError as error:
            raise GatewayError(str(error)) from None

    def target(self) -> Target:
        raise GatewayError("jasmin is measured from SMPP to SMPP alone")

    def customer(self, binds: int, window: int) -> SmppTarget:
        assert self._jasmin is not None
        return SmppTarget(
            host="127.0.0.1", port=self._jasmin.smpp_port, system_id=CUSTOMER, password=JASMIN_PASSWORD,
            binds=binds, window=window,
        )  # fmt: skip

    def pids(self) -> list[int]:
        assert self._jasmin is not None
        return list(self._jasmin.pids.values())

    def stop(self) -> None:
        if self._jasmin is not None:
            self._jasmin.stop()
            self._jasmin = None


class OnesixtyGateway:
    """onesixty as `python -m onesixty serve`, on SQLite (its default) with fsync."""

    name = "onesixty"
    has_smpp_door = True

    def __init__(self, *, profile: bool = False, processes: str = "auto") -> None:
        if processes != "auto":
            self.name = f"{self.name}-{processes}p"
        self._profile = profile
        self._processes = processes
        self._process: subprocess.Popen[bytes] | None = None
        self._url = ""
        self._smpp_port = 0
        self._password: str | None = None

    @staticmethod
    def missing() -> str | None:
        return None

    def start(self, directory: Path, links: Links) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        http_port, smpp_port = _free_ports(2)
        self._url = f"http://127.0.0.1:{http_port}"
        self._smpp_port, self._password = smpp_port, None
        (directory / "onesixty.toml").write_text(_configuration(links))
        variables = {
            "ONESIXTY_CONFIG": str(directory / "onesixty.toml"),
            "ONESIXTY_DATA_DIR": str(directory / "data"),
            "ONESIXTY_HTTP_LISTEN": f"127.0.0.1:{http_port}",
            "ONESIXTY_SMPP_LISTEN": f"127.0.0.1:{smpp_port}",
            "ONESIXTY_ADMIN_KEY": ADMIN_KEY,
            "ONESIXTY_WEBHOOK_ALLOW_PRIVATE": "1",
            "ONESIXTY_PROCESSES": self._processes,
        }
        database = self._make_database()
        if database is not None:
            variables["ONESIXTY_DATABASE_URL"] = database
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ONESIXTY_")}
        profiler = ["-m", "cProfile", "-o", str(directory / "serve.prof")] if self._profile else []
        with (directory / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *profiler, "-m", "onesixty", "serve"],
                cwd=directory, env=inherited | variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            self._wait_ready(directory / "serve.log")
            if links.receiver_port is not None:
                hook = {"url": f"http://127.0.0.1:{links.receiver_port}/hook", "events": list(STATUSES)}
                self._post("/v1/webhooks", hook)
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """Where its API is, once it has started."""
        return self._url

    def target(self) -> Target:
        return v1_target(self._url, ADMIN_KEY, sender=SENDER, text=TEXT)

    def customer(self, binds: int, window: int) -> SmppTarget:
        if self._password is None:
            profile = {"window": window, "delivery_window": window, "max_binds": binds}
            made = self._post("/v1/smpp-credentials", {"system_id": CUSTOMER, "profile": profile})
            self._password = str(made["password"])
        return SmppTarget(
            host="127.0.0.1", port=self._smpp_port, system_id=CUSTOMER, password=self._password, binds=binds,
            window=window,
        )  # fmt: skip

    def pids(self) -> list[int]:
        assert self._process is not None
        return [self._process.pid]

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _make_database(self) -> str | None:
        """The URL of a database that is not the default one."""
        return None

    def _wait_ready(self, log: Path) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 30
        while True:
            if self._process.poll() is not None:
                raise GatewayError(f"onesixty ended at its start:\n{log.read_text(errors='replace')[-2000:]}")
            try:
                with urllib.request.urlopen(f"{self._url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise GatewayError(f"onesixty is not ready:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def _post(self, path: str, body: Mapping[str, object]) -> Any:
        request = urllib.request.Request(
            self._url + path,
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise GatewayError(f"POST {path}: {error.code} {error.read().decode(errors='replace')}") from None


class OnesixtyPostgresqlGateway(OnesixtyGateway):
    """onesixty on a PostgreSQL of its own, which fsyncs too; the server's processes count as part of it."""

    name = "onesixty-postgresql"

    def __init__(self, *, profile: bool = False) -> None:
        super().__init__(profile=profile)
        self._server: PostgresProcess | None = None

    @staticmethod
    def missing() -> str | None:
        return None if find_binaries() else "no PostgreSQL is installed"

    def pids(self) -> list[int]:
        assert self._server is not None
        return [*super().pids(), self._server.pid]

    def stop(self) -> None:
        super().stop()
        if self._server is not None:
            self._server.close()
            self._server = None

    def _make_database(self) -> str | None:
        binaries = find_binaries()
        assert binaries is not None
        self._server = PostgresProcess(binaries, durable=True)
        self._server.start()
        return self._server.create_database()


def _configuration(links: Links) -> str:
    return f"""[[carriers]]
name = "bench"
type = "smpp"
host = "127.0.0.1"
port = {links.carrier_port}
system_id = "onesixty"
password = "secret"
bind = "transceiver"
binds = {links.binds}
window = {links.window}
throughput = 0

[[routes]]
name = "default"
carriers = ["bench"]
"""


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(listener.getsockname()[1]) for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports
