"""What requests under `/console/` and for `/docs` get: the pages, their files, what is missing, and the way there."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from onesixty.console import absent, door
from onesixty.console.checkout import Progress
from onesixty.console.door import Console, console_door
from onesixty.console.place import LOOK_SECONDS
from onesixty.doors.v1 import build_api
from onesixty.doors.v1.door import pages_door, v1_door
from onesixty.http import front as front_
from onesixty.http.auth import KeyRing
from onesixty.http.call import Answer
from onesixty.http.front import Front
from onesixty.http.limits import ANONYMOUS_PER_SECOND
from onesixty.http.server import serve_http
from tests.http.asgi import Client, Reply
from tests.http.world import PUBLIC_URL, Clock, new_ids, some_keys
from tests.support.console import BROTLI, write_dist

PLAIN = Answer(200, b"the plain page", b"text/html")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Served:
    """A front with a console. Nothing is built until `build`."""

    def __init__(self, directory: Path, *, prefix: str = "", setting: str | None = None) -> None:
        self.dist = directory / "dist"
        self.clock = Clock()
        self.counted: list[tuple[str, int]] = []
        self.console = Console(
            str(self.dist) if setting is None else setting,
            data_dir=directory / "data",
            prefix=prefix,
            clock=self.clock,
            entropy=os.urandom,
            plain={"/console/setup": lambda: PLAIN, "/console/reset": lambda: PLAIN},
        )
        api = build_api(
            routers=(), ready=lambda: True, metrics=lambda: b"", public_url=PUBLIC_URL, version="1"
        )
        doors = (
            v1_door(api, KeyRing(some_keys().find, self.clock), PUBLIC_URL, hot={}),
            console_door(self.console, api, PUBLIC_URL),
            pages_door(api, PUBLIC_URL, find_open=self.console.way_there),
        )
        self.front = Front(
            doors,
            clock=self.clock,
            ids=new_ids(self.clock),
            prefix=prefix,
            count=lambda route, status, _: self.counted.append((route, status)),
        )
        self.client = Client(self.front)

    def build(self, stamp: str = "one") -> None:
        write_dist(self.dist, stamp)
        self.clock.turn(LOOK_SECONDS)

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        return await self.client.get(path, headers=headers)


@pytest.fixture
def served(tmp_path: Path) -> Served:
    made = Served(tmp_path)
    made.build()
    return made


def nonces(reply: Reply) -> set[str]:
    return set(re.findall(r'nonce="([^"]+)"', reply.body.decode()))


async def test_the_page_has_a_nonce_of_its_own_and_a_policy_without_exceptions(served: Served) -> None:
    first, second = await served.get("/console/"), await served.get("/console/")
    assert (first.status, first.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["referrer-policy"] == "same-origin"
    assert first.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in first.headers["permissions-policy"]
    (nonce,) = nonces(first)
    assert nonces(second) != {nonce}
    assert first.headers["content-security-policy"] == (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    assert b'<base href="/console/">' in first.body
    assert b"__ONESIXTY" not in first.body


async def test_a_page_that_the_browser_has_keeps_its_policy(served: Served) -> None:
    """A new policy with the answer 304 would not fit the nonce in the browser's copy."""
    page = await served.get("/console/")
    for given in (page.headers["etag"], f"W/{page.headers['etag']}", f'"other", {page.headers["etag"]}', "*"):
        again = await served.get("/console/messages", {"If-None-Match": given})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == page.headers["etag"]
        assert "content-security-policy" not in again.headers
        assert "content-length" not in again.headers
    assert (await served.get("/console/", {"If-None-Match": '"other"'})).status == 200
    served.build("two")
    assert (await served.get("/console/", {"If-None-Match": page.headers["etag"]})).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/console/index.html",
        "/console/messages",
        "/console/messages/msg_01h455vb4pex5vsknk084sn02q",
        "/console/messages?status=failed&to=%2B1555",
        "/console/users/ada@example.com",
        "/console/settings/smpp.listen",
        "/console/a/b/c/",
        "/console/../../etc/passwd",
        "/console/\x00",
    ],
)
async def test_a_deep_link_gets_the_page(served: Served, path: str) -> None:
    reply = await served.get(path)
    assert reply.status == 200
    assert b'<div id="root">' in reply.body
    assert served.counted[-1] == ("/console/{page}", 200)


@pytest.mark.parametrize(
    "path",
    [
        "/console/assets/index-two.js",
        "/console/assets/",
        "/console/assets/../index.html",
        "/console/assets/index-one.js.gz",
        "/console/assets/no-suffix",
        "/console/missing.css",
        "/console/messages/logo.png",
        "/console/stamp.json",
        "/console/ASSETS/INDEX-ONE.JS",
    ],
)
async def test_a_file_that_is_missing_is_never_the_page(served: Served, path: str) -> None:
    reply = await served.get(path)
    assert (reply.status, reply.headers["cache-control"]) == (404, "no-store")
    assert reply.headers["content-type"].startswith("text/plain")
    assert b"root" not in reply.body


async def test_a_file_comes_in_the_form_that_the_client_takes(served: Served) -> None:
    path = "/console/assets/index-one.js"
    raw = (served.dist / "assets" / "index-one.js").read_bytes()
    plain = await served.get(path)
    assert (plain.status, plain.body) == (200, raw)
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["vary"] == "accept-encoding"
    assert "content-encoding" not in plain.headers
    brotli = await served.get(path, {"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert (brotli.headers["content-encoding"], brotli.body) == ("br", BROTLI + b"index-one.js")
    gzipped = await served.get(path, {"Accept-Encoding": "br;q=0.3, gzip"})
    assert (gzipped.headers["content-encoding"], gzip.decompress(gzipped.body)) == ("gzip", raw)
    tags = {reply.headers["etag"] for reply in (plain, brotli, gzipped)}
    assert len(tags) == 3, "each form has a tag of its own"
    again = await served.get(path, {"If-None-Match": brotli.headers["etag"], "Accept-Encoding": "br"})
    assert (again.status, again.body, again.headers["vary"]) == (304, b"", "accept-encoding")
    other = await served.get(path, {"If-None-Match": brotli.headers["etag"], "Accept-Encoding": "gzip"})
    assert other.status == 200
    font = await served.get("/console/assets/font-one.woff2", {"Accept-Encoding": "br"})
    assert (font.status, font.headers["content-type"]) == (200, "font/woff2")
    assert "vary" not in font.headers
    icon = await served.get("/console/favicon.svg")
    assert (icon.headers["content-type"], icon.headers["cache-control"]) == ("image/svg+xml", "no-cache")


async def test_a_tab_of_the_build_before_still_finds_its_parts(served: Served) -> None:
    assert (await served.get("/console/")).status == 200
    served.build("two")
    assert b"<title>two" in (await served.get("/console/")).body
    for stamp in ("one", "two"):
        reply = await served.get(f"/console/assets/later-{stamp}.js")
        assert reply.status == 200, stamp
        assert f"later {stamp}".encode() in reply.body


async def test_only_reading_is_allowed(served: Served) -> None:
    for path in ("/console/", "/console/assets/index-one.js", "/console/favicon.svg", "/", "/console"):
        reply = await served.client.post(path, {"a": 1})
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
        assert reply.json["code"] == "method_not_allowed"


async def test_a_browser_is_led_to_the_console_and_everybody_else_to_the_documentation(
    served: Served, tmp_path: Path
) -> None:
    reply = await served.get("/", BROWSER)
    assert (reply.status, reply.headers["location"], reply.headers["vary"]) == (302, "/console/", "accept")
    assert (await served.get("/")).headers["location"] == "/docs"
    assert (await served.get("/console")).headers["location"] == "/console/"
    off = Served(tmp_path, setting="off")
    assert (await off.get("/", BROWSER)).headers["location"] == "/docs"
    page = await off.get("/console/")
    assert page.status == 404
    assert b"turned off" in page.body
    assert (await off.get("/console/setup")).body == PLAIN.body, "people still come in"
    assert (await off.get("/console/assets/index-one.js")).status == 404


@pytest.mark.parametrize("path", ["", "/sms"], ids=["the proxy takes it off", "the proxy leaves it"])
async def test_behind_a_prefix_it_works_whatever_the_proxy_does(tmp_path: Path, path: str) -> None:
    served = Served(tmp_path, prefix="/sms")
    served.build()
    page = await served.get(f"{path}/console/messages")
    assert b'<base href="/sms/console/">' in page.body
    assert (await served.get(f"{path}/console/assets/index-one.js")).status == 200
    assert (await served.get(f"{path}/", BROWSER)).headers["location"] == "/sms/console/"
    assert (await served.get(f"{path}/console")).headers["location"] == "/sms/console/"
    assert (await served.get(f"{path}/healthz")).json == {"status": "ok"}
    assert (await served.get(f"{path}/v1/messages")).status == 401


async def test_only_the_whole_prefix_is_taken_off(tmp_path: Path) -> None:
    served = Served(tmp_path, prefix="/sms")
    served.build()
    assert (await served.get("/sms", BROWSER)).headers["location"] == "/sms/console/"
    for path in ("/smsconsole/", "/SMS/console/", "/sms/sms/console/", "/x/sms/console/"):
        assert (await served.get(path)).status == 404, path
    assert (await served.get("/console/sms/console/")).status == 200, "a deep link of that name"


async def test_without_a_build_links_work_and_a_page_says_what_to_do(tmp_path: Path) -> None:
    served = Served(tmp_path)
    assert (await served.get("/console/setup")).body == PLAIN.body
    reply = await served.get("/console/messages")
    assert (reply.status, reply.headers["cache-control"]) == (404, "no-store")
    assert b"<script" not in reply.body
    assert (await served.get("/console/assets/index-one.js")).status == 404
    served.build()
    for path in ("/console/messages", "/console/setup"):
        assert b"<title>one" in (await served.get(path)).body


@pytest.mark.parametrize(
    ("progress", "status", "words"),
    [
        (Progress.BUILDING, 503, "is being built"),
        (Progress.FAILED, 503, "make console"),
        (Progress.NONE, 404, "make console"),
        (Progress.NO_CHECKOUT, 404, "wheel of a release"),
    ],
)
def test_the_pages_without_a_build(progress: Progress, status: int, words: str) -> None:
    made = absent.answer(progress, "/sms")
    text, headers = made.body.decode(), dict(made.headers)
    assert made.status == status
    assert words in text
    assert ("http-equiv" in text) is (progress is Progress.BUILDING)
    assert (b"retry-after" in headers) is (progress is Progress.BUILDING)
    assert "<script" not in text
    assert 'href="/sms/openapi.json"' in text
    assert 'href="/sms/docs/errors"' in text
    assert b"script-src" not in headers[b"content-security-policy"]


async def test_the_reference_is_a_page_with_the_policy_of_the_console(served: Served) -> None:
    page = await served.get("/docs")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    (nonce,) = nonces(page)
    console = await served.get("/console/")
    (other,) = nonces(console)
    policy = console.headers["content-security-policy"]
    assert page.headers["content-security-policy"] == policy.replace(other, nonce)
    assert "unsafe" not in policy
    assert b'src="/docs/assets/docs-one.js"' in page.body
    assert b"__ONESIXTY" not in page.body
    assert served.counted[-2] == ("/docs", 200)
    again = await served.get("/docs", {"If-None-Match": page.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


async def test_the_reference_has_its_files_under_its_own_path(served: Served) -> None:
    """So that a proxy can publish `/docs` and keep `/console/` for itself."""
    script = await served.get("/docs/assets/docs-one.js", {"Accept-Encoding": "gzip"})
    assert (script.status, script.headers["content-encoding"]) == (200, "gzip")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert served.counted[-1] == ("/docs/assets/{name}", 200)
    for path in ("/docs/assets/none.js", "/docs/assets/../index.html"):
        missing = await served.get(path)
        assert (missing.status, missing.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    for path in ("/docs/index.html", "/docs/docs.html", "/docsx", "/console/docs.html"):
        assert (await served.get(path)).status == 404, path
    for path in ("/docs", "/docs/", "/docs/assets/docs-one.js"):
        assert (await served.client.post(path, {"a": 1})).status == 405, path


async def test_pages_of_the_api_beside_the_reference_stay_where_they_are(served: Served) -> None:
    for path, kind in (
        ("/docs/openapi.json", "application/json"),
        ("/docs/errors", "text/html; charset=utf-8"),
        ("/docs/console", "text/html; charset=utf-8"),
    ):
        assert (await served.get(path)).headers["content-type"] == kind


@pytest.mark.parametrize("path", ["", "/sms"], ids=["the proxy takes it off", "the proxy leaves it"])
async def test_behind_a_prefix_all_links_of_the_reference_have_it(tmp_path: Path, path: str) -> None:
    served = Served(tmp_path, prefix="/sms")
    absent_page = await served.get(f"{path}/docs")
    assert b'href="/sms/docs/errors"' in absent_page.body
    served.build()
    assert b'src="/sms/docs/assets/docs-one.js"' in (await served.get(f"{path}/docs")).body
    assert (await served.get(f"{path}/docs/assets/docs-one.js")).status == 200
    slash = await served.get(f"{path}/docs/")
    assert (slash.status, slash.headers["location"]) == (308, "/sms/docs")
    assert (await served.get(f"{path}/")).headers["location"] == "/sms/docs"
    assert b"href='../docs'" in (await served.get(f"{path}/docs/errors")).body


async def test_the_reference_needs_a_build_and_no_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "BUILT", tmp_path / "dist")
    monkeypatch.setattr(door, "root_of", lambda _: tmp_path)
    off = Served(tmp_path, setting="off")
    page = await off.get("/docs")
    assert page.status == 404
    assert b"The API reference is not built" in page.body
    off.build()
    assert (await off.get("/docs")).status == 200
    assert (await off.get("/docs/assets/docs-one.js")).status == 200
    assert b"turned off" in (await off.get("/console/")).body


async def test_a_build_without_the_reference_says_so(served: Served) -> None:
    (served.dist / "docs.html").unlink()
    page = await served.get("/docs")
    assert page.status == 404
    assert b"API reference" in page.body
    assert (await served.get("/console/")).status == 200


@pytest.mark.parametrize("progress", list(Progress))
def test_the_pages_without_a_reference(progress: Progress) -> None:
    made = absent.answer(progress, "/sms", "API reference")
    text = made.body.decode()
    assert "<h1>The API reference " in text
    assert "{thing}" not in text
    assert made.status == absent.answer(progress, "/sms").status


async def test_a_console_that_many_open_is_not_limited_as_wrong_keys_are(served: Served) -> None:
    """People behind one proxy have one address, and a page is a dozen files."""
    for _ in range(3 * ANONYMOUS_PER_SECOND):
        assert (await served.get("/console/assets/index-one.js")).status == 200
    wrong = await Client(served.front, "os_live_wrong").get("/v1/messages")
    assert wrong.status == 401, "and takes nothing from others of that address"


async def test_it_is_bounded_all_the_same(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_, "OPEN_PER_SECOND", 5)
    replies = [await served.get("/console/") for _ in range(7)]
    assert [reply.status for reply in replies] == [200] * 5 + [429] * 2
    served.clock.turn(1)
    assert (await served.get("/console/")).status == 200


async def test_over_a_connection_head_has_the_length_and_304_has_none(served: Served) -> None:
    server = await serve_http(served.front, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}/console/assets/index-one.js"
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            for headers in ({"Accept-Encoding": "identity"}, {"Accept-Encoding": "br"}):
                async with session.get(url, headers=headers) as whole:
                    body = await whole.read()
                async with session.head(url, headers=headers) as head:
                    assert (head.status, await head.read()) == (200, b"")
                    assert head.headers["Content-Length"] == str(len(body))
                    assert head.headers.get("Content-Encoding") == whole.headers.get("Content-Encoding")
                    assert head.headers["ETag"] == whole.headers["ETag"]
                async with session.get(
                    url, headers=headers | {"If-None-Match": whole.headers["ETag"]}
                ) as kept:
                    assert (kept.status, await kept.read()) == (304, b"")
                    assert "Content-Length" not in kept.headers
                    assert "Transfer-Encoding" not in kept.headers
            for path in ("/console/", "/docs"):
                async with session.head(f"http://127.0.0.1:{server.port}{path}") as page:
                    assert (page.status, await page.read()) == (200, b"")
                    assert int(page.headers["Content-Length"]) > 200
    finally:
        await server.stop(1)
