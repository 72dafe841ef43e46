"""The settings of a carrier over HTTP, as written under `[[carriers]]` or in the API.

Rules kept here:
- the settings of the connection (`LinkSettings`) are common to all HTTP carriers. The settings of the requests
  (`HttpSettings`) are written by hand for type "http"; each profile makes them from a few settings of its own;
- secrets are fields of their own, at the top level, so that they can be masked; templates refer to them by name;
- the provider's words are tables in the settings: the code knows nothing about single providers.
"""

from __future__ import annotations

import ssl
from typing import Annotated, Any, Final, Literal

import msgspec

SECRETS: Final = ("password", "token", "signing_secret", "callback_secret", "callback_token")

Text = Annotated[str, msgspec.Meta(max_length=2048)]
Secret = Annotated[str, msgspec.Meta(max_length=4096)]
Url = Annotated[str, msgspec.Meta(max_length=2048)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=3600)]
Words = dict[str, str]

Auth = Literal["none", "basic", "bearer", "header", "query", "signed", "oauth2"]
Hash = Literal["sha256", "sha1", "sha512"]
Encoding = Literal["hex", "base64"]
Signature = Literal[
    "token", "none", "basic", "header", "hmac", "twilio", "vonage", "sinch", "plivo", "telnyx", "messagebird",
    "standard",
]  # fmt: skip


class LinkSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What every carrier over HTTP may set."""

    #: Requests that may wait for their answers at the same time, each on a connection of its own.
    window: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 10
    #: Segments a second; 0 is unlimited.
    throughput: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] = 0
    connect_timeout_s: Seconds = 10
    #: Counted from the request; if no answer comes in this time, the outcome is unknown.
    response_timeout_s: Seconds = 30
    #: How long an idle connection is kept.
    keep_alive_s: Seconds = 15
    #: Pauses between attempts to reach the provider again after a failure; they double.
    reconnect_min_s: Seconds = 0.5
    reconnect_max_s: Seconds = 30
    #: A PEM file with the certificate authorities to trust; empty for the system's.
    tls_ca_file: str = ""
    tls_verify: bool = True
    #: How long to wait for a final receipt.
    receipt_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=30 * 86_400)] = 72 * 3600
    #: Whether the provider is asked to send its reports to onesixty (`{callback_url}`).
    callbacks: bool = True
    #: An optional last part of the path that the provider calls.
    callback_token: Annotated[str, msgspec.Meta(max_length=128, pattern=r"^[A-Za-z0-9._~-]*$")] = ""


class ProfileSettings(LinkSettings, kw_only=True, forbid_unknown_fields=True):
    """What every profile of a provider may set beside its own."""

    #: The base URL of the provider's API, without a slash at the end; empty for the known one.
    base_url: Annotated[str, msgspec.Meta(max_length=512, pattern=r"^(https?://[^/?#{}@\s]+)?$")] = ""
    #: Maps further error codes of the provider, or known ones with another meaning, to codes of the error catalogue.
    codes: Words = {}


class Answers(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How the answer to a request is read. Paths are explained in `paths`."""

    #: HTTP statuses, or ranges of them, which mean that the message was taken.
    success: list[str] = msgspec.field(default_factory=lambda: ["200-299"])
    #: The path of the id.
    id: Text = ""
    #: The path of an array with an entry for each segment; `id`, `state` and `code` are then paths inside an entry.
    parts: Text = ""
    #: The path of a word that says whether the message was taken, and the words that mean yes.
    state: Text = ""
    state_ok: list[str] = []
    #: The paths of the provider's error code, tried in turn.
    code: list[str] = []
    #: Maps the provider's codes, and HTTP statuses, to codes of the error catalogue.
    codes: Words = {}
    statuses: Words = {}
    #: The body is not JSON: paths are then regular expressions with one group.
    text: bool = False


class Receipts(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a delivery report is read: each field is the path of a value in it."""

    #: The path of the array of reports; empty: the body is one report, or an array of them.
    each: Text = ""
    #: Paths, and the words of which one must be there; a document that does not match is not a receipt.
    when: dict[str, list[str]] = {}
    id: Text = "id"
    state: Text = "status"
    #: Maps the provider's words to those of SMPP 3.4, appendix B; the latter need no row.
    states: Words = {}
    code: Text = ""
    #: Maps the provider's codes of undelivered messages to codes of the error catalogue.
    errors: Words = {}
    to: Text = ""
    sender: Text = ""
    at: Text = ""
    #: iso, unix, unix_ms, or a format of strptime in UTC.
    at_format: Text = "iso"
    network: Text = ""


class Inbound(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a message from a handset is read."""

    each: Text = ""
    when: dict[str, list[str]] = {}
    id: Text = "id"
    sender: Text = "from"
    to: Text = "to"
    text: Text = "text"
    #: The path of octets, and the condition under which they are used instead of the text.
    octets: Text = ""
    octets_encoding: Encoding = "hex"
    octets_when: dict[str, list[str]] = {}
    udh: Text = ""
    #: The paths of a part's place in a long message: reference, total and number.
    part_reference: Text = ""
    part_total: Text = ""
    part_number: Text = ""


class HttpSettings(LinkSettings, kw_only=True, forbid_unknown_fields=True):
    """What a row of `carriers` with `type` "http" may set."""

    url: Url
    method: Literal["POST", "GET", "PUT"] = "POST"
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: Literal["json", "form", "none"] = "json"
    #: The fields of the body, as templates by name; in JSON they may be nested.
    fields: dict[str, Any] = {}
    #: Replacements for the values of placeholders: `{"encoding": {"ucs2": "unicode"}}`.
    words: dict[str, Words] = {}
    #: The least and the greatest value of `{validity_seconds}`; a longer validity is sent as the greatest.
    validity_min_s: Annotated[int, msgspec.Meta(ge=0)] = 0
    validity_max_s: Annotated[int, msgspec.Meta(ge=1)] = 31 * 86_400

    auth: Auth = "none"
    username: Text = ""
    password: Secret = ""
    #: The token of the auth methods bearer, header and query.
    token: Secret = ""
    #: The header or parameter that carries `token`.
    token_name: Text = "X-Api-Key"
    #: The path of OAuth 2.0's token endpoint (client credentials of `username` and `password`).
    token_url: Url = ""
    scope: Text = ""
    signing_secret: Secret = ""
    sign_template: Text = "{timestamp}.{body}"
    sign_hash: Hash = "sha256"
    sign_encoding: Encoding = "hex"
    sign_header: Text = "X-Signature"
    sign_prefix: Text = ""

    answer: Answers = msgspec.field(default_factory=Answers)

    #: The scheme by which the provider authenticates its calls.
    callback_signature: Signature = "token"
    callback_secret: Secret = ""
    callback_username: Text = ""
    #: For `header` and `hmac`: the header with the secret or signature, and how the signature is made.
    callback_header: Text = "X-Signature"
    callback_template: Text = "{body}"
    callback_hash: Literal["sha256", "sha1", "sha512", "md5"] = "sha256"
    callback_encoding: Encoding = "hex"
    callback_prefix: Text = ""
    #: The answer to the provider after everything is stored.
    callback_answer: Text = ""
    callback_answer_type: Text = "text/plain; charset=utf-8"
    receipts: Receipts = msgspec.field(default_factory=Receipts)
    inbound: Inbound = msgspec.field(default_factory=Inbound)

    #: The URL of a GET that needs the credentials and sends nothing, for `onesixty carrier check`.
    check_url: Url = ""


def target(settings: HttpSettings) -> object:
    """Where the secrets are sent, and how the provider is identified there."""
    return (
        *(settings.url, settings.token_url, settings.check_url),
        *(settings.tls_verify, settings.tls_ca_file),
    )


def tls_context(settings: LinkSettings) -> ssl.SSLContext:
    """Make the TLS context of a link. Raises OSError for a file that cannot be read."""
    context = ssl.create_default_context(cafile=settings.tls_ca_file or None)
    if not settings.tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
