"""The provider over HTTP: its discovery document, its keys, and its token and userinfo endpoints.

Rules kept here:
- the issuer of the discovery document is exactly that of the settings (OpenID Connect Discovery 1.0, 4.3);
- redirects are not followed, answers are bounded in size and time, and plain HTTP is for loopback alone;
- keys are read again for a key id that is not known, but at most once a minute: a provider replaces its keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import aiohttp
import msgspec

from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.people.cookies import is_loopback
from onesixty.people.oidc.config import Config

SECONDS: Final = 10.0
MOST_BYTES: Final = 1_048_576
#: How long the discovery document counts, and the least time between two reads of the keys.
DOCUMENT_SECONDS: Final = 3600.0
KEYS_SECONDS: Final = 60.0

_JSON: Final = {"Accept": "application/json"}


class Document(msgspec.Struct):
    """What is needed of the discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = msgspec.field(
        default_factory=lambda: ["client_secret_basic"]
    )


class Answered(msgspec.Struct):
    """What is needed of the answer of the token endpoint."""

    id_token: str
    access_token: str = ""


class Provider:
    """One provider. `close` ends its connections."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config = config
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._document: tuple[Document, float] | None = None
        self._keys: tuple[dict[str, Any], float] | None = None
        self._lock = asyncio.Lock()

    async def document(self) -> Document:
        """The discovery document. Raises Problem `oidc_unavailable`."""
        async with self._lock:
            now = self._clock.monotonic()
            if self._document is None or now >= self._document[1] + DOCUMENT_SECONDS:
                url = f"{self.config.issuer.rstrip('/')}/.well-known/openid-configuration"
                found = _decode(await self._get(url, {}), Document)
                if found.issuer != self.config.issuer:
                    raise _away(f"the provider calls itself {found.issuer[:200]}, not {self.config.issuer}")
                self._document = (found, now)
            return self._document[0]

    async def keys(self, *, anew: bool = False) -> dict[str, Any]:
        """The keys as a JWK set. `anew` reads them again, unless that was done a moment ago. Raises Problem."""
        document = await self.document()
        async with self._lock:
            now = self._clock.monotonic()
            old = self._keys is not None and now >= self._keys[1] + DOCUMENT_SECONDS
            again = anew and self._keys is not None and now >= self._keys[1] + KEYS_SECONDS
            if self._keys is None or old or again:
                found = msgspec.json.decode(await self._get(document.jwks_uri, {}))
                if not isinstance(found, dict):
                    raise _away("its keys are no JWK set")
                self._keys = (found, now)
            return self._keys[0]

    async def redeem(self, code: str, redirect_uri: str, verifier: str) -> Answered:
        """Redeem a code (RFC 6749, 4.1.3). Raises Problem."""
        document, config = await self.document(), self.config
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = dict(_JSON)
        if config.client_secret is None:
            form["client_id"] = config.client_id
        elif "client_secret_basic" in document.token_endpoint_auth_methods_supported:
            name, secret = quote(config.client_id, safe=""), quote(config.client_secret, safe="")
            headers["Authorization"] = aiohttp.encode_basic_auth(name, secret)
        else:
            form |= {"client_id": config.client_id, "client_secret": config.client_secret}
        found: Answered = _decode(await self._send("POST", document.token_endpoint, headers, form), Answered)
        return found

    async def userinfo(self, access_token: str) -> dict[str, Any]:
        """The claims of the userinfo endpoint; none if there is no endpoint. Raises Problem."""
        document = await self.document()
        if document.userinfo_endpoint is None or not access_token:
            return {}
        raw = await self._get(document.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})
        found = _decode(raw, dict)
        return {str(name): value for name, value in found.items()}

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _get(self, url: str, headers: Mapping[str, str]) -> bytes:
        return await self._send("GET", url, {**_JSON, **headers}, None)

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> bytes:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise _away("it is reached over plain HTTP")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
        try:
            async with self._session.request(
                method, url, headers=headers, data=form, allow_redirects=False
            ) as answer:
                body = await answer.content.read(MOST_BYTES + 1)
                while len(body) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES)):
                    body += more
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _away(type(error).__name__) from None
        if len(body) > MOST_BYTES:
            raise _away("its answer is too large")
        if status in (400, 401, 403) and form is not None:
            raise Problem("oidc_refused", f"The identity provider did not accept the code ({_reason(body)}).")
        if status != 200:
            raise _away(f"HTTP status {status}")
        return body


def _reason(body: bytes) -> str:
    """The error code of RFC 6749, 5.2, if that is what a body has."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return "no reason given"
    error = found.get("error") if isinstance(found, dict) else None
    return error[:60] if isinstance(error, str) else "no reason given"


def _decode(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _away(f"its answer cannot be read: {error}") from None


def _away(why: str) -> Problem:
    return Problem(
        "oidc_unavailable", f"The identity provider does not answer as it should: {why}.", retry_after=5
    )
