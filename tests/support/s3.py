"""An S3-compatible store of tests: objects in memory, and requests whose signature it computes by its own code."""

from __future__ import annotations

import hashlib
import hmac
from typing import Self
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from aiohttp import web

ACCESS, SECRET, REGION = "test-access-key", "test-secret/of+s3", "eu-test-1"
#: How many keys a page of a list has, whatever is asked for.
PAGE = 2


class S3Server:
    """`objects` by bucket and key. `failures` are statuses that are answered first, each once."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.failures: list[int] = []
        self.heard: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.heard.append(f"{request.method} {request.raw_path}")
        if self.failures:
            status = self.failures.pop(0)
            return web.Response(status=status, text="<Error><Code>SlowDown</Code></Error>")
        refusal = _refusal(request, body)
        if refusal:
            return web.Response(status=403, text=f"<Error><Code>{refusal}</Code></Error>")
        key = request.path.lstrip("/")
        if "/" not in key:
            return self._list(request, key)
        if request.method == "PUT":
            self.objects[key] = body
            return web.Response()
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return web.Response(status=204)
        if key not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        return web.Response(body=self.objects[key])

    def _list(self, request: web.Request, bucket: str) -> web.Response:
        query = dict(parse_qsl(request.query_string))
        prefix, after = query.get("prefix", ""), query.get("continuation-token", "")
        keys = sorted(key.removeprefix(f"{bucket}/") for key in self.objects if key.startswith(f"{bucket}/"))
        keys = [key for key in keys if key.startswith(prefix) and key > after]
        shown = "".join(f"<Contents><Key>{escape(key)}</Key><Size>1</Size></Contents>" for key in keys[:PAGE])
        more = len(keys) > PAGE
        token = f"<NextContinuationToken>{escape(keys[PAGE - 1])}</NextContinuationToken>" if more else ""
        return web.Response(
            text=f"<?xml version='1.0'?><ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{shown}{token}</ListBucketResult>",
            content_type="application/xml",
        )


def _refusal(request: web.Request, body: bytes) -> str:
    """The code of the refusal if the signature is not that of the request."""
    kind, _, said = request.headers.get("Authorization", "").partition(" ")
    fields = dict(part.strip().split("=", 1) for part in said.split(","))
    credential = fields.get("Credential", "").split("/")
    if (
        kind != "AWS4-HMAC-SHA256"
        or credential[:1] != [ACCESS]
        or credential[2:] != [REGION, "s3", "aws4_request"]
    ):
        return "InvalidAccessKeyId"
    digest = hashlib.sha256(body).hexdigest()
    if request.headers.get("x-amz-content-sha256") != digest:
        return "XAmzContentSHA256Mismatch"
    path, _, query = request.raw_path.partition("?")
    names = fields["SignedHeaders"].split(";")
    if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
        return "AccessDenied"
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    canonical = f"{request.method}\n{path}\n{query}\n{headers}\n{';'.join(names)}\n{digest}"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([kind, request.headers["x-amz-date"], "/".join(credential[1:]), hashed])
    key = b"AWS4" + SECRET.encode()
    for part in credential[1:]:
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return "" if signature == fields["Signature"] else "SignatureDoesNotMatch"
