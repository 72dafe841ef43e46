"""Checks that a call comes from the provider: one check for each scheme that providers use.

Rules kept here:
- everything is compared in constant time; a missing value is wrong; a link without its secret refuses all calls;
- if a provider signs each attempt anew, a check of its signed time refuses calls older than `TOLERANCE`. If it
  may repeat the old signature (Vonage, Sinch), the age proves nothing: a repeated receipt is harmless, but a
  refused one is lost;
- a signature over the URL is computed over the public URL, with the path and query as they came, because a proxy
  may have changed host and scheme.

Sources: www.twilio.com/docs/usage/webhooks/webhooks-security; developer.vonage.com/getting-started/concepts/
signing-messages and /messages/concepts/signed-webhooks; developers.sinch.com/docs/sms/api-reference/sms/webhooks;
www.plivo.com/docs/messaging/concepts/signature-validation; developers.telnyx.com/docs/messaging/messages/
receiving-webhooks; developers.messagebird.com/api/#verifying-http-requests; Standard Webhooks 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from onesixty.carriers.http.requests import basic
from onesixty.carriers.http.settings import HttpSettings
from onesixty.carriers.http.templates import fill_text
from onesixty.core.contracts import CallbackRequest

#: Seconds by which a signature's time may differ from ours.
TOLERANCE: Final = 300

#: The most fields of a form that are read, so that an unsigned call with a million fields costs nothing.
MOST_FIELDS: Final = 1000

Check = Callable[[HttpSettings, CallbackRequest, int], bool]


def genuine(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    """Whether the provider made this call. `now` is in epoch seconds."""
    if settings.callback_token and not same(request.token, settings.callback_token):
        return False
    return CHECKS[settings.callback_signature](settings, request, now)


def same(given: str | None, right: str) -> bool:
    """Whether two texts are equal, compared in constant time. An empty text never matches: it is not a secret."""
    if not given or not right:
        return False
    return hmac.compare_digest(given.encode(), right.encode())


def form_of(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form, in order; an empty list if it has more fields than any provider sends."""
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return []


def _is_form(request: CallbackRequest) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _digest(secret: str | bytes, data: str | bytes, algorithm: str) -> bytes:
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.digest(key, data.encode() if isinstance(data, str) else data, algorithm)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _token(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    return bool(settings.callback_token)  # `genuine` has compared the token already


def _anybody(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    return True


def _basic(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    right = basic(settings.callback_username, settings.callback_secret)
    return bool(settings.callback_secret) and same(request.headers.get("authorization"), right)


def _header(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    given = request.headers.get(settings.callback_header.lower(), "")
    return bool(settings.callback_secret) and same(given, settings.callback_prefix + settings.callback_secret)


def _hmac(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    parts = urlsplit(request.url)
    # `{timestamp}` and `{nonce}` are taken from the headers whose names end with these words.
    values: dict[str, object] = {
        "method": request.method,
        "url": request.url,
        "path": parts.path,
        "query": parts.query,
        "body": request.body.decode("utf-8", "replace"),
        "timestamp": _header_ending(request, "timestamp"),
        "nonce": _header_ending(request, "nonce"),
    }
    data = fill_text(settings.callback_template, values) or ""
    digest = _digest(settings.callback_secret, data, settings.callback_hash)
    text = digest.hex() if settings.callback_encoding == "hex" else _base64(digest)
    given = request.headers.get(settings.callback_header.lower(), "")
    if settings.callback_encoding == "hex":
        given = given.lower()
    return bool(settings.callback_secret) and same(given, settings.callback_prefix + text)


def _header_ending(request: CallbackRequest, end: str) -> str:
    return next((value for name, value in request.headers.items() if name.endswith(end)), "")


def _twilio(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    """Base64 of HMAC-SHA1 over the URL and the form's names and values, sorted by name."""
    fields = form_of(request.body) if _is_form(request) else []
    data = request.url + "".join(name + value for name, value in sorted(set(fields)))
    return bool(settings.callback_secret) and same(
        request.headers.get("x-twilio-signature"),
        _base64(_digest(settings.callback_secret, data, "sha1")),
    )


def _vonage(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    """A JWT in Authorization, or the parameter `sig`, which signs all other parameters."""
    if not settings.callback_secret:
        return False
    scheme, _, jwt = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        claims = claims_of(jwt, settings.callback_secret, now)
        if claims is None:
            return False
        payload_hash = claims.get("payload_hash")
        return payload_hash is None or same(str(payload_hash).lower(), _sha256(request.body))
    fields = dict(parse_qsl(request.query, keep_blank_values=True)) | _fields(request)
    given = fields.pop("sig", "").lower()
    text = "".join(
        f"&{name}={value.replace('&', '_').replace('=', '_')}" for name, value in sorted(fields.items())
    )
    if settings.callback_hash == "md5":  # the provider's default: a plain hash of text and secret
        right = hashlib.md5((text + settings.callback_secret).encode(), usedforsecurity=False).hexdigest()
    else:
        right = _digest(settings.callback_secret, text, settings.callback_hash).hex()
    return same(given, right)


def _fields(request: CallbackRequest) -> dict[str, str]:
    """Return the names and values of a form, or of a flat JSON object."""
    if _is_form(request):
        return dict(form_of(request.body))
    try:
        document = msgspec.json.decode(request.body) if request.body else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: str(value) for name, value in document.items() if isinstance(value, str | int | float)}


def _sinch(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    """Base64 of HMAC-SHA256 over body, nonce and timestamp, separated by dots."""
    headers = request.headers
    nonce = headers.get("x-sinch-webhook-signature-nonce", "")
    timestamp = headers.get("x-sinch-webhook-signature-timestamp", "")
    data = b"%b.%b.%b" % (request.body, nonce.encode(), timestamp.encode())
    return bool(settings.callback_secret) and same(
        headers.get("x-sinch-webhook-signature"), _base64(_digest(settings.callback_secret, data, "sha256"))
    )


def _plivo(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    """Version 3: over the URL with its query sorted, the sorted form, and the nonce; several may be given.

    Version 2, which messages may still carry: over the URL without its query, and the nonce.
    """
    if not settings.callback_secret:
        return False
    headers = request.headers
    parts = urlsplit(request.url)
    base = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if "x-plivo-signature-v3" in headers:
        query = "&".join(f"{n}={v}" for n, v in sorted(parse_qsl(parts.query, keep_blank_values=True)))
        fields = sorted(form_of(request.body)) if request.method == "POST" else []
        if query or fields:
            base += "?" + query
        if query and fields:
            base += "."
        base += "".join(name + value for name, value in fields)
        data = f"{base}.{headers.get('x-plivo-signature-v3-nonce', '')}"
        given = headers["x-plivo-signature-v3"]
    else:
        data = base + headers.get("x-plivo-signature-v2-nonce", "")
        given = headers.get("x-plivo-signature-v2", "")
    right = _base64(_digest(settings.callback_secret, data, "sha256"))
    return any(same(one.strip(), right) for one in given.split(","))


def _telnyx(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    """Ed25519 over `timestamp|body`; the secret is the account's public key in base64."""
    # Imported here, because no other kind of link needs it.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    timestamp = request.headers.get("telnyx-timestamp", "")
    if not _recent(timestamp, now):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(settings.callback_secret))
        given = base64.b64decode(request.headers.get("telnyx-signature-ed25519", ""))
        key.verify(given, b"%b|%b" % (timestamp.encode(), request.body))
    except (ValueError, InvalidSignature):
        return False
    return True


def _messagebird(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    """A JWT with the hashes of URL and body."""
    jwt = request.headers.get("messagebird-signature-jwt", "")
    claims = claims_of(jwt, settings.callback_secret, now) if settings.callback_secret else None
    if claims is None or not same(str(claims.get("url_hash", "")).lower(), _sha256(request.url.encode())):
        return False
    payload_hash = claims.get("payload_hash")
    if payload_hash is None:
        return not request.body
    return same(str(payload_hash).lower(), _sha256(request.body))


def _standard(settings: HttpSettings, request: CallbackRequest, now: int) -> bool:
    """Standard Webhooks: `v1,` and base64 of HMAC-SHA256 over id, timestamp and body with dots between.

    There may be several secrets, separated by blanks: each endpoint at the provider has its own.
    """
    headers = request.headers
    timestamp = headers.get("webhook-timestamp", "")
    if not _recent(timestamp, now):
        return False
    data = b"%b.%b.%b" % (headers.get("webhook-id", "").encode(), timestamp.encode(), request.body)
    given = headers.get("webhook-signature", "").split()
    for secret in settings.callback_secret.split():
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            continue
        right = "v1," + _base64(_digest(key, data, "sha256"))
        if any(same(one, right) for one in given):
            return True
    return False


def claims_of(jwt: str, secret: str, now: int) -> dict[str, Any] | None:
    """Return the claims of a JWT (RFC 7519) signed with HS256, or None if the signature or the times are wrong."""
    head, _, rest = jwt.strip().partition(".")
    payload, _, signature = rest.partition(".")
    try:
        header = msgspec.json.decode(_unpadded(head))
        claims = msgspec.json.decode(_unpadded(payload))
        given = _unpadded(signature)
    except (binascii.Error, ValueError):
        return None
    if not isinstance(header, dict) or header.get("alg") != "HS256" or not isinstance(claims, dict):
        return None
    if not hmac.compare_digest(given, _digest(secret, f"{head}.{payload}", "sha256")):
        return None
    until, since = claims.get("exp", now), claims.get("nbf", now)
    if not isinstance(until, int | float) or not isinstance(since, int | float):
        return None
    return claims if since - TOLERANCE <= now <= until + TOLERANCE else None


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _recent(timestamp: str, now: int) -> bool:
    return timestamp.isascii() and timestamp.isdigit() and abs(int(timestamp[:12]) - now) <= TOLERANCE


CHECKS: Final[dict[str, Check]] = {
    "token": _token,
    "none": _anybody,
    "basic": _basic,
    "header": _header,
    "hmac": _hmac,
    "twilio": _twilio,
    "vonage": _vonage,
    "sinch": _sinch,
    "plivo": _plivo,
    "telnyx": _telnyx,
    "messagebird": _messagebird,
    "standard": _standard,
}
