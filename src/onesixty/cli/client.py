"""A client of a running server, for the commands that call one.

Rules kept here: plain `http.client`, because a command should start at once; a key never appears in messages;
the address and the key come from options or from ONESIXTY_URL and ONESIXTY_KEY; ONESIXTY_ACCOUNT names an account
below the key's own, in which the command acts.
"""

from __future__ import annotations

import http.client
import json
import os
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote, urlsplit

import typer

from onesixty.cli.console import (
    CONFLICT,
    FAILED,
    FORBIDDEN,
    LATER,
    MISUSED,
    NOT_FOUND,
    UNREACHABLE,
    fail,
)

DEFAULT_LISTEN: Final = "127.0.0.1:8160"
TIMEOUT: Final = 30.0  # seconds for one request
_PART: Final = 1 << 16  # octets of a stream that are read at once
_AWAY: Final = (502, 503, 504)  # what a proxy answers while its server is down

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="ONESIXTY_URL",
        help="The address of the running server. Default: from this node's settings.",
        show_default=False,
    ),
]
ApiKey = Annotated[
    str | None, typer.Option("--key", envvar="ONESIXTY_KEY", help="API key.", show_default=False)
]
Why = Annotated[str | None, typer.Option("--reason", help="Why, for the audit log.", show_default=False)]


class Refused(Exception):
    """The server answered with a problem. The text describes it, with its code and field."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        what = problem.get("detail") or problem.get("title") or f"HTTP status {status}"
        code, param = problem.get("code"), problem.get("param")
        where = ", ".join(part for part in (code, f"field {param}" if param else None) if part)
        super().__init__(f"{what} ({where})" if where else str(what))
        self.status = status
        self.code = code
        self.retryable = bool(problem.get("retryable"))


class Unreachable(Exception):
    """No server answered at the address."""


class Client:
    """Calls the HTTP API of one server with one key, in the key's account or in one below it."""

    def __init__(self, url: str, key: str, account: str | None = None, reason: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an address like http://{DEFAULT_LISTEN}")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=TIMEOUT)
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        if account:
            self._headers["Onesixty-Account"] = account
        if reason:  # as http.client sends it, octet by octet
            self._headers["Onesixty-Reason"] = reason.encode().decode("latin-1")
        self._url = url

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return the decoded answer, or None if it has no body. Raises Refused or Unreachable."""
        return self._call(method, path, None if body is None else json.dumps(body), self._headers)

    def send(self, path: str, content: bytes, content_type: str) -> Any:
        """POST a file, and return the decoded answer. Raises Refused or Unreachable."""
        return self._call("POST", path, content, self._headers | {"Content-Type": content_type})

    def _call(self, method: str, path: str, content: str | bytes | None, headers: dict[str, str]) -> Any:
        try:
            self._connection.request(method, self._prefix + path, content, headers)
            answer = self._connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise self._unreachable(error) from None
        if answer.status >= 400:
            raise self._refused(answer.status, raw)
        try:
            return json.loads(raw) if raw else None
        except ValueError:
            raise Refused(answer.status, {"detail": self._foreign}) from None

    def fetch(self, path: str) -> bytes:
        """Return the bytes of an answer that is a file. Raises Refused or Unreachable."""
        try:
            self._connection.request("GET", self._prefix + path, headers=self._headers)
            answer = self._connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise self._unreachable(error) from None
        if answer.status != 200:
            raise self._refused(answer.status, raw)
        return raw

    def stream(self, path: str, headers: dict[str, str], *, ends: bool = False) -> Iterator[str]:
        """Yield the lines of a streamed answer, with their line ends if they are asked for. Raises Refused or
        Unreachable, later OSError or HTTPException.

        An answer that ends without its terminating chunk, or inside a line, was cut off. (`readline` of http.client
        takes the first for the end.)
        """
        try:
            self._connection.request("GET", self._prefix + path, headers=self._headers | headers)
            answer = self._connection.getresponse()
            refusal = answer.read() if answer.status != 200 else None
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None
        if refusal is not None:
            raise self._refused(answer.status, refusal)
        rest = b""
        with closing(answer):
            while part := answer.read1(_PART):
                *whole, rest = (rest + part).split(b"\n")
                for line in whole:
                    text = f"{line.decode()}\n"
                    yield text if ends else text.rstrip("\r\n")
            if rest or answer.length:
                raise http.client.IncompleteRead(rest)

    def without_key(self) -> None:
        """Send no key with the calls that follow."""
        self._headers.pop("Authorization", None)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def _foreign(self) -> str:
        return f"{self._url} does not serve this API"

    def _refused(self, status: int, raw: bytes) -> Refused:
        """Return the problem of an unsuccessful answer. A proxy whose server is down sends no problem of this API."""
        try:
            problem = json.loads(raw or b"{}")
        except ValueError:
            problem = {"detail": f"{self._foreign}: HTTP status {status}", "retryable": status in _AWAY}
        return Refused(status, problem if isinstance(problem, dict) else {})

    def _unreachable(self, error: Exception) -> Unreachable:
        if isinstance(error, http.client.BadStatusLine) and not isinstance(error, OSError):
            why = "the server does not speak HTTP"  # its octets would not help the user
        else:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Unreachable(f"no answer from {self._url}: {why}")


def default_url() -> str:
    """Return the URL of this machine's server, by `http_listen` of the environment or of the settings file."""
    listen = os.environ.get("ONESIXTY_HTTP_LISTEN")
    if listen is None:
        try:
            text = Path(os.environ.get("ONESIXTY_CONFIG") or "onesixty.toml").read_text(encoding="utf-8")
            listen = tomllib.loads(text).get("http_listen")
        except (OSError, ValueError):
            listen = None
    if not isinstance(listen, str) or not listen:
        listen = DEFAULT_LISTEN
    host, _, port = listen.rpartition(":")
    every = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # it listens on all addresses: use the loopback one
    return f"http://{every.get(host, host)}:{port}"


def connect(url: str | None, key: str | None, reason: str | None = None) -> Client:
    """Return a client, or end the command if the address or the key is unusable."""
    if not key:
        fail("a key is missing: use --key or set ONESIXTY_KEY", MISUSED)
    if not (key.isascii() and key.isprintable()):
        fail("the key must be printable ASCII", MISUSED)
    account = os.environ.get("ONESIXTY_ACCOUNT") or None
    if account is not None and not (account.isascii() and account.isprintable()):
        fail("ONESIXTY_ACCOUNT must be the id of an account", MISUSED)
    if reason is not None and not reason.isprintable():
        fail("--reason must be one line of printable characters", MISUSED)
    try:
        return Client(url or default_url(), key, account, reason)
    except ValueError as error:
        fail(str(error), MISUSED)


@contextmanager
def anonymous(url: str | None) -> Iterator[Client]:
    """Provide a client for calls that need no key. A refusal ends the command as for `asking`."""
    with asking(url, "none") as client:
        client.without_key()
        yield client


@contextmanager
def asking(url: str | None, key: str | None, reason: str | None = None) -> Iterator[Client]:
    """Provide a client during a command. A refusal ends the command with its text and with a status by its kind.
    `reason` is why the command makes its calls, for the audit log."""
    client = connect(url, key, reason)
    try:
        yield client
    except Refused as error:
        fail(str(error), status_of(error))
    except Unreachable as error:
        fail(str(error), UNREACHABLE)
    finally:
        client.close()


def status_of(error: Refused) -> int:
    """Return the exit status for a refusal."""
    if error.retryable or error.status in (429, 503):
        return LATER
    return {401: FORBIDDEN, 403: FORBIDDEN, 404: NOT_FOUND, 409: CONFLICT}.get(error.status, FAILED)


def path_part(value: str) -> str:
    """Escape a value for use in a path."""
    return quote(value, safe="")
