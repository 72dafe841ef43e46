"""First start, set-up link, second user, a change from elsewhere, a session's end: over the real process.

The curl line that the start prints is run as it stands, and the cookies are kept by a client that knows their rules.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.support.process import Product

PASSWORD = "correct horse battery"


class Browser:
    """A client with cookies, at a page of the product."""

    def __init__(self, product: Product) -> None:
        self.url = product.url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Browser:
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def call(self, method: str, path: str, json: Any = None, **headers: str) -> tuple[int, Any]:
        assert self._session is not None
        sent = {"Origin": self.url, "X-Onesixty-Console": "1", "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        async with self._session.request(method, self.url + path, json=json, headers=sent) as answer:
            return answer.status, None if answer.status == 204 else await answer.json(content_type=None)


async def test_the_first_user_comes_in_by_the_link_and_invites_a_second(
    new_product: Callable[..., Product],
) -> None:
    product = new_product()
    await asyncio.to_thread(product.start)
    (line,) = re.findall(r"curl -X POST \S+/v1/setup .*\\\n.*", product.log)
    line = line.replace("you@example.com", "ada@example.com").replace("twelve characters or more", PASSWORD)
    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", f"{line} -sS"], capture_output=True, text=True, check=True, timeout=30
    )
    assert '"role":"owner"' in done.stdout, done
    again = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", f"{line} -sS"], capture_output=True, text=True, check=True, timeout=30
    )
    assert '"code":"setup_gone"' in again.stdout, again
    refused = await asyncio.to_thread(product.command, "setup-link")
    assert refused.returncode == 1
    assert "there is a user already" in refused.stderr

    async with Browser(product) as owner, Browser(product) as dev:
        body = {"email": "ada@example.com", "password": PASSWORD}
        status, me = await owner.call("POST", "/v1/sessions", body)
        assert (status, me["user"]["email"]) == (201, "ada@example.com")
        assert "ada@example.com" not in (product.stderr.read_text()), "addresses are hidden in logs"

        status, made = await owner.call(
            "POST", "/v1/invitations", {"email": "dev@example.com", "role": "developer"}
        )
        assert status == 201, made
        token = made["link"].partition("#")[2]
        accept = {"token": token, "name": "Dev", "password": PASSWORD}
        status, me = await dev.call("POST", "/v1/invitations/accept", accept)
        assert (status, me["role"]) == (201, "developer")
        assert await dev.call("POST", "/v1/invitations/accept", accept) == (409, dict_with("invitation_used"))
        status, users = await owner.call("GET", "/v1/users")
        assert [user["role"] for user in users["data"]] == ["developer", "owner"]

        message = {"from": "Shop", "to": "+15551234567", "text": "Hello"}
        status, sent = await dev.call("POST", "/v1/sms/send", message, Onesixty_Mode="test")
        assert (status, sent["status"]) == (202, "queued")
        forged = await dev.call("POST", "/v1/sms/send", message, Origin="https://evil.example")
        assert forged == (403, dict_with("csrf"))
        assert await dev.call("GET", "/v1/users") == (403, dict_with("forbidden"))

        assert (await owner.call("DELETE", f"/v1/users/{users['data'][0]['id']}"))[0] == 204
        assert await dev.call("GET", "/v1/me") == (401, dict_with("session_ended"))
        assert (await owner.call("DELETE", "/v1/sessions/current"))[0] == 204
        assert await owner.call("GET", "/v1/me") == (401, dict_with("unauthorized")), "the cookie is gone"

    log = product.log
    for secret in (PASSWORD, token):
        assert secret not in log.replace(line, "")


class dict_with:
    """Equals a problem document with this code."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and other.get("code") == self.code

    def __hash__(self) -> int:
        return hash(self.code)

    def __repr__(self) -> str:
        return f"{{... {self.code} ...}}"


async def test_who_has_the_shell_lets_people_in(new_product: Callable[..., Product]) -> None:
    product = new_product()
    await asyncio.to_thread(product.start)
    printed = await asyncio.to_thread(product.command, "setup-link")
    assert printed.returncode == 0, printed.stderr
    (token,) = re.findall(r"/console/setup#(\S+)", printed.stdout)

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "onesixty", *arguments],
            cwd=product.directory, env=product.environment, input=stdin, capture_output=True, text=True,
            timeout=30, check=False,
        )  # fmt: skip

    create = ("user", "create", "ada@example.com", "--token", token, "--url", product.url)
    weak = await asyncio.to_thread(run, *create, stdin="short\n")
    assert (weak.returncode, "password_refused" in weak.stderr) == (1, True)
    made = await asyncio.to_thread(run, *create, stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    assert '"role": "owner"' in made.stdout
    gone = await asyncio.to_thread(run, *create, stdin=f"{PASSWORD}\n")
    assert (gone.returncode, "setup_gone" in gone.stderr) == (5, True)

    local = await asyncio.to_thread(
        run, "user", "create", "ops@example.com", "--role", "network", stdin=f"{PASSWORD}\n"
    )
    assert local.returncode == 0, local.stderr
    twice = await asyncio.to_thread(run, "user", "create", "ops@example.com", "--role", "viewer")
    assert "member of the account" in twice.stderr
    reset = await asyncio.to_thread(run, "user", "reset", "ops@example.com", "--second-factors")
    (token,) = re.findall(r"/console/reset#(\S+)", reset.stdout)
    listed = await asyncio.to_thread(
        run, "user", "list", "--key", product.admin_key, "--url", product.url, "--json"
    )
    assert '"ops@example.com"' in listed.stdout
    noted = await asyncio.to_thread(
        run, "audit-log", "list", "--key", product.admin_key, "--url", product.url, "--json"
    )
    by_cli = {(one["action"], one["object"]) for one in json.loads(noted.stdout) if one["actor"] == "cli"}
    assert {("made", "user"), ("made", "credential"), ("reset", "user")} <= by_cli, by_cli
    async with Browser(product) as ops:
        used = {"token": token, "password": "another good phrase"}
        assert (await ops.call("POST", "/v1/password-resets/use", used))[0] == 204
        body = {"email": "ops@example.com", "password": "another good phrase"}
        status, me = await ops.call("POST", "/v1/sessions", body)
        assert (status, me["role"]) == (201, "network")
