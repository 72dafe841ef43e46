"""The forms of single settings: each function returns the value, or raises ValueError with what it must look like."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

_EMAIL: Final = re.compile(r"[!-?A-~]+@[!-?A-~]+")
_BUCKET_URL: Final = re.compile(r"s3://[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/-]*)?")


def email(value: str) -> str:
    """An email address. Raises ValueError."""
    if not _EMAIL.fullmatch(value):
        raise ValueError(f"{value!r} is not an email address")
    return value


def mail_server(value: SecretStr | None) -> SecretStr | None:
    """The URL of an SMTP server. Raises ValueError."""
    if value is not None and not value.get_secret_value().startswith(("smtp://", "smtps://")):
        raise ValueError("must look like smtp://user:password@host:587 or smtps://host")
    return value


def issuer(value: str | None) -> str | None:
    """The URL of an identity provider. Raises ValueError."""
    if value is not None and not value.startswith(("http://", "https://")):
        raise ValueError("must start with https:// (http:// on loopback)")
    return value


def endpoint(value: str | None) -> str | None:
    """The address of an S3-compatible store. Raises ValueError."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        plain = False
    if not plain or parts.path.strip("/") or parts.query or parts.username:
        raise ValueError("must look like https://storage.example.com or http://10.0.0.5:9000")
    return value


def documents_store(value: str) -> str:
    """Where documents are. Raises ValueError."""
    if value != "folder" and not _BUCKET_URL.fullmatch(value):
        raise ValueError("must be `folder`, or look like s3://bucket or s3://bucket/prefix")
    return value


def pairs(value: object) -> object:
    """`group=role other-group=role@account` as a table. Raises ValueError."""
    if not isinstance(value, str):
        return value
    pairs = [pair.rpartition("=") for pair in value.replace(",", " ").split()]
    if any(not group or not role for group, _, role in pairs):
        raise ValueError("must look like group=role other-group=role@account")
    return {group: role for group, _, role in pairs}


def network(value: str) -> str:
    """A network in CIDR notation. Raises ValueError."""
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a network such as 10.0.0.0/8 or 2001:db8::/32") from None
    return value
