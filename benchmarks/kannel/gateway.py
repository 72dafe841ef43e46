"""Starts Kannel's bearerbox and smsbox on free ports and ends them again by their pids.

    with Kannel(directory, smsc_port=2775, binds=2, window=100) as kannel:
        kannel.wait_bound()
        urlopen(kannel.url + kannel.send_path("YourBrand", "+15551234567", "Hello", dlr_url))

It is configured for speed: no access log, only errors in its log, no rate limit. Queues are in memory
(`spool=False`, Kannel's default, lost at a crash) or in a spool directory (never fsynced). The store of delivery
reports is Kannel's internal one, in memory.
"""

import shutil
import signal
import socket
import string
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlencode

from tests.support.waiting import free_port

HERE = Path(__file__).resolve().parent
PROGRAMS = ("bearerbox", "smsbox")

USERNAME = "bench"
PASSWORD = "bench"

# Bits of dlr-mask: 1 delivered, 2 not delivered, 4 queued at the gateway, 8 accepted by the carrier, 16 refused.
DLR_SENT_AND_FINAL = 1 | 2 | 8 | 16

FEW_PENDING = 20  # calls of report URLs that run at the same time
MANY_PENDING = 1000
ERRORS_ONLY = 3  # Kannel's log levels: 0 debug, 1 info, 2 warning, 3 error, 4 panic


class KannelError(Exception):
    """Kannel is not installed, has ended, or did not become ready in time."""


class Kannel:
    """One Kannel between an HTTP client and a fake SMSC on loopback.

    `smsc_port` is the port of the SMSC; each of `binds` transceivers has a window of `window` submits in flight.
    `directory` gets the configuration, the logs and, with `spool`, the queues. Inbound messages are passed to
    `incoming_url`, in which Kannel's escapes stand for their fields (%p sender, %P recipient, %b text). A
    message that the SMSC throttled is retried after `resend_s` seconds; Kannel's default is a minute. `fastest`
    configures smsbox as its manual recommends for speed: sendsms is answered before bearerbox has the message,
    and few calls of report URLs run at the same time.
    """

    def __init__(
        self,
        directory: Path,
        *,
        smsc_port: int,
        system_id: str = "onesixty",
        smsc_password: str = "secret",
        binds: int = 1,
        window: int = 100,
        spool: bool = False,
        incoming_url: str | None = None,
        resend_s: int = 60,
        fastest: bool = False,
    ) -> None:
        self.directory = directory.resolve()
        self.http_port, self.admin_port, self.box_port = (free_port() for _ in range(3))
        self.url = f"http://127.0.0.1:{self.http_port}"
        self._configuration = self.directory / "kannel.conf"
        self._binds = binds
        self._spool = spool
        self._values = {
            "admin_port": self.admin_port, "box_port": self.box_port, "http_port": self.http_port,
            "smsc_port": smsc_port, "system_id": system_id, "smsc_password": smsc_password, "window": window,
            "username": USERNAME, "password": PASSWORD, "log_level": ERRORS_ONLY, "logs": self.directory,
            "store": self._store(), "resend_s": resend_s,
            "pending": FEW_PENDING if fastest else MANY_PENDING, "immediate": "true" if fastest else "false",
            "incoming": 'text = ""' if incoming_url is None else f'get-url = "{incoming_url}"',
        }  # fmt: skip
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """The pids of the two processes, to measure their cost."""
        return {name: process.pid for name, process in self._processes.items()}

    def start(self, timeout: float = 20.0) -> None:
        """Start both boxes and wait until smsbox accepts requests. Raises KannelError."""
        self.directory.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + timeout
        try:
            self._configure()
            self._launch("bearerbox")
            self._wait(lambda: _listening(self.box_port), deadline, "bearerbox listening for smsbox")
            self._launch("smsbox")
            self._wait(lambda: _listening(self.http_port), deadline, "smsbox listening for HTTP")
            self._wait(lambda: "smsbox:" in self.status(), deadline, "smsbox connected to bearerbox")
        except BaseException:
            self.stop()
            raise

    def wait_bound(self, timeout: float = 20.0) -> None:
        """Wait until every bind to the SMSC is established. Raises KannelError."""
        self._wait(
            lambda: self.status().count("(online ") >= self._binds,
            time.monotonic() + timeout,
            f"{self._binds} binds to the SMSC",
        )

    def status(self) -> str:
        """Return bearerbox's own status page, or an empty text while it does not answer."""
        url = f"http://127.0.0.1:{self.admin_port}/status.txt?password={PASSWORD}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            return ""

    def send_path(
        self, sender: str, to: str, text: str, dlr_url: str | None = None, *, unicode: bool = False
    ) -> str:
        """Return the path and query of a sendsms request; `dlr_url` is called when the message is sent and at its
        end.

        In `dlr_url`, %d stands for the status (1, 2, 8 or 16); Kannel's manual lists the other escapes. With
        `unicode` the text is sent in UCS-2.
        """
        query = {"username": USERNAME, "password": PASSWORD, "from": sender, "to": to, "text": text}
        if unicode:
            query |= {"coding": "2", "charset": "UTF-8"}
        if dlr_url is not None:
            query |= {"dlr-mask": str(DLR_SENT_AND_FINAL), "dlr-url": dlr_url}
        return "/cgi-bin/sendsms?" + urlencode(query, quote_via=quote)

    def stop(self, timeout: float = 10.0) -> None:
        """Stop smsbox, then bearerbox; kill a box that does not end in time."""
        while self._processes:
            _, process = self._processes.popitem()
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _store(self) -> str:
        if not self._spool:
            return ""
        location = self.directory / "spool"
        location.mkdir(parents=True, exist_ok=True)
        return f"store-type = spool\nstore-location = {location}"

    def _configure(self) -> None:
        """Write the configuration file, which both boxes read."""
        parts = ["bearerbox.conf", *["smsc.conf"] * self._binds, "smsbox.conf"]
        templates = [string.Template((HERE / part).read_text()) for part in parts]
        self._configuration.write_text("\n".join(part.substitute(self._values) for part in templates))

    def _launch(self, name: str) -> None:
        program = find(name)
        if program is None:
            raise KannelError(f"{name} is not installed (Debian's package kannel; scripts/setup-interop)")
        with (self.directory / f"{name}.out").open("ab") as out:
            # -v 4: print only panics
            self._processes[name] = subprocess.Popen(
                [program, "-v", "4", self._configuration],
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def _wait(self, ready: Callable[[], bool], deadline: float, what: str) -> None:
        while not ready():
            for name, process in self._processes.items():
                if process.poll() is not None:
                    printed = (self.directory / f"{name}.out").read_text(errors="replace")
                    raise KannelError(f"{name} ended with status {process.returncode}:\n{printed[-2000:]}")
            if time.monotonic() > deadline:
                raise KannelError(f"not in time: {what}")
            time.sleep(0.05)


def find(name: str) -> str | None:
    """Return the path of a Kannel program; Debian installs them where ordinary users have no path to."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
