"""The set-up link, an invitation and a reset, as people use them without a console: by opening them in a browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import Page, chromium
from tests.support.process import Product
from tests.support.waiting import free_port, wait_until_async

PASSWORD = "correct horse battery"


async def fill(page: Page, **fields: str) -> str:
    """Fill in the form, send it, and wait for what the page says."""
    await page.run(
        "document.getElementById('answer').textContent = '';"
        + "".join(f"document.getElementById({name!r}).value = {value!r};" for name, value in fields.items())
        + "document.querySelector('button').click();"
    )
    return await said(page)


async def said(page: Page) -> str:
    async def there() -> Any:
        return await page.run(
            "const said = document.getElementById('answer'); return said && said.textContent"
        )

    return str(await wait_until_async(there, 10, "an answer"))


async def opened(page: Page, link: str) -> None:
    """Open a link, and wait for its form."""
    await page.go("about:blank#")
    await page.call("Page.navigate", url=link)

    async def there() -> Any:
        return await page.run("const form = document.getElementById('form'); return form && !form.hidden")

    await wait_until_async(there, 10, "the form")


@pytest.mark.deadline(120)
async def test_the_links_open_pages_that_let_people_in(
    new_product: Callable[..., Product], tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://localhost:{port}"
    # The plain pages, whether the console is built here or not.
    product = new_product(http_listen=f"127.0.0.1:{port}", public_url=url, console="off")
    product.http_port, product.url = port, f"http://127.0.0.1:{port}"
    async with chromium(tmp_path / "chromium") as page:
        await asyncio.to_thread(product.start)
        (link,) = re.findall(r"^  (\S+/console/setup#\S+)", product.log, re.MULTILINE)
        await opened(page, link)
        assert "at least 12" in await fill(page, email="ada@example.com", name="Ada", password="short")
        assert "signed in" in await fill(page, email="ada@example.com", name="Ada", password=PASSWORD)
        assert await page.run("return location.hash") == "", "the token is out of the address"
        me = await page.run("return (await fetch('/v1/me')).json()")
        assert (me["user"]["name"], me["role"]) == ("Ada", "owner")

        await opened(page, f"{url}/console/email#x")
        assert await page.run("return document.getElementById('password').offsetParent === null")
        assert await fill(page), "a link that does not count says so"

        invite = (
            "const sent = {method: 'POST', headers: {'Content-Type': 'application/json', 'X-Onesixty-Console': '1'},"
            "body: JSON.stringify({email: 'dev@example.com', role: 'developer'})};"
            "return (await fetch('/v1/invitations', sent)).json()"
        )
        made = await page.run(invite)
        await opened(page, made["link"])
        assert "dev@example.com" in await page.run("return document.getElementById('about').textContent")
        assert "signed in" in await fill(page, name="Dev", password=PASSWORD)
        assert (await page.run("return (await fetch('/v1/me')).json()"))["role"] == "developer"

        await page.go("about:blank#")
        await page.call("Page.navigate", url=made["link"])
        assert "accepted already" in await said(page)

        reset = await asyncio.to_thread(product.command, "user", "reset", "dev@example.com")
        (link,) = re.findall(r"(\S+/console/reset#\S+)", reset.stdout)
        await opened(page, link)
        assert "new password" in await fill(page, password="another good phrase")
        assert (await page.run("return (await fetch('/v1/me')).status")) == 401
