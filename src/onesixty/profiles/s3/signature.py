"""Signature version 4 of a request to an S3-compatible store (AWS General Reference, "Signing AWS API requests").

Rules kept here:
- everything that the request says is signed: method, path, query, the headers given here, and the hash of the body;
- each part of the path is encoded once, as S3 has it; slashes between the parts stay.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import quote

ALGORITHM: Final = "AWS4-HMAC-SHA256"
SERVICE: Final = "s3"
#: What stays as it is beside letters and digits (RFC 3986, 2.3).
_UNRESERVED: Final = "-._~"


class Key(NamedTuple):
    """An access key, and the region for which it signs."""

    id: str
    secret: str
    region: str


def path_of(*parts: str) -> str:
    """The path of a request: its parts, encoded. A part may have slashes, which stay."""
    return "/" + "/".join(quote(part, safe=_UNRESERVED + "/") for part in parts if part)


def query_of(query: Sequence[tuple[str, str]]) -> str:
    """The query of a request in the order in which it is signed."""
    encoded = sorted((quote(name, safe=_UNRESERVED), quote(value, safe=_UNRESERVED)) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in encoded)


def signed(
    key: Key,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    now_ms: int,
) -> dict[str, str]:
    """The headers of a request with its signature. `path` and `query` are encoded; `headers` have at least `Host`."""
    at = datetime.fromtimestamp(now_ms // 1000, UTC)
    digest = sha256(body).hexdigest()
    made = {
        **headers,
        "x-amz-content-sha256": digest,
        "x-amz-date": at.strftime("%Y%m%dT%H%M%SZ"),
    }
    named = {name.lower(): " ".join(value.split()) for name, value in made.items()}
    names = ";".join(sorted(named))
    canonical = "\n".join(
        [method, path, query, *(f"{name}:{named[name]}" for name in sorted(named)), "", names, digest]
    )
    scope = f"{at:%Y%m%d}/{key.region}/{SERVICE}/aws4_request"
    to_sign = "\n".join([ALGORITHM, named["x-amz-date"], scope, sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_signing_key(key, f"{at:%Y%m%d}"), to_sign.encode(), sha256).hexdigest()
    made["Authorization"] = (
        f"{ALGORITHM} Credential={key.id}/{scope},SignedHeaders={names},Signature={signature}"
    )
    return made


def _signing_key(key: Key, date: str) -> bytes:
    made = f"AWS4{key.secret}".encode()
    for part in (date, key.region, SERVICE, "aws4_request"):
        made = hmac.new(made, part.encode(), sha256).digest()
    return made
