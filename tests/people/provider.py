"""A real identity provider, from PyPI, as a process of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import aiohttp

from tests.support.waiting import free_port, wait_until


class ProviderProcess:
    """`issuer` is its address; users are whoever `claims` were set for."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"

    async def claims(self, subject: str, **claims: Any) -> None:
        """Say what the provider says of a user."""
        async with (
            aiohttp.ClientSession() as session,
            session.put(f"{self.issuer}/users/{subject}", json=claims) as answer,
        ):
            assert answer.status < 300, await answer.text()

    async def authorize(self, url: str, subject: str, **form: str) -> str:
        """What a user does at the provider: sign in there. The address to which the browser is sent back."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data={"sub": subject, **form}, allow_redirects=False) as answer,
        ):
            assert answer.status == 302, await answer.text()
            return answer.headers["Location"]


@contextlib.contextmanager
def running_provider() -> Iterator[ProviderProcess]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", "localhost"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    provider = ProviderProcess(port)

    def answers() -> bool:
        assert process.poll() is None, "the provider has ended"
        try:
            with urllib.request.urlopen(f"{provider.issuer}/.well-known/openid-configuration") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    try:
        wait_until(answers, 20, "the provider")
        yield provider
    finally:
        process.terminate()
        process.wait(10)
