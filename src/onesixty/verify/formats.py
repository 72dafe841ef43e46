"""The last line by which a phone finds the code by itself: bound to a web site, or for one Android app.

    Acme: your code is 123456.
    @example.com #123456

Rules kept here:
- one format a message: both want to be the last line. A hash of the app given with the send chooses Android,
  otherwise the domain of the profile wins;
- nothing follows the line, nothing but the newline precedes it, and its spaces are exactly those of the format. So it
  is appended to a text that is finished;
- a wrong domain is worse than none, because iOS then offers the code nowhere else. So a domain is checked in full;
- what is read from a whole text is checked with readers, not assumed (`origin_bound`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from onesixty.core.errors import Problem
from onesixty.text import TextError, count, segment
from onesixty.verify.findings import Finding
from onesixty.verify.lint import Span, lint
from onesixty.verify.origin_bound import MARKS, Bound, EmbeddedStyle, read_anywhere, read_line
from onesixty.verify.retriever import MOST_BYTES, is_hash

#: Hashes of one profile: each certificate that signs the app has its own.
MOST_HASHES: Final = 20

#: The longest name of a host, RFC 1035.
_LONGEST_HOST: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_UNREADABLE: Final = re.compile(r"[#\s]")

Host = Annotated[str, Meta(min_length=1, max_length=_LONGEST_HOST)]
AppHash = Annotated[str, Meta(min_length=11, max_length=11)]


class Formats(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The formats of a profile."""

    domain: Annotated[
        Host | None,
        Meta(
            description="The host on which the code is typed. The text then ends with `@example.com #123456`, and "
            "phones offer the code there and on its subdomains alone.",
            examples=["example.com"],
        ),
    ] = None
    embedded: Annotated[
        Host | None,
        Meta(
            description="The host of the frame on that page in which the code is typed, if it is another one.",
            examples=["pay.example.net"],
        ),
    ] = None
    embedded_style: Annotated[
        EmbeddedStyle,
        Meta(
            description="How the frame is named. `at`: after a second `@`, as the draft and Chromium read it. "
            "`percent`: after `%`, as Apple documents it."
        ),
    ] = "at"
    android_hashes: Annotated[
        tuple[AppHash, ...],
        Meta(
            max_length=MOST_HASHES,
            description="Hashes of Android apps for the SMS Retriever API, one for each certificate. `onesixty "
            "verify hash` computes them.",
            examples=[["Iyrw0/SRopH"]],
        ),
    ] = ()


class Sample(NamedTuple):
    """A text without its last line, as it would be sent, and where the code stands in it."""

    text: str
    code_at: Sequence[Span]


# ---------------------------------------------------------------- what is written


def last_lines(formats: Formats, code: str, app_hash: str | None = None) -> str:
    """What follows the text of a message, beginning with its newline; empty without a format.

    Raises Problem for a hash that the profile does not have, and for a code that the format cannot hold.
    """
    chosen = chosen_hash(formats, app_hash)
    if chosen is not None:
        return f"\n{chosen}"
    if formats.domain is None:
        return ""
    if not code or _UNREADABLE.search(code):
        raise Problem("invalid_field", "A code for a web site has no `#` and no white space.", param="code")
    frame = "" if formats.embedded is None else f" {MARKS[formats.embedded_style]}{formats.embedded}"
    return f"\n@{formats.domain} #{code}{frame}"


def chosen_hash(formats: Formats, app_hash: str | None) -> str | None:
    """The hash that a message ends with: the one that was asked for, or the only one of a profile without a domain.

    Raises Problem for a hash that the profile does not have.
    """
    if app_hash is not None:
        if app_hash not in formats.android_hashes:
            raise Problem(
                "invalid_field",
                "The profile does not list this hash. Add it to `formats.android_hashes`.",
                param="app_hash",
            )
        return app_hash
    if formats.domain is None and len(formats.android_hashes) == 1:
        return formats.android_hashes[0]
    return None


# ---------------------------------------------------------------- what a profile may say


def check_formats(formats: Formats) -> None:
    """Raise Problem for a format that no phone would read."""
    if formats.domain is not None:
        _check_host(formats.domain, "formats.domain")
    if formats.embedded is not None:
        if formats.domain is None:
            raise Problem(
                "missing_field", "`embedded` needs `domain`, the host of the page.", param="formats.domain"
            )
        _check_host(formats.embedded, "formats.embedded")
    for number, value in enumerate(formats.android_hashes):
        if not is_hash(value):
            raise Problem(
                "invalid_field",
                "A hash has 11 characters of A to Z, a to z, 0 to 9, + and /. Compute it with "
                "`onesixty verify hash`.",
                param=f"formats.android_hashes[{number}]",
            )
    if len(set(formats.android_hashes)) < len(formats.android_hashes):
        raise Problem("invalid_field", "A hash is listed twice.", param="formats.android_hashes")


def _check_host(host: str, param: str) -> None:
    """Raise Problem for anything but a host name in lower case and A-labels, without scheme, port and path."""
    fault = _fault_of(host)
    if fault:
        raise Problem("invalid_field", fault, param=param)


def _fault_of(host: str) -> str:
    if "://" in host or "/" in host or "@" in host:
        return "Give the host alone, without scheme, user and path: `example.com`."
    if ":" in host:
        return "Phones do not read a port. Give the host alone: `example.com`."
    if not host.isascii():
        return f"Write the host in its ASCII form{_a_label(host)}. Browsers do not read the other one."
    if host != host.lower():
        return f"Write the host in lower case: `{host.lower()}`."
    labels = host.split(".")
    if not all(map(_LABEL.fullmatch, labels)) or (len(labels) < 2 and host != "localhost"):
        return "This is no name of a host. Give one such as `example.com`."
    if labels[-1].isdigit():
        return "A code cannot be bound to an IP address. Give the name of a host."
    return ""


def _a_label(host: str) -> str:
    try:
        return f": `{host.encode('idna').decode()}`"
    except UnicodeError:
        return ""


# ---------------------------------------------------------------- what a text looks like to phones


def check_text(
    sample: Sample, formats: Formats, code: str, app_hash: str | None = None, language: str = ""
) -> list[Finding]:
    """What phones will not read of this text with its last line. `code` is the one that stands in the text."""
    tail = last_lines(formats, code, app_hash)
    whole = sample.text + tail
    found = lint(sample.text, sample.code_at)
    if chosen_hash(formats, app_hash) is not None:
        found += _retriever_findings(whole, code)
    elif tail:
        found += _origin_findings(whole, formats, code)
    found += _cut_findings(whole, [*sample.code_at, *_in_tail(sample.text, tail, code)])
    return [msgspec.structs.replace(each, language=language) for each in found] if language else found


def check_texts(samples: Mapping[str, Sample], formats: Formats, code: str) -> list[Finding]:
    """The findings of a text in several languages, with each line that it may end with."""
    endings = dict.fromkeys((None, *formats.android_hashes[:1]))  # hashes have one length: one stands for all
    found: dict[Finding, None] = {}
    for language, sample in samples.items():
        for app_hash in endings:
            found |= dict.fromkeys(check_text(sample, formats, code, app_hash, language))
    return list(found)


def _retriever_findings(whole: str, code: str) -> list[Finding]:
    found = []
    try:
        segments = count(whole).segments
    except TextError:
        segments = 0  # the text cannot be sent at all, which intake says better
    if segments > 1:
        found.append(
            Finding(
                code="retriever_too_long",
                level="error",
                text=f"With the hash of the app, the text needs {segments} segments. Android's SMS Retriever reads "
                "one. Shorten the text, or the name of the application in it.",
            )
        )
    octets = len(whole.encode("utf-8", "replace"))
    if segments == 1 and octets > MOST_BYTES:
        found.append(
            Finding(
                code="retriever_bytes",
                level="warning",
                text=f"The text has {octets} bytes in UTF-8. Android's SMS Retriever promises to read {MOST_BYTES}.",
            )
        )
    if code not in whole:
        found.append(Finding(code="code_missing", level="error", text="The text does not contain the code."))
    return found


def _origin_findings(whole: str, formats: Formats, code: str) -> list[Finding]:
    """Whether both kinds of readers find this code for this host."""
    found = []
    wanted = Bound(formats.domain or "", code, formats.embedded)
    if read_line(whole, formats.embedded_style) != wanted:
        found.append(
            Finding(
                code="origin_not_last",
                level="error",
                text="Safari does not find the code for the web site in the last line.",
            )
        )
    seen = read_anywhere(whole)
    if seen is None or (seen.host, seen.code) != (wanted.host, wanted.code):
        found.append(
            Finding(
                code="origin_not_first",
                level="error",
                text="Chrome finds another code for a web site, or none. Remove what looks like "
                "`@host #code` from the text.",
                words="" if seen is None else f"@{seen.host} #{seen.code}",
            )
        )
    return found


def _in_tail(text: str, tail: str, code: str) -> list[Span]:
    at = tail.find(code) if tail else -1
    return [] if at < 0 else [(len(text) + at, len(text) + at + len(code))]


def _cut_findings(whole: str, code_at: Sequence[Span]) -> list[Finding]:
    """Whether a code lies in two segments: some phones show it before the second one has come."""
    try:
        ends = list(accumulate(len(each.text) for each in segment(whole)))
    except TextError:
        return []
    return [
        Finding(
            code="code_cut",
            level="warning",
            text="The end of a segment cuts the code. Shorten the text, or put the code earlier.",
            words=whole[start:end],
            start=start,
            end=end,
        )
        for start, end in code_at
        if any(start < cut < end for cut in ends)
    ]
