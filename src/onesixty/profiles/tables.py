"""The tables of profiles and documents. An account without a row has never had a profile."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.core import ids
from onesixty.profiles.states import OPEN, UNVERIFIED, VERIFIED, State
from onesixty.store.table import Table, Unique

#: What an operator verifies.
IDENTITY: Final = (
    "legal_name", "registration_number", "tax_id", "street", "postal_code", "city", "region", "country",
)  # fmt: skip
#: How the business is reached. It may be changed at any time.
CONTACT: Final = ("website", "contact_name", "contact_email", "contact_phone")
FIELDS: Final = (*IDENTITY, *CONTACT)
#: Without these there is nothing to verify.
NEEDED: Final = ("legal_name", "street", "city", "country", "contact_email")


class Profile(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `profiles`. Times are epoch ms."""

    account_id: str
    state: State = UNVERIFIED
    legal_name: str | None = None
    registration_number: str | None = None
    tax_id: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    #: ISO 3166.
    country: str | None = None
    website: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    #: Why it was rejected.
    reasons: tuple[str, ...] = ()
    submitted_at: int | None = None
    #: When an operator decided last. None with `verified`: the account is older than profiles.
    decided_at: int | None = None
    #: When the verification ends.
    expires_at: int | None = None
    #: When its account was first seen closed.
    closed_at: int | None = None
    #: How many documents it has, and their size. They have statements of their own.
    documents: int = 0
    octets: int = 0
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether the account may change what is verified."""
        return self.state in OPEN or (self.state == VERIFIED and self.decided_at is None)


class Document(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `documents`."""

    id: str
    account_id: str
    kind: str
    #: As the caller named the file.
    name: str
    content_type: str
    size: int
    #: SHA-256, as hex.
    digest: str
    created_at: int


PROFILES: Final = Table(
    "profiles",
    Profile,
    key="account_id",
    owner=("account_id",),
    fixed=("documents", "octets"),
    filters=("state",),
    oldest_first=True,
    tells="profiles",
    personal=FIELDS,
)
DOCUMENTS: Final = Table(
    "documents",
    Document,
    prefix=ids.DOCUMENT,
    owner=("account_id",),
    unique=(Unique("documents_digest", ("account_id", "digest"), "This file was uploaded before.", "file"),),
    personal=("name",),
)
TABLES: Final = (PROFILES, DOCUMENTS)
