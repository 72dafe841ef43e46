"""A role that was taken and a session that was ended on one node count on the other within five seconds."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.scenarios.conftest import Node, StartNode
from tests.scenarios.test_the_first_user_comes_in_by_the_link_and_invites_a_second import PASSWORD, Browser
from tests.support.waiting import wait_until_async

#: What the documentation promises, in seconds.
WITHIN = 5.0
MESSAGE = {"from": "Shop", "to": "+15551234567", "text": "Hello"}


class At:
    """A browser's session at another node: a cookie is known at each of them."""

    def __init__(self, browser: Browser, node: Node) -> None:
        self._browser, self._url = browser, node.product.url

    async def call(self, method: str, path: str, json: Any = None, **headers: str) -> tuple[int, Any]:
        before, self._browser.url = self._browser.url, self._url
        try:
            return await self._browser.call(method, path, json, **headers)
        finally:
            self._browser.url = before


async def test_a_role_and_a_session_end_on_every_node(postgres_url: str, start_node: StartNode) -> None:
    first = await start_node(database_url=postgres_url)
    second = await start_node(database_url=postgres_url)
    token = re.findall(r'"token": "([^"]+)"', first.product.log)[0]

    async with Browser(first.product) as owner, Browser(first.product) as dev:
        me = {"token": token, "email": "ada@example.com", "password": PASSWORD}
        assert (await owner.call("POST", "/v1/setup", me))[0] == 201
        _, made = await owner.call(
            "POST", "/v1/invitations", {"email": "dev@example.com", "role": "developer"}
        )
        accept = {"token": made["link"].partition("#")[2], "name": "Dev", "password": PASSWORD}
        status, accepted = await dev.call("POST", "/v1/invitations/accept", accept)
        assert status == 201, accepted
        there = At(dev, second)
        user = accepted["user"]["id"]

        async def answer(code: str, path: str, method: str = "GET", json: Any = None) -> float:
            """Seconds after which the other node still let in a request; it then answers with this code."""
            begun = last = time.monotonic()

            async def answered() -> bool:
                nonlocal last
                asked = time.monotonic()
                if (await there.call(method, path, json, Onesixty_Mode="test"))[1].get("code") == code:
                    return True
                last = asked
                return False

            await wait_until_async(answered, 2 * WITHIN, f"{code} at the other node")
            return last - begun

        # The other node has the session and its role in memory, and uses it all the time.
        assert (await there.call("POST", "/v1/sms/send", MESSAGE, Onesixty_Mode="test"))[0] == 202
        assert (await owner.call("PATCH", f"/v1/users/{user}", {"role": "viewer"}))[0] == 200
        assert await answer("forbidden", "/v1/sms/send", "POST", MESSAGE) < WITHIN
        assert (await there.call("GET", "/v1/me"))[1]["role"] == "viewer"

        assert (await owner.call("PATCH", f"/v1/users/{user}", {"role": "developer"}))[0] == 200
        assert (await dev.call("GET", "/v1/me"))[1]["role"] == "developer"
        sessions = (await dev.call("GET", "/v1/sessions"))[1]["data"]
        async with Browser(first.product) as elsewhere:
            body = {"email": "dev@example.com", "password": PASSWORD}
            assert (await elsewhere.call("POST", "/v1/sessions", body))[0] == 201
            assert (await elsewhere.call("DELETE", f"/v1/sessions/{sessions[0]['id']}"))[0] == 204
        assert await answer("session_ended", "/v1/me") < WITHIN

        async with Browser(first.product) as again:
            assert (await again.call("POST", "/v1/sessions", body))[0] == 201
            there = At(again, second)
            assert (await there.call("GET", "/v1/me"))[0] == 200
            assert (await owner.call("DELETE", f"/v1/users/{user}"))[0] == 204
            assert await answer("session_ended", "/v1/me") < WITHIN
    await first.audit()
