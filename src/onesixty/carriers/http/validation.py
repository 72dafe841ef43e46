"""Checks of an HTTP carrier's settings beyond what their types express. Each fault names its field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from onesixty.carriers.http import paths
from onesixty.carriers.http.answers import STATUS_CODES, parse_statuses
from onesixty.carriers.http.requests import PLACEHOLDERS, REGISTRATION, SIGNED, placeholders_of
from onesixty.carriers.http.settings import (
    Answers,
    HttpSettings,
    Inbound,
    LinkSettings,
    ProfileSettings,
    Receipts,
    tls_context,
)
from onesixty.carriers.http.templates import names
from onesixty.carriers.refusals import CODES
from onesixty.carriers.settings import invalid
from onesixty.core.errors import CATALOGUE, Problem
from onesixty.core.statuses import RECEIPT_WORD

_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_NEEDED: Final = {
    "basic": ("username",),
    "bearer": ("token",),
    "header": ("token", "token_name"),
    "query": ("token", "token_name"),
    "signed": ("signing_secret", "sign_header"),
    "oauth2": ("username", "password", "token_url"),
}
#: The placeholders that a template for the provider's signature may use.
_CALLED: Final = ("method", "path", "url", "query", "body", "timestamp", "nonce")


def check_link(settings: LinkSettings, param: str) -> None:
    """Raise `Problem` for unusable settings of a link, with or without a profile."""
    if settings.reconnect_max_s < settings.reconnect_min_s:
        raise invalid(
            "reconnect_max_s", "`reconnect_max_s` must not be below `reconnect_min_s`.", param=param
        )
    if not settings.tls_ca_file:
        return
    try:
        tls_context(settings)
    except OSError as error:
        raise invalid("tls_ca_file", f"`tls_ca_file` cannot be used: {error}.", param=param) from None


def check_profile(settings: ProfileSettings, param: str) -> None:
    """Raise `Problem` for a fault in the settings of a carrier with a profile."""
    check_link(settings, param)
    for key, code in settings.codes.items():
        _one_of(code, CODES, f"codes.{key}", param)


def check(settings: HttpSettings, param: str) -> None:
    """Raise `Problem` for a fault in the settings of a carrier of type "http"."""
    check_link(settings, param)
    for name in ("url", "token_url", "check_url"):
        value: str = getattr(settings, name)
        if value or name == "url":
            _url(value, name, param)
    for name in ("url", "query", "headers", "fields"):
        _placeholders(getattr(settings, name), PLACEHOLDERS, name, param, registrations=True)
    _placeholders(settings.check_url, PLACEHOLDERS, "check_url", param)
    _placeholders(settings.sign_template, [*PLACEHOLDERS, *SIGNED], "sign_template", param)
    _placeholders(settings.callback_template, _CALLED, "callback_template", param)
    for name in settings.words:
        if name not in PLACEHOLDERS:
            raise invalid(f"words.{name}", f"Unknown placeholder `{name}`.", param=param)
    for name, value in settings.headers.items():
        if not _HEADER.fullmatch(name) or not value.isprintable():
            raise invalid(f"headers.{name}", f"`{name}` is not a valid header name.", param=param)
    if settings.body == "form" and any(isinstance(value, dict) for value in settings.fields.values()):
        raise invalid("fields", "Form fields cannot be nested.", param=param)
    if settings.validity_min_s > settings.validity_max_s:
        raise invalid("validity_max_s", "`validity_max_s` must not be below `validity_min_s`.", param=param)
    for name in _NEEDED.get(settings.auth, ()):
        if not getattr(settings, name):
            raise invalid(name, f"`{name}` is required for `auth` {settings.auth}.", param=param)
    for name in ("token_name", "sign_header", "callback_header"):
        if not _HEADER.fullmatch(getattr(settings, name)):
            raise invalid(name, f"`{name}` must be a valid header name.", param=param)
    _answers(settings.answer, param)
    _reports(settings.receipts, settings.inbound, param)


def asked_ids(settings: HttpSettings) -> frozenset[str]:
    """The ids of registered texts that the requests of a link take."""
    found = map(REGISTRATION.fullmatch, placeholders_of(settings))
    return frozenset(one[1] for one in found if one is not None)


def _url(url: str, name: str, param: str) -> None:
    authority = re.match(r"https?://[^/?#{}@\s]+(?=[/?]|$)", url)
    try:
        usable = authority is not None and bool(urlsplit(authority[0]).hostname) and url.isprintable()
        _ = urlsplit(url).port
    except ValueError:
        usable = False
    if not usable or not url.isascii():
        raise invalid(
            name,
            f"`{name}` must be an http or https URL without a user name; host and port must not "
            "contain placeholders.",
            param=param,
        )


def _placeholders(
    template: Any, known: Iterable[str], name: str, param: str, *, registrations: bool = False
) -> None:
    unknown = sorted(
        one
        for one in set(names(template)) - set(known)
        if not (registrations and REGISTRATION.fullmatch(one))
    )
    if unknown:
        raise invalid(name, f"Unknown placeholder `{{{unknown[0]}}}`.", param=param)


def _answers(answer: Answers, param: str) -> None:
    for key in answer.success:
        _status(key, "answer.success", param)
    for key, code in answer.statuses.items():
        _status(key, f"answer.statuses.{key}", param)
        _one_of(code, STATUS_CODES, f"answer.statuses.{key}", param)
    for key, code in answer.codes.items():
        _one_of(code, CODES, f"answer.codes.{key}", param)
    if answer.state and not answer.state_ok:
        raise invalid(
            "answer.state_ok",
            "`state_ok` is missing: it has the words of `state` that mean success.",
            param=param,
        )
    if answer.text and answer.parts:
        raise invalid(
            "answer.parts", "`parts` needs an answer in JSON; with `text` there are none.", param=param
        )
    for name, path in (("id", answer.id), ("state", answer.state), *(("code", path) for path in answer.code)):
        if answer.text:
            _pattern(path, f"answer.{name}", param)
        else:
            _path(path, f"answer.{name}", param)
    _path(answer.parts, "answer.parts", param)


def _reports(receipts: Receipts, inbound: Inbound, param: str) -> None:
    for name in ("each", "id", "state", "code", "to", "sender", "at", "network"):
        _path(getattr(receipts, name), f"receipts.{name}", param)
    for name in (
        "each", "id", "sender", "to", "text", "octets", "udh", "part_reference", "part_total", "part_number",
    ):  # fmt: skip
        _path(getattr(inbound, name), f"inbound.{name}", param)
    for where, when in (
        ("receipts.when", receipts.when),
        ("inbound.when", inbound.when),
        ("inbound.octets_when", inbound.octets_when),
    ):
        for path in when:
            _path(path, where, param)
    for word, state in receipts.states.items():
        if state.upper() not in RECEIPT_WORD:
            raise invalid(
                f"receipts.states.{word}",
                f"Unknown message state `{state}`; write a state of SMPP such as DELIVRD.",
                param=param,
            )
    for word, code in receipts.errors.items():
        if code not in CATALOGUE or CATALOGUE[code].status:
            raise invalid(f"receipts.errors.{word}", f"Unknown error code `{code}`.", param=param)
    form = receipts.at_format
    if form not in ("iso", "unix", "unix_ms") and "%" not in form:
        raise invalid(
            "receipts.at_format",
            "The time format must be iso, unix, unix_ms or a pattern such as %y%m%d.",
            param=param,
        )


def _status(key: str, name: str, param: str) -> None:
    try:
        parse_statuses(key)
    except ValueError as error:
        raise invalid(name, f"{error}.", param=param) from None


def _path(path: str, name: str, param: str) -> None:
    try:
        paths.steps(path)
    except ValueError as error:
        raise invalid(name, f"{error}.", param=param) from None


def _pattern(pattern: str, name: str, param: str) -> None:
    try:
        groups = re.compile(pattern).groups if pattern else 1
    except re.error as error:
        raise invalid(name, f"{pattern!r} is not a regular expression: {error}.", param=param) from None
    if groups != 1:
        raise invalid(name, f"{pattern!r} must have exactly one group, the value.", param=param)


def _one_of(code: str, codes: tuple[str, ...], name: str, param: str) -> None:
    if code not in codes:
        problem: Problem = invalid(name, f"`{code}` must be one of: {', '.join(codes)}.", param=param)
        raise problem
