"""A passkey is registered and used in Chromium, with its virtual authenticator, at the running product."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import Page, chromium
from tests.support.process import Product
from tests.support.waiting import free_port

PASSWORD = "correct horse battery"

#: What a page of the product does: calls of the API with its cookie, and of the authenticator.
SCRIPT = """
const call = async (method, path, body) => {
  const sent = {method, headers: {'Content-Type': 'application/json', 'X-Onesixty-Console': '1'}};
  if (method !== 'GET') sent.body = JSON.stringify(body ?? {});
  const answer = await fetch(path, sent);
  return {status: answer.status, json: answer.status === 204 ? null : await answer.json()};
};
const create = async () => {
  const {options} = (await call('POST', '/v1/me/passkeys/options')).json;
  const made = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)});
  return made.toJSON();
};
const get = async () => {
  const {options} = (await call('POST', '/v1/sessions/passkey-options')).json;
  const used = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)});
  return used.toJSON();
};
"""


async def run(page: Page, body: str) -> Any:
    return await page.run(SCRIPT + body)


async def api(page: Page, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    sent = json.dumps(body) if body is not None else "undefined"
    found = await run(page, f"return await call({method!r}, {path!r}, {sent})")
    return found["status"], found["json"]


@pytest.mark.deadline(120)
async def test_a_passkey_signs_its_user_in(new_product: Callable[..., Product], tmp_path: Path) -> None:
    port = free_port()
    url = f"http://localhost:{port}"
    product = new_product(http_listen=f"127.0.0.1:{port}", public_url=url)
    product.http_port, product.url = port, f"http://127.0.0.1:{port}"
    async with chromium(tmp_path / "chromium") as page:
        await asyncio.to_thread(product.start)
        (token,) = re.findall(r"/console/setup#(\S+)", product.log)
        await page.go(f"{url}/healthz")
        await page.authenticator()
        first = {"token": token, "email": "ada@example.com", "password": PASSWORD, "name": "Ada"}
        status, me = await api(page, "POST", "/v1/setup", first)
        assert status == 201, me
        assert (await api(page, "GET", "/v1/sign-in"))[1]["passkeys"] is True

        made = await run(
            page, "return await call('POST', '/v1/me/passkeys', {name: 'Laptop', credential: await create()})"
        )
        assert made["status"] == 201, made
        assert len(made["json"]["recovery_codes"]) == 10
        again = await run(page, "try { await create(); return 'made'; } catch (error) { return error.name; }")
        assert again == "InvalidStateError", "the authenticator has a passkey of this user"

        assert (await api(page, "DELETE", "/v1/sessions/current"))[0] == 204
        assert (await api(page, "GET", "/v1/me"))[0] == 401
        status, refused = await api(
            page, "POST", "/v1/sessions", {"email": "ada@example.com", "password": PASSWORD}
        )
        assert (status, refused["code"], refused["methods"]) == (
            401,
            "second_factor_required",
            ["passkey", "recovery"],
        )

        signed = await run(page, "return await call('POST', '/v1/sessions', {passkey: await get()})")
        assert signed["status"] == 201, signed
        assert (signed["json"]["user"]["email"], signed["json"]["session"]["method"]) == (
            "ada@example.com",
            "passkey",
        )
        replayed = await run(
            page,
            "const used = await get(); const body = {passkey: used};"
            "return [await call('POST', '/v1/sessions', body), await call('POST', '/v1/sessions', body)]",
        )
        assert [one["status"] for one in replayed] == [201, 409], "an assertion counts once"
        assert replayed[1]["json"]["code"] == "link_used"
        stepped = await run(page, "return await call('POST', '/v1/me/step-up', {passkey: await get()})")
        assert stepped["status"] == 200, stepped

        body = f"{{email: 'ada@example.com', password: '{PASSWORD}', passkey: await get()}}"
        second = await run(page, f"return await call('POST', '/v1/sessions', {body})")
        assert second["status"] == 201, second

        status, listed = await api(page, "GET", "/v1/me/passkeys")
        (passkey,) = listed["data"]
        assert passkey["name"] == "Laptop"
        assert passkey["last_used_at"] is not None
        status, renamed = await api(page, "PATCH", f"/v1/me/passkeys/{passkey['id']}", {"name": "Old laptop"})
        assert (status, renamed["name"]) == (200, "Old laptop")
        assert (await api(page, "DELETE", f"/v1/me/passkeys/{passkey['id']}"))[0] == 204
        gone = await run(page, "return await call('POST', '/v1/sessions', {passkey: await get()})")
        assert (gone["status"], gone["json"]["code"]) == (422, "passkey_refused")
        status, _ = await api(
            page, "POST", "/v1/sessions", {"email": "ada@example.com", "password": PASSWORD}
        )
        assert status == 201, "without a second factor the password is enough again"
