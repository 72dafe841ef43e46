"""Jasmin (the gateway in Python) on free ports, with the RabbitMQ and the Redis that it needs, ended by their pids.

    with Jasmin(directory) as jasmin:
        jasmin.connector("carrier", port=2775, system_id="onesixty", password="secret")
        jasmin.user("app", "secret", connector="carrier")
        jasmin.wait_bound("carrier")
        urlopen(jasmin.send_url("app", "secret", "YourBrand", "+15551234567", "Hello", dlr_url))

Jasmin comes from its own package, in a virtual environment of its own (scripts/setup-interop makes it), and is
told what to do over its console, jCli. The two servers are Debian's; what they write is in `directory` too. All
calls block. The Python is Jasmin's own, since its dependencies are not ours: this module imports nothing of it.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote, urlencode

from tests.support.waiting import free_port

ROOT: Final = Path(__file__).resolve().parents[2]
PEER: Final = ROOT / "tests" / "interop" / "jasmin"
PYTHON: Final = PEER / "venv" / "bin" / "python"
RABBITMQ: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
REDIS: Final = "redis-server"
EPMD: Final = "epmd"

#: Jasmin's own pause before it tries a message again that was throttled is 30 s.
THROTTLED_RETRY: Final = 1
UNLIMITED: Final = 0

#: A command of jCli and the fields it asks for; None where it asks for none.
Command = tuple[str, Mapping[str, object] | None]


class JasminError(Exception):
    """Jasmin or what it needs is not installed, ended, or did not become ready in time."""


def missing() -> str | None:
    """Why Jasmin cannot run here, or None."""
    if not (PYTHON.parent.parent / ".installed").exists():
        return "jasmin is not installed (scripts/setup-interop installs it)"
    for program, package in (
        (str(RABBITMQ), "rabbitmq-server"),
        (REDIS, "redis-server"),
        (EPMD, "erlang-base"),
    ):
        if shutil.which(program) is None:
            return f"{package} is not installed (scripts/setup-interop installs it)"
    return None


class Jasmin:
    """One Jasmin daemon with all of its services. `directory` takes configuration, logs and data.

    `no_delay`: without Nagle's algorithm, which it has by default and which slows it down.
    """

    def __init__(self, directory: Path, *, no_delay: bool = False) -> None:
        self.directory = directory.resolve()
        self._no_delay = no_delay
        ports = [free_port() for _ in range(10)]
        self.smpp_port, self.http_port, self._console_port = ports[:3]
        self._redis_port, self._epmd_port, self._amqp_port, self._dist_port, *self._inner_ports = ports[3:]
        self.url = f"http://127.0.0.1:{self.http_port}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """The processes by name, for measuring what they cost; their children count too."""
        return {name: process.pid for name, process in self._processes.items()}

    def start(self, timeout: float = 90.0) -> None:
        """Start RabbitMQ, Redis and Jasmin, and wait until its console answers. Raises JasminError."""
        reason = missing()
        if reason is not None:
            raise JasminError(reason)
        deadline = time.monotonic() + timeout
        for name in ("rabbitmq", "log", "store"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        try:
            self._launch(EPMD, [EPMD, "-address", "127.0.0.1", "-port", str(self._epmd_port)])
            self._wait(self._epmd_port, deadline, EPMD)
            self._launch("rabbitmq", [str(RABBITMQ)], self._rabbitmq())
            self._launch(
                REDIS, [REDIS, *_REDIS, "--port", str(self._redis_port), "--dir", str(self.directory)]
            )
            self._wait(self._redis_port, deadline, REDIS)
            self._wait(self._amqp_port, deadline, "RabbitMQ")
            (self.directory / "jasmin.cfg").write_text(self._configuration())
            configuration = str(self.directory / "jasmin.cfg")
            paths = {"ROOT_PATH": str(self.directory), "LOG_PATH": str(self.directory / "log")}
            daemon = [str(PYTHON), str(PEER / "daemon.py"), "--config", configuration, *_SERVICES]
            self._launch("jasmin", daemon, paths | ({"JASMIN_NODELAY": "1"} if self._no_delay else {}))
            self._wait(self._console_port, deadline, "Jasmin's console")
        except BaseException:
            self.stop()
            raise

    def stop(self, timeout: float = 10.0) -> None:
        """End Jasmin, so that its binds are unbound, then the two servers; nothing of theirs is kept."""
        while self._processes:
            name, process = self._processes.popitem()
            if name == "jasmin" and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    # ------------------------------------------------------------ what it is told

    def connector(self, name: str, *, port: int, system_id: str, password: str, **more: object) -> None:
        """Add and start a link to an SMSC on loopback; `more` are fields of jCli's smppccm."""
        fields = {
            "cid": name, "host": "127.0.0.1", "port": port, "username": system_id, "password": password,
            "bind": "transceiver", "submit_throughput": UNLIMITED, "con_fail_delay": 1, "con_loss_delay": 1,
            "requeue_delay": 1,
        }  # fmt: skip
        self.console(("smppccm -a", fields | more), (f"smppccm -1 {name}", None))

    def start_connector(self, name: str) -> None:
        """Start a link that was stopped."""
        self.console((f"smppccm -1 {name}", None))

    def stop_connector(self, name: str) -> None:
        """Unbind a link and leave it so."""
        self.console((f"smppccm -0 {name}", None))

    def user(
        self, name: str, password: str, *, connector: str, order: int, throughput: int | None = None
    ) -> None:
        """Add a user, for HTTP and SMPP, whose messages go over `connector`.

        `order`: of its route, above 0. `throughput`: messages a second over SMPP; what is beyond is throttled.
        """
        login: dict[str, object] = {"username": name, "password": password}
        if throughput is not None:
            login["mt_messaging_cred quota smpps_throughput"] = throughput
        route = {"type": "StaticMTRoute", "order": order, "filters": f"of-{name}", "rate": "0.0"}
        self.console(
            ("group -a", {"gid": f"group-{name}"}),
            ("user -a", {"uid": name, "gid": f"group-{name}"} | login),
            # Filters and URLs are known to the session alone in which they were made.
            ("filter -a", {"type": "UserFilter", "fid": f"of-{name}", "uid": name}),
            ("mtrouter -a", route | {"connector": f"smppc({connector})"}),
        )

    def incoming_to_user(self, connector: str, user: str, *, order: int) -> None:
        """Give what comes in over a connector to the binds of a user."""
        self._incoming(connector, f"smpps({user})", order)

    def incoming_to_url(self, connector: str, url: str, *, order: int) -> None:
        """Give what comes in over a connector to a URL (POST)."""
        target = ("httpccm -a", {"cid": f"to-{connector}", "url": url, "method": "POST"})
        self._incoming(connector, f"http(to-{connector})", order, target)

    def bound(self, connector: str) -> bool:
        """Whether a link is bound."""
        rows = (line.split() for line in self.console(("smppccm -l", None)).splitlines())
        return any(row[:1] == [f"#{connector}"] and row[2].startswith("BOUND") for row in rows)

    def wait_bound(self, connector: str, timeout: float = 30.0) -> None:
        """Wait until a link is bound. Raises JasminError."""
        deadline = time.monotonic() + timeout
        while not self.bound(connector):
            if time.monotonic() > deadline:
                raise JasminError(f"{connector} is not bound:\n{self.log()}")
            time.sleep(0.05)

    def send_url(
        self,
        user: str,
        password: str,
        sender: str,
        to: str,
        text: str,
        dlr_url: str | None = None,
        coding: int = 0,
    ) -> str:
        """The URL of its HTTP API that sends a message; `dlr_url` gets a POST for each of its receipts."""
        query: dict[str, object] = {"username": user, "password": password, "from": sender, "to": to}
        if coding == 8:
            query |= {"coding": 8, "hex-content": text.encode("utf-16-be").hex()}
        else:
            query |= {"coding": coding, "content": text}
        if dlr_url is not None:
            query |= {"dlr": "yes", "dlr-level": 3, "dlr-method": "POST", "dlr-url": dlr_url}
        return f"{self.url}/send?" + urlencode(query, quote_via=quote)

    def send(self, *arguments: object, **more: object) -> str:
        """Send a message over HTTP (see send_url); its id. Raises urllib.error.HTTPError."""
        with urllib.request.urlopen(self.send_url(*arguments, **more), timeout=20) as answer:  # type: ignore[arg-type]
            text: str = answer.read().decode()
        return text.removeprefix('Success "').rstrip('"')

    def console(self, *commands: Command) -> str:
        """Say commands to jCli in one session, each with the fields it asks for; what it answered.

        Raises JasminError.
        """
        said = ""
        with socket.create_connection(("127.0.0.1", self._console_port), timeout=20) as connection:
            for command, fields in commands:
                more = (
                    [] if fields is None else [f"{name} {value}" for name, value in fields.items()] + ["ok"]
                )
                answer = ""
                for line in (command, *more):
                    connection.sendall(f"{line}\r\n".encode())
                    answer += _read_to(connection, b"jcli : ", b"> ").decode(errors="replace")
                if fields is not None and "Successfully" not in answer:
                    raise JasminError(f"jCli refused {command}:\n{answer}")
                said += answer
        return said

    def log(self) -> str:
        """What its programs wrote, the last of each file."""
        files = [*self.directory.glob("*.out"), *(self.directory / "log").glob("*")]
        return "\n".join(f"--- {file.name}\n{file.read_text(errors='replace')[-2000:]}" for file in files)

    # ------------------------------------------------------------ how it is started

    def _incoming(self, connector: str, target: str, order: int, *first: Command) -> None:
        route = {"type": "StaticMORoute", "order": order, "filters": "over", "connector": target}
        self.console(
            *first,
            ("filter -a", {"type": "ConnectorFilter", "fid": "over", "cid": connector}),
            ("morouter -a", route),
        )

    def _rabbitmq(self) -> dict[str, str]:
        """The environment of a RabbitMQ that touches nothing outside its directory."""
        place = self.directory / "rabbitmq"
        (place / "enabled_plugins").write_text("[].\n")
        (place / "env.conf").write_text("")
        return {
            "HOME": str(place),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": "onesixty@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._amqp_port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(place),
            "RABBITMQ_LOG_BASE": str(place),
            "RABBITMQ_PID_FILE": str(place / "pid"),
            "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(place / "env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "enabled_plugins"),
        }

    def _configuration(self) -> str:
        """Jasmin's file: everything on loopback, quiet, with quick retries."""
        client_manager, router, server_manager = self._inner_ports
        here = "bind = 127.0.0.1\nauthentication = False"
        specification = PYTHON.parent.parent.glob(
            "lib/python3*/site-packages/txamqp/specs/standard/amqp0-9-1*.xml"
        )
        retrial = {"ESME_RTHROTTLED": {"count": 20, "delay": THROTTLED_RETRY}}
        return f"""[jcli]
port = {self._console_port}
{here}
[http-api]
bind = 127.0.0.1
port = {self.http_port}
log_level = ERROR
access_log = {self.directory / "log" / "access.log"}
[smpp-server]
bind = 127.0.0.1
port = {self.smpp_port}
log_level = WARNING
[amqp-broker]
port = {self._amqp_port}
spec = {next(specification)}
[redis-client]
port = {self._redis_port}
[client-management]
port = {client_manager}
store_path = {self.directory / "store"}
{here}
[router]
port = {router}
store_path = {self.directory / "store"}
{here}
[smpp-server-pb]
port = {server_manager}
{here}
[sm-listener]
submit_error_retrial = {retrial}
submit_retrial_delay_smppc_not_ready = 1
log_level = WARNING
[dlr]
log_level = WARNING
dlr_lookup_retry_delay = 1
dlr_lookup_max_retries = 20
"""

    def _launch(self, name: str, command: list[str], more: Mapping[str, str] | None = None) -> None:
        with (self.directory / f"{name}.out").open("ab") as out:
            self._processes[name] = subprocess.Popen(
                command, cwd=self.directory, env={**os.environ, **(more or {})},
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def _wait(self, port: int, deadline: float, what: str) -> None:
        while not _listening(port):
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise JasminError(f"{name} ended with status {process.returncode}:\n{self.log()}")
            if time.monotonic() > deadline:
                raise JasminError(f"not in time: {what}\n{self.log()}")
            time.sleep(0.05)


_REDIS: Final = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
_SERVICES: Final = ["--enable-dlr-thrower", "--enable-dlr-lookup"]


def _read_to(connection: socket.socket, *ends: bytes) -> bytes:
    """Read until what came ends with one of these prompts."""
    read = b""
    while not read.endswith(ends):
        octets = connection.recv(65536)
        if not octets:
            raise JasminError(f"jCli hung up after {read!r}")
        read += octets
    return read


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
