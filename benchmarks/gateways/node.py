"""One node of onesixty as a process, and the API calls that configure it."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.gateways.contract import GatewayError, Links
from tests.support.waiting import free_port

ADMIN_KEY = "benchmark-key-for-loopback-only"
_START_SECONDS = 60.0
_STOP_SECONDS = 40.0


class Node:
    """`python -m onesixty serve` in `directory`, from `start` to `stop`. Calls block."""

    def __init__(self, directory: Path, links: Links, *, variables: Mapping[str, str], profile: bool) -> None:
        self.directory = directory
        self.http_port, self.smpp_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        self._links = links
        self._variables = variables
        self._profile = profile
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that was started; the node's other processes are its children."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the node and wait until it is ready. Raises GatewayError."""
        self.directory.mkdir(parents=True, exist_ok=True)
        configuration = self.directory / "onesixty.toml"
        configuration.write_text(_configuration(self._links))
        variables = {
            "ONESIXTY_CONFIG": str(configuration),
            "ONESIXTY_DATA_DIR": str(self.directory / "data"),
            "ONESIXTY_HTTP_LISTEN": f"127.0.0.1:{self.http_port}",
            "ONESIXTY_SMPP_LISTEN": f"127.0.0.1:{self.smpp_port}",
            "ONESIXTY_ADMIN_KEY": ADMIN_KEY,
            "ONESIXTY_WEBHOOK_ALLOW_PRIVATE": "1",
            **self._variables,
        }
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ONESIXTY_")}
        profiler = ["-m", "cProfile", "-o", str(self.directory / "serve.prof")] if self._profile else []
        with (self.directory / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *profiler, "-m", "onesixty", "serve"],
                cwd=self.directory, env=inherited | variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self._wait_ready()

    def stop(self) -> None:
        """Stop the node; kill it if it does not end in time."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Call the API. Returns the JSON of the answer, or None if it has no body. Raises GatewayError."""
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise GatewayError(
                f"{method} {path}: {error.code} {error.read().decode(errors='replace')}"
            ) from None
        except OSError as error:
            raise GatewayError(f"{method} {path}: {error}") from None

    def _wait_ready(self) -> None:
        assert self._process is not None
        log = self.directory / "serve.log"
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if self._process.poll() is not None:
                raise GatewayError(f"onesixty ended at its start:\n{log.read_text(errors='replace')[-2000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise GatewayError(f"onesixty is not ready:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)


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
