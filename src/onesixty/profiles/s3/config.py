"""Which S3-compatible store documents are in, by the settings.

Rules kept here:
- a store is `s3://bucket/prefix`; what is missing beside it is said by the name of its setting;
- the endpoint is https, or http on loopback and in private networks that the operator names so: the setting says it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from onesixty.ops.settings import Settings
from onesixty.profiles.s3.signature import Key

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
_PORTS: Final = {"http": 80, "https": 443}


class Place(NamedTuple):
    """A bucket at an endpoint. `prefix` stands before each key, without a slash at its end. `host` is as `Host` has
    it."""

    scheme: str
    host: str
    bucket: str
    prefix: str
    key: Key


def place_of(settings: Settings, store: str) -> Place:
    """The bucket that a URL names. Raises ValueError with what is wrong."""
    parts = urlsplit(store)
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise ValueError(f"{store!r} must look like s3://bucket or s3://bucket/prefix")
    secret = settings.s3_secret_access_key
    for name, value in (("s3_access_key_id", settings.s3_access_key_id), ("s3_secret_access_key", secret)):
        if not value:
            raise ValueError(f"{store} needs the setting {name}")
    assert secret is not None
    region = settings.s3_region
    endpoint = urlsplit(settings.s3_endpoint or f"https://s3.{region}.amazonaws.com")
    host = (endpoint.hostname or "").lower()
    if endpoint.port not in (None, _PORTS[endpoint.scheme]):
        host = f"{host}:{endpoint.port}"
    key = Key(settings.s3_access_key_id or "", secret.get_secret_value(), region)
    return Place(endpoint.scheme, host, parts.netloc, parts.path.strip("/"), key)
