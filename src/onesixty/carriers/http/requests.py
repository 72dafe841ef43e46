"""From a message to the HTTP request that submits it: values, URL, headers, body, credentials, signature.

Rules kept here:
- everything is pure: a submission and settings in, a request out; time and randomness are passed in as values;
- in a URL every value is escaped; a header never gets a line break;
- a message may need something special (flash, octets, its own user data header). A template without a
  placeholder for it cannot carry the message.
"""

from __future__ import annotations

import base64
import hmac
import re
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from onesixty.carriers.http.settings import HttpSettings
from onesixty.carriers.http.templates import ABSENT, Values, fill, fill_text, names
from onesixty.channels.sms.content import BINARY, content_of, registration
from onesixty.core import times
from onesixty.core.contracts import Refusal, Rendered, Submission
from onesixty.core.message import Message
from onesixty.text import TextError, count

#: The placeholders of a template, with their meaning for people (docs/reference/http-carriers.md has the same table).
PLACEHOLDERS: Final[dict[str, str]] = {
    "to": "the recipient in E.164, with its +",
    "to_digits": "the recipient without the +",
    "from": "the sender of the message",
    "from_digits": "the sender without a leading +",
    "text": "the text; empty for a binary message",
    "id": "the message's id",
    "attempt": "the number of this attempt",
    "reference": "the customer's reference",
    "class": "otp, transactional or marketing",
    "priority": "a number",
    "segments": "a number",
    "encoding": "gsm7, ucs2 or binary",
    "flash": "true for message class 0",
    "udh": "the user data header given by the customer, in hex",
    "binary_hex": "the octets of a binary message in hex",
    "binary_base64": "the same in base64",
    "validity_seconds": "the remaining validity in seconds",
    "validity_minutes": "the remaining validity in minutes, at least 1",
    "validity_ms": "the remaining validity in milliseconds",
    "expires_at": "the end of the validity, RFC 3339",
    "callback_url": "where the provider sends delivery reports; empty without `callbacks`",
    "inbound_url": "where the provider sends incoming messages",
    "timestamp": "seconds since 1970",
    "time": "the same moment, RFC 3339",
    "nonce": "32 hex digits, new for each request",
    "username": "the setting",
    "password": "the setting",
    "token": "the setting",
}

#: For a message, `{registration_NAME}` is an id under which its template is registered in its country.
REGISTRATION: Final = re.compile(r"registration_([a-z][a-z0-9_]*)")

#: Further placeholders of a signature's template.
SIGNED: Final = ("method", "path", "url", "query", "body")


class Place(msgspec.Struct, frozen=True):
    """What a request needs from its surroundings: callback URLs, wall clock in ms, and a random value."""

    callback_url: str
    inbound_url: str
    now_ms: int
    nonce: str


class Request(msgspec.Struct):
    """An HTTP request. `body` None means no body at all."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


def render(message: Message, sender: str, has: frozenset[str]) -> Rendered | Refusal:
    """Return the message in as many units as it has priced segments, because the provider cuts it, or the reason why
    this link cannot carry it.

    `has` are the placeholders of the link's templates.
    """
    content = content_of(message.content)
    if message.encoding == BINARY:
        if not has & {"binary_hex", "binary_base64"}:
            return Refusal("carrier_cannot_carry", "This carrier does not support binary messages.")
    elif content.single_shift or content.locking_shift:
        return Refusal("carrier_cannot_carry", "This carrier does not support national language tables.")
    elif message.encoding == "gsm7":
        try:
            count(message.text, "gsm7")
        except TextError as error:
            return Refusal("carrier_cannot_carry", str(error))
    if content.flash and "flash" not in has:
        return Refusal("carrier_cannot_carry", "This carrier does not support flash messages.")
    if content.udh and "udh" not in has:
        return Refusal("carrier_cannot_carry", "This carrier does not support user data headers.")
    if content.headers:
        return Refusal("carrier_cannot_carry", "This carrier does not support parts with their own headers.")
    return Rendered(units=message.segments, sender=sender)


def placeholders_of(settings: HttpSettings) -> frozenset[str]:
    """Return all placeholders in the templates of a link."""
    return frozenset(names([settings.url, settings.query, settings.headers, settings.fields]))


def values_of(submission: Submission, settings: HttpSettings, place: Place) -> dict[str, object]:
    """Return the values of all placeholders."""
    message = submission.message
    content = content_of(message.content)
    sender = submission.rendered.sender
    binary = message.encoding == BINARY
    octets = base64.b64decode(message.text) if binary else b""
    validity = min(max(submission.validity_ms // 1000, settings.validity_min_s, 1), settings.validity_max_s)
    values = _Values(registration(content, message))
    values |= {
        "to": message.recipient,
        "to_digits": message.recipient.removeprefix("+"),
        "from": sender,
        "from_digits": sender.removeprefix("+"),
        "text": "" if binary else message.text,
        "id": message.id,
        "attempt": submission.attempt,
        "reference": message.reference,
        "class": message.class_,
        "priority": message.priority,
        "segments": message.segments,
        "encoding": message.encoding,
        "flash": content.flash,
        "udh": content.udh or "",
        "binary_hex": octets.hex(),
        "binary_base64": message.text if binary else "",
        "validity_seconds": validity,
        "validity_minutes": max(1, validity // 60),
        "validity_ms": validity * 1000,
        "expires_at": times.to_text(place.now_ms + validity * 1000),
        "callback_url": place.callback_url,
        "inbound_url": place.inbound_url,
        "timestamp": place.now_ms // 1000,
        "time": times.to_text(place.now_ms),
        "nonce": place.nonce,
        "username": settings.username,
        "password": settings.password,
        "token": settings.token,
    }
    for name, words in settings.words.items():
        value = values[name]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        values[name] = words.get(text, value)
    return values


class _Values(dict[str, object]):
    """Values by placeholder. A registration that the message does not have is empty."""

    def __init__(self, registered: dict[str, str]) -> None:
        super().__init__()
        self._registered = registered

    def __missing__(self, name: str) -> object:
        found = REGISTRATION.fullmatch(name)
        if found is None:
            raise KeyError(name)
        return self._registered.get(found[1], "")


def request_of(settings: HttpSettings, values: dict[str, object], access_token: str = "") -> Request:
    """Make the request. `access_token` is OAuth 2.0's. Raises ValueError for a value that no header can hold."""
    url = _url(settings, values)
    headers: dict[str, str] = {}
    for name, template in settings.headers.items():
        value = fill_text(template, values)
        if value is not None:
            headers[name] = value
    body = _body(settings, values, headers)
    _authorise(settings, headers, access_token)
    if settings.auth == "signed":
        _sign(settings, settings.method, url, body or b"", headers, values)
    for name, value in headers.items():
        if not value.isprintable():
            raise ValueError(f"the header {name} would contain a control character")
    return Request(settings.method, url, headers, body)


def bare(settings: HttpSettings, now_ms: int, nonce: str, access_token: str = "") -> Request:
    """Make a GET of `check_url` with the credentials of submissions, and with those headers that do not depend on
    a message."""
    values: dict[str, object] = {
        "username": settings.username,
        "password": settings.password,
        "token": settings.token,
        "timestamp": now_ms // 1000,
        "time": times.to_text(now_ms),
        "nonce": nonce,
    }
    headers = {
        name: fill_text(template, values) or ""
        for name, template in settings.headers.items()
        if set(names(template)) <= values.keys()
    }
    url = fill_text(settings.check_url, values, lambda text: quote(text, safe="")) or ""
    if settings.auth == "query":
        url += ("&" if "?" in url else "?") + urlencode([(settings.token_name, settings.token)])
    _authorise(settings, headers, access_token)
    if settings.auth == "signed":
        _sign(settings, "GET", url, b"", headers, values)
    return Request("GET", url, headers, None)


def basic(username: str, password: str) -> str:
    """Return the value of Authorization for the Basic scheme (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _url(settings: HttpSettings, values: dict[str, object]) -> str:
    url = fill_text(settings.url, values, lambda text: quote(text, safe="")) or ""
    pairs = [(name, fill_text(template, values)) for name, template in settings.query.items()]
    given = [(name, value) for name, value in pairs if value is not None]
    if settings.auth == "query":
        given.append((settings.token_name, settings.token))
    if not given:
        return url
    return url + ("&" if "?" in url else "?") + urlencode(given)


def _body(settings: HttpSettings, values: dict[str, object], headers: dict[str, str]) -> bytes | None:
    if settings.body == "none" or settings.method == "GET":
        return None
    filled: Any = fill(settings.fields, values)
    if filled is ABSENT:
        filled = {}
    known = {name.lower() for name in headers}
    if settings.body == "json":
        if "content-type" not in known:
            headers["Content-Type"] = "application/json"
        body: bytes = msgspec.json.encode(filled)
        return body
    if "content-type" not in known:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    pairs = [
        (name, str(one).lower() if isinstance(one, bool) else str(one))
        for name, value in filled.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    return urlencode(pairs).encode()


def _sign(
    settings: HttpSettings, method: str, url: str, body: bytes, headers: dict[str, str], values: Values
) -> None:
    """Add the header with the signature over the text of `sign_template`."""
    parts = urlsplit(url)
    signed: dict[str, object] = {
        "method": method,
        "path": parts.path or "/",
        "query": parts.query,
        "url": url,
        "body": body.decode(),
    }
    data = (fill_text(settings.sign_template, {**values, **signed}) or "").encode()
    digest = hmac.digest(settings.signing_secret.encode(), data, settings.sign_hash)
    text = digest.hex() if settings.sign_encoding == "hex" else base64.b64encode(digest).decode()
    headers[settings.sign_header] = settings.sign_prefix + text


def _authorise(settings: HttpSettings, headers: dict[str, str], access_token: str) -> None:
    match settings.auth:
        case "basic":
            headers["Authorization"] = basic(settings.username, settings.password)
        case "bearer":
            headers["Authorization"] = f"Bearer {settings.token}"
        case "oauth2":
            headers["Authorization"] = f"Bearer {access_token}"
        case "header":
            headers[settings.token_name] = settings.token
        case _:
            return
