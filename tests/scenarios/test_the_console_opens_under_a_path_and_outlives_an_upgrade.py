"""The console in a browser, under a path of a shared host: before there is a build, with one, and while the next one
is taken in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import Page, chromium
from tests.support.console import write_dist
from tests.support.process import Product
from tests.support.waiting import free_port, wait_until_async

#: What the page is, what ran in it, and whether the browser was told that its copy is still good (304).
SEEN = """
if (document.readyState !== 'complete') return null;
const root = document.getElementById('root');
const [opened] = performance.getEntriesByType('navigation');
return {
  title: document.title,
  root: root && root.textContent,
  inline: document.documentElement.dataset.inline,
  margin: getComputedStyle(document.body).margin,
  again: opened.transferSize < opened.encodedBodySize,
};
"""

#: Adds an inline script without a nonce. Returns what of the policy refuses it.
INLINE = """
return new Promise(done => {
  addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));
  const made = document.createElement('script');
  made.text = '1';
  document.body.append(made);
});
"""


async def until(page: Page, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
    async def there() -> Any:
        seen = await page.run(SEEN)
        return seen if seen and wanted(seen) else None

    found: dict[str, Any] = await wait_until_async(there, 20, what)
    return found


@pytest.mark.deadline(120)
async def test_the_console_opens_under_a_path_and_outlives_an_upgrade(
    new_product: Callable[..., Product], tmp_path: Path
) -> None:
    port, dist = free_port(), tmp_path / "dist"
    base = f"http://localhost:{port}/sms"
    product = new_product(http_listen=f"127.0.0.1:{port}", public_url=base, console=dist)
    product.http_port, product.url = port, f"http://127.0.0.1:{port}"
    async with chromium(tmp_path / "chromium") as page:
        await asyncio.to_thread(product.start)
        assert f"console: {base}/console/" in product.log
        (link,) = re.findall(r"^  (\S+/console/setup#\S+)", product.log, re.MULTILINE)
        await page.go(f"{base}/")
        seen = await page.run(SEEN)
        assert seen["title"].startswith("The console is not installed")
        assert await page.run("return location.pathname") == "/sms/console/"

        # People come in without a console: the plain page finds the API under the path.
        await page.go(link)
        await page.run(
            "for (const [id, value] of [['email', 'ada@example.com'], ['password', 'correct horse battery']])"
            "  document.getElementById(id).value = value;"
            "document.querySelector('button').click()"
        )
        await wait_until_async(
            lambda: page.run("return document.getElementById('answer').textContent.includes('signed in')"),
            20,
            "the first user",
        )

        # A build appears while the product runs.
        write_dist(dist, "one", brotli=False)

        async def taken_in() -> Any:
            await page.go(f"{base}/console/messages?status=failed")
            return (await page.run(SEEN))["title"] == "one"

        await wait_until_async(taken_in, 20, "the build")
        ran = {"title": "one", "root": "console one", "inline": "ran", "margin": "7px"}
        seen = await until(page, lambda seen: bool(seen["root"]), "the script")
        assert seen == ran | {"again": False}
        assert (await page.run("return (await fetch('../v1/me')).json()"))["role"] == "owner"
        assert (
            await page.run("return (await (await fetch('../v1/me')).json()).user.email") == "ada@example.com"
        )
        assert await page.run(INLINE) == "script-src-elem", "the policy holds in the page"

        # The browser asks for the page again, and its copy still runs: policy and nonce are of one answer.
        await page.call("Page.reload")
        seen = await until(page, lambda seen: seen["again"] and bool(seen["root"]), "the page of the cache")
        assert seen == ran | {"again": True}

        # An upgrade: the open tab still finds a part of its own build, and so it does after a restart.
        write_dist(dist, "two", brotli=False)
        await asyncio.to_thread(product.stop)
        await asyncio.to_thread(product.start)
        assert await page.run("return (await window.later()).said") == "later one"
        await page.call("Page.reload")
        seen = await until(page, lambda seen: seen["root"] == "console two", "the new build")
        assert await page.run("return (await window.later()).said") == "later two"
        assert await page.run("return (await fetch('assets/gone-three.js')).status") == 404
