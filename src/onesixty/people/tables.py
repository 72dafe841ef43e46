"""The rows of people: users, memberships, credentials, sessions, invitations, links and identities.

Rules kept here:
- of what a person holds (a link, a session, a recovery code) only the hash is stored. What has to be read again (a
  TOTP secret, a challenge) is sealed with the instance secret, and so is every hash of a password;
- an address is unique by its `email_key`; `email` is as it was written;
- a user has one password and one TOTP secret, and any number of passkeys and recovery codes.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from onesixty.core import ids
from onesixty.store.table import Table, Unique

PASSWORD: Final = "password"
TOTP: Final = "totp"
RECOVERY: Final = "recovery"
PASSKEY: Final = "passkey"
#: How a session was begun, besides by a password and by a passkey.
OIDC: Final = "oidc"
SETUP: Final = "setup"
INVITATION: Final = "invitation"


class User(msgspec.Struct, kw_only=True, frozen=True):
    """A person. `email_confirmed` says that a link sent to the address was used."""

    id: str
    email: str
    email_key: str
    name: str
    email_confirmed: bool = False
    last_sign_in_at: int | None = None
    version: int = 1
    created_at: int


class Membership(msgspec.Struct, kw_only=True, frozen=True):
    """The role of a user in one account."""

    id: str
    user_id: str
    account_id: str
    role: str
    #: It follows from the groups of the user at an identity provider.
    managed: bool = False
    version: int = 1
    created_at: int


class Credential(msgspec.Struct, kw_only=True, frozen=True):
    """One thing by which a user proves who they are.

    `secret` is the hash of a password or recovery code, the secret of TOTP, or the public key of a passkey, whose id
    is `handle`. `counter` is the last time step of TOTP that was used, or a passkey's count of signatures.
    """

    id: str
    user_id: str
    kind: str
    name: str = ""
    secret: str
    handle: str | None = None
    counter: int = 0
    transports: tuple[str, ...] = ()
    last_used_at: int | None = None
    version: int = 1
    created_at: int


class Session(msgspec.Struct, kw_only=True, frozen=True):
    """A signed-in browser. `account_id` is where it acts unless a request names another account;
    `authenticated_at` is when its user last gave a password, a passkey or a fresh sign-in of a provider."""

    id: str
    user_id: str
    account_id: str
    hash: str
    method: str
    address: str
    agent: str
    authenticated_at: int
    seen_at: int
    expires_at: int
    ended_at: int | None = None
    version: int = 1
    created_at: int


class Invitation(msgspec.Struct, kw_only=True, frozen=True):
    """An invitation to an account. `user_id` is who accepted it. `mailed`: only its receiver saw the link."""

    id: str
    account_id: str
    email: str
    email_key: str
    role: str
    hash: str
    invited_by: str
    mailed: bool
    expires_at: int
    accepted_at: int | None = None
    user_id: str | None = None
    version: int = 1
    created_at: int


class Link(msgspec.Struct, kw_only=True, frozen=True):
    """A link or challenge that counts once. `data` is what its use needs."""

    id: str
    kind: str
    hash: str
    user_id: str | None = None
    data: str = ""
    expires_at: int
    used_at: int | None = None
    created_at: int


class Identity(msgspec.Struct, kw_only=True, frozen=True):
    """A user at an identity provider: never known by an address, which may change hands."""

    id: str
    user_id: str
    issuer: str
    subject: str
    email: str
    last_used_at: int
    version: int = 1
    created_at: int


class Preferences(msgspec.Struct, kw_only=True, frozen=True):
    """What a user chose for the console. `chosen` are the fields of `people.preferences`, as JSON."""

    user_id: str
    chosen: dict[str, Any]
    version: int = 1


USERS: Final = Table(
    "users",
    User,
    prefix=ids.USER,
    fixed=("last_sign_in_at",),
    personal=("email", "email_key", "name"),
    unique=(Unique("users_email", ("email_key",), "A user with this address exists.", "email"),),
)
MEMBERSHIPS: Final = Table(
    "memberships",
    Membership,
    prefix=ids.MEMBERSHIP,
    owner=("account_id",),
    fixed=("user_id", "account_id"),
    unique=(
        Unique(
            "memberships_user", ("user_id", "account_id"), "This user is a member of the account.", "email"
        ),
    ),
)
CREDENTIALS: Final = Table(
    "credentials",
    Credential,
    prefix=ids.CREDENTIAL,
    fixed=("user_id", "kind", "handle"),
    # A second password or TOTP secret has no text of its own: SQLite names only the columns of an index, and those
    # of the two indexes are the same.
    unique=(Unique("credentials_handle", ("handle",), "This passkey is registered already.", "credential"),),
    sealed=("secret",),
)
SESSIONS: Final = Table(
    "sessions",
    Session,
    prefix=ids.SESSION,
    fixed=("user_id", "method", "address", "agent", "seen_at", "expires_at"),
    secrets=("hash",),
    personal=("address", "agent"),
)
INVITATIONS: Final = Table(
    "invitations",
    Invitation,
    prefix=ids.INVITATION,
    owner=("account_id",),
    fixed=("account_id", "email", "email_key", "role", "invited_by"),
    secrets=("hash",),
    personal=("email", "email_key"),
)
LINKS: Final = Table("links", Link, prefix=ids.LINK, sealed=("data",))
IDENTITIES: Final = Table(
    "identities",
    Identity,
    prefix=ids.IDENTITY,
    fixed=("user_id", "issuer", "subject"),
    personal=("subject", "email"),
    unique=(
        Unique(
            "identities_subject",
            ("issuer", "subject"),
            "This identity belongs to another user.",
            "subject",
        ),
    ),
)
PREFERENCES: Final = Table("preferences", Preferences, key="user_id")
TABLES: Final = (USERS, MEMBERSHIPS, CREDENTIALS, SESSIONS, INVITATIONS, LINKS, IDENTITIES, PREFERENCES)
