"""Sign-in at a real identity provider over the real process: by groups, with step-up, until no group is left."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlsplit

from tests.people.provider import ProviderProcess, running_provider
from tests.scenarios.conftest import StartNode
from tests.scenarios.test_the_first_user_comes_in_by_the_link_and_invites_a_second import PASSWORD, Browser


class Visitor(Browser):
    """A browser that goes to the provider and comes back."""

    async def through(self, provider: ProviderProcess, subject: str, **start: Any) -> tuple[int, str, Any]:
        """The status of the way back, where it leads, and its problem."""
        status, begun = await self.call("POST", "/v1/oidc/start", start)
        assert status == 200, begun
        back = urlsplit(await provider.authorize(begun["url"], subject))
        assert f"{back.scheme}://{back.netloc}" == self.url
        assert self._session is not None
        async with self._session.get(back.geturl(), allow_redirects=False) as answer:
            problem = await answer.json(content_type=None) if answer.status >= 400 else None
            return answer.status, answer.headers.get("Location", ""), problem


async def test_people_sign_in_at_an_identity_provider(start_node: StartNode) -> None:
    with running_provider() as provider:
        node = await start_node(
            oidc_issuer=provider.issuer,
            oidc_client_id="onesixty",
            oidc_client_secret="a secret",
            oidc_name="Example ID",
            oidc_roles="sms-admins=admin sms-devs=developer",
        )
        product = node.product
        token = re.findall(r'"token": "([^"]+)"', product.log)[0]
        async with Visitor(product) as owner, Visitor(product) as eve:
            me = {"token": token, "email": "ada@example.com", "password": PASSWORD}
            assert (await owner.call("POST", "/v1/setup", me))[0] == 201
            await provider.claims("eve", email="eve@example.com", name="Eve", groups=["sms-admins"])
            back = await eve.through(provider, "eve", return_to="/docs")
            assert back == (303, f"{product.url}/docs", None)
            status, shown = await eve.call("GET", "/v1/me")
            assert (status, shown["role"], shown["session"]["method"]) == (200, "admin", "oidc")

            # A session of the provider may be hours old: it lets in, and is no fresh proof.
            old, invite = int(time.time()) - 3600, {"email": "new@example.com", "role": "viewer"}
            said: dict[str, Any] = {"email": "eve@example.com", "groups": ["sms-admins"]}
            await provider.claims("eve", **said, auth_time=old)
            assert (await eve.through(provider, "eve"))[0] == 303
            status, problem = await eve.call("POST", "/v1/invitations", invite)
            assert (status, problem["code"]) == (403, "reauthenticate")
            status, _, problem = await eve.through(provider, "eve", purpose="step_up")
            assert (status, problem["code"]) == (403, "oidc_refused")
            await provider.claims("eve", **said, auth_time=int(time.time()))
            assert (await eve.through(provider, "eve", purpose="step_up"))[0] == 303
            assert (await eve.call("POST", "/v1/invitations", invite))[0] == 201

            # Another group gives another role, and no group takes the user away.
            await provider.claims("eve", email="eve@example.com", groups=["sms-devs"])
            async with Visitor(product) as again:
                assert (await again.through(provider, "eve"))[0] == 303
                assert (await again.call("GET", "/v1/me"))[1]["role"] == "developer"
            assert (await eve.call("GET", "/v1/me"))[1]["role"] == "developer"
            await provider.claims("eve", email="eve@example.com", groups=["staff"])
            async with Visitor(product) as again:
                status, _, problem = await again.through(provider, "eve")
                assert (status, problem["code"]) == (403, "oidc_refused")
            assert (await eve.call("GET", "/v1/me"))[1]["code"] == "session_ended"
            _, users = await owner.call("GET", "/v1/users")
            assert [user["email"] for user in users["data"]] == ["ada@example.com"]
    log = await node.api.ask("GET", "/v1/audit?limit=200")
    did = [(one["action"], (one["details"] or {}).get("method")) for one in log["data"]]
    for expected in (("signed_in", "oidc"), ("stepped_up", "oidc"), ("sign_in_refused", "oidc")):
        assert expected in did
    await node.audit()
