"""onesixty as a measured gateway, on SQLite (its default) with fsync."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cases import BATCH, Case
from benchmarks.disk import Disk, SqliteDisk
from benchmarks.filling import FillingError, fill_sqlite
from benchmarks.gateways.contract import CUSTOMER, GatewayError, Links
from benchmarks.gateways.node import ADMIN_KEY, Node
from benchmarks.processes import Part, with_children
from benchmarks.requests import ACCOUNTS, SENDER, TEXT, Settings, batches, mix, single
from onesixty.load.http import v1_target
from onesixty.load.smpp import SmppTarget

STATUSES = ("message.sent", "message.delivered")
#: The instance secret, which all nodes of a database share.
SECRET = "5a" * 32


class OnesixtyGateway:
    """One node, or several that share a database."""

    name = "onesixty"
    letters = "ABCDMEFG"
    share = 1.0
    nodes = 1

    def __init__(self, *, profile: bool = False, processes: str = "auto") -> None:
        if processes != "auto":
            self.name = f"{self.name}-{processes}p"
        self._profile = profile
        self._processes = processes
        self._running: list[Node] = []
        self._directory = Path()
        self._password: str | None = None

    @staticmethod
    def missing() -> str | None:
        return None

    @property
    def url(self) -> str:
        """The URL of the first node's API."""
        return self._running[0].url

    @property
    def address(self) -> tuple[str, int]:
        """Where the first node's API listens."""
        return "127.0.0.1", self._running[0].http_port

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Call the API of the first node. Raises GatewayError."""
        return self._running[0].call(method, path, body)

    def start(self, directory: Path, links: Links) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory, self._password = directory, None
        try:
            variables = {
                "ONESIXTY_PROCESSES": self._processes,
                "ONESIXTY_SECRET_KEY": SECRET,
                **self._database(directory),
            }
            for number in range(self.nodes):
                place = directory if number == 0 else directory / f"node-{number + 1}"
                node = Node(place, links, variables=variables, profile=self._profile)
                self._running.append(node)
                node.start()
            self._set_up(links)
        except BaseException:
            self.stop()
            raise

    def requests(self, case: Case) -> Settings:
        node = self._running[0]
        if case.batch > 1:
            return batches("127.0.0.1", node.http_port, ADMIN_KEY, BATCH)
        if case.mixed:
            return mix("127.0.0.1", node.http_port, [self._account(number) for number in range(ACCOUNTS)])
        return single(v1_target(node.url, ADMIN_KEY, sender=SENDER, text=TEXT))

    def more_ports(self) -> Sequence[int]:
        return [node.http_port for node in self._running[1:]]

    def customer(self, binds: int, window: int) -> SmppTarget:
        first, *others = self._running
        if self._password is None:
            profile = {"window": window, "delivery_window": window, "max_binds": binds * self.nodes}
            made = first.call("POST", "/v1/smpp-credentials", {"system_id": CUSTOMER, "profile": profile})
            self._password = str(made["password"])
        return SmppTarget(
            host="127.0.0.1", port=first.smpp_port, system_id=CUSTOMER, password=self._password,
            binds=binds * self.nodes, window=window, more_ports=tuple(node.smpp_port for node in others),
        )  # fmt: skip

    def parts(self) -> list[Part]:
        return [part for node in self._running for part in with_children("core", "writer", node.pid)]

    def disk(self) -> Disk:
        return SqliteDisk(self._file(self._directory))

    def fill(self, rows: int) -> None:
        try:
            fill_sqlite(self._file(self._directory), rows)
        except (FillingError, sqlite3.Error) as error:
            raise GatewayError(f"cannot fill the database: {error}") from None

    def counted(self) -> bool:
        return bool(self._running[0].call("GET", "/v1/reports/messages")["complete"])

    def stop(self) -> None:
        while self._running:
            self._running.pop().stop()

    def forget(self, directory: Path) -> None:
        """Do nothing: everything is in the directory."""

    def _database(self, directory: Path) -> dict[str, str]:
        """Return the environment variables that name a database other than the default one."""
        return {}

    @staticmethod
    def _file(directory: Path) -> Path:
        return directory / "data" / "onesixty.db"

    def _set_up(self, links: Links) -> None:
        """Remove the webhooks and SMPP credentials of an earlier start on this database, which point to peers that
        no longer run, and create the webhook of this one."""
        node = self._running[0]
        for path in ("/v1/webhooks", "/v1/smpp-credentials"):
            for old in node.call("GET", path)["data"]:
                if not old.get("revoked_at"):
                    node.call("DELETE", f"{path}/{old['id']}")
        if links.receiver_port is not None:
            hook = {"url": f"http://127.0.0.1:{links.receiver_port}/hook", "events": list(STATUSES)}
            node.call("POST", "/v1/webhooks", hook)

    def _account(self, number: int) -> str:
        """Create an account and return its live key."""
        body = {"name": f"account {number}", "price_per_segment": "0.0075"}
        made = self._running[0].call("POST", "/v1/accounts", body)
        return str(next(key["secret"] for key in made["keys"] if key["mode"] == "live"))
