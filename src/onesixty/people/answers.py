"""The bodies and answers of sign-in, sessions, users and invitations."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, UnsetType

from onesixty.core import times
from onesixty.http.scopes import ROLES
from onesixty.http.structs import Answer, Body, Time, named, one_of, shown_fields
from onesixty.people.sessions import FRESH_MS
from onesixty.people.tables import Invitation, Session

#: What an installation may have or lack.
FEATURES: Final = ("mail", "oidc", "passkeys")

_EMAIL_EXAMPLE = "ada@example.com"
_TOKEN_EXAMPLE = "4cU8qZ0kXG6oV1yQm2bT7nRw5sJ9hLdPfA3eKiYxN0o"

Email = Annotated[str, Meta(min_length=1, max_length=254, examples=[_EMAIL_EXAMPLE])]
Password = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1024,
        description="12 characters at least. The commonest passwords are refused; there are no other rules.",
        examples=["correct horse battery"],
    ),
]
Token = Annotated[
    str, Meta(min_length=1, max_length=128, description="The end of the link.", examples=[_TOKEN_EXAMPLE])
]
PersonName = Annotated[str, Meta(max_length=100, examples=["Ada Lovelace"])]
RoleName = Annotated[
    str, Meta(min_length=1, max_length=20, description="A role.", examples=["developer"]), one_of(ROLES)
]
Assertion = Annotated[
    dict[str, Any],
    Meta(description="What `navigator.credentials.get` returned, as `toJSON()` gives it.", examples=[{}]),
]


class SetupBody(Body):
    """The first user, who becomes the owner of the operator's account."""

    token: Token
    email: Email
    password: Password
    name: PersonName = ""


class SignInBody(Body):
    """Who signs in. Give `email` and `password`, and one second factor if the user has one; or `passkey` alone."""

    email: Email | None = None
    password: Annotated[str, Meta(max_length=1024)] | None = None
    code: Annotated[str, Meta(max_length=20, description="The code of an app (TOTP).")] | None = None
    recovery_code: Annotated[str, Meta(max_length=64, description="One of the recovery codes.")] | None = None
    passkey: Assertion | None = None
    account_id: (
        Annotated[str, Meta(max_length=40, description="The account to begin in. Default: the first one.")]
        | None
    ) = None


class ResetBody(Body):
    """Whose password is forgotten."""

    email: Email


class ResetPasswordBody(Body):
    """A new password by a link."""

    token: Token
    password: Password


class EmailBody(Body):
    """A new e-mail address."""

    email: Email


class EmailToken(Body):
    """The link that was sent to a new e-mail address."""

    token: Token


class InvitationToken(Body):
    """The invitation of a link."""

    token: Token


class AcceptBody(Body):
    """Who accepts an invitation. A new user gives a password; a user who exists signs in first."""

    token: Token
    name: PersonName = ""
    password: Password | None = None


class SignInMethods(Answer):
    """How users can sign in here."""

    password: Annotated[
        Literal["everyone", "owners"],
        Meta(description="Who can use a password: everyone, or only owners of the operator's account."),
    ]
    passkeys: bool
    passkeys_reason: Annotated[str | None, Meta(description="Why passkeys are not possible, and what to do.")]
    oidc: Annotated[str | None, Meta(description="The name of the identity provider; null without one.")]
    mail: Annotated[bool, Meta(description="Whether a forgotten password can be set anew by mail.")]
    insecure: Annotated[
        bool, Meta(description="Whether this connection is unencrypted, so that others could read a session.")
    ]
    set_up: Annotated[
        bool, Meta(description="Whether there is a user. Until then, the set-up link makes the first one.")
    ]


class SessionView(Answer):
    """A session: a browser in which a user is signed in."""

    id: str
    method: Annotated[
        str,
        Meta(
            description="How it began: `password`, `totp`, `recovery`, `passkey`, `oidc`, `invitation`, `setup`."
        ),
    ]
    address: Annotated[str, Meta(description="The address from which it began.", examples=["192.0.2.7"])]
    agent: Annotated[str, Meta(description="The browser, as it names itself.", examples=["Mozilla/5.0"])]
    current: Annotated[bool, Meta(description="Whether it is the session of this request.")]
    created_at: Time
    last_used_at: Annotated[Time, Meta(description="Accurate to a minute.")]
    expires_at: Annotated[
        Time, Meta(description="Its end at the latest. It ends earlier after 12 hours without use.")
    ]
    step_up_until: Annotated[
        Time | None, Meta(description="Until when it may do what needs a fresh proof; null: not now.")
    ]


class Factors(Answer):
    """By what a user can prove who they are."""

    password: bool
    totp: bool
    passkeys: int
    recovery_codes: Annotated[int, Meta(description="How many are left.")]


class MeUser(Answer):
    """The user of a session."""

    id: str
    email: Annotated[str, Meta(examples=[_EMAIL_EXAMPLE])]
    name: str
    factors: Factors
    created_at: Time


class MeMembership(Answer):
    """An account of the user, with the role there."""

    account_id: str
    account_name: str
    operator: bool
    role: Annotated[str, one_of(ROLES)]


class Me(Answer):
    """The caller: who it is, where it acts, and what it may do there."""

    user: Annotated[MeUser | None, Meta(description="Null for a key.")]
    key_id: Annotated[str | None, Meta(description="Null for a user.")]
    account_id: str
    account_name: str
    operator: Annotated[bool, Meta(description="Whether it acts in the operator's account.")]
    mode: Literal["live", "test"]
    role: Annotated[
        Annotated[str, one_of(ROLES)] | None, Meta(description="The role of the user in this account.")
    ]
    scopes: list[Annotated[str, named("Scope")]]
    memberships: list[MeMembership]
    session: SessionView | None
    language: Annotated[
        str | None, Meta(description="The language that the user chose for the console.", examples=["en"])
    ]
    features: Annotated[
        list[Annotated[str, one_of(FEATURES)]],
        Meta(
            description="What this installation has: a mail server (`mail`), an identity provider (`oidc`), "
            "`passkeys`."
        ),
    ]
    insecure: Annotated[bool, Meta(description="Whether this connection is unencrypted.")]
    version: Annotated[str, Meta(description="The version of onesixty.", examples=["1.0.0"])]


class MeBody(Body):
    """What a user can change of themselves."""

    name: PersonName


class StepUpBody(Body):
    """A password or a passkey."""

    password: Annotated[str, Meta(max_length=1024)] | None = None
    passkey: Assertion | None = None


class ChangePasswordBody(Body):
    """A new password. `password` is the present one, if the user has one."""

    new_password: Password
    password: Annotated[str, Meta(max_length=1024)] | None = None


class TotpBegun(Answer):
    """A secret for an app. It counts once a code of it was given."""

    token: Annotated[str, Meta(description="Give it back with the first code.")]
    secret: Annotated[str, Meta(description="For typing in, in base 32.", examples=["JBSWY3DPEHPK3PXP"])]
    uri: Annotated[str, Meta(description="What the QR code says.", examples=["otpauth://totp/..."])]
    svg: Annotated[str, Meta(description="The QR code as SVG.", examples=["<svg>...</svg>"])]


class TotpBody(Body):
    """The first code of an app."""

    token: Token
    code: Annotated[str, Meta(min_length=1, max_length=20, examples=["123456"])]


class RecoveryCodes(Answer):
    """Recovery codes, shown once. Null if the user has codes already."""

    recovery_codes: Annotated[
        list[str] | None, Meta(description="Each counts once in place of a second factor.")
    ]


class PasskeyView(Answer):
    """A passkey of the user."""

    id: str
    name: str
    created_at: Time
    last_used_at: Time | None


class PasskeyBody(Body):
    """A new passkey."""

    name: Annotated[str, Meta(min_length=1, max_length=100, examples=["MacBook"])]
    credential: Annotated[
        dict[str, Any],
        Meta(
            description="What `navigator.credentials.create` returned, as `toJSON()` gives it.", examples=[{}]
        ),
    ]


class PasskeyMade(PasskeyView):
    """A new passkey, with recovery codes if it is the first second factor."""

    recovery_codes: Annotated[
        list[str] | None, Meta(description="Shown once; null if there are codes already.")
    ]


class PasskeyName(Body):
    """The name of a passkey."""

    name: Annotated[str, Meta(min_length=1, max_length=100, examples=["MacBook"])]


class PasskeyOptions(Answer):
    """Options for `navigator.credentials`, to be read by `PublicKeyCredential.parse...OptionsFromJSON`."""

    options: dict[str, Any]


class UserFields(Body):
    """What can be changed of a member."""

    role: RoleName


class UserView(Answer):
    """A user who is a member of the account."""

    id: str
    email: Annotated[str, Meta(examples=[_EMAIL_EXAMPLE])]
    name: str
    role: Annotated[str, Meta(examples=["developer"]), one_of(ROLES)]
    second_factor: Annotated[
        list[str], Meta(description="Which second factors the user has: `totp`, `passkey`.")
    ]
    last_sign_in_at: Time | None
    created_at: Annotated[Time, Meta(description="Since when the user is a member.")]
    version: Annotated[int, Meta(description="Increases with every change.")]


class UserResetBody(Body):
    """What to reset."""

    second_factors: Annotated[
        bool, Meta(description="Also remove TOTP, passkeys and recovery codes: for a lost phone.")
    ] = False


class ResetLink(Answer):
    """A link by which a user sets a new password."""

    mailed: Annotated[bool, Meta(description="Whether it was sent to the user's address.")]
    link: Annotated[str | None, Meta(description="The link, if it was not mailed: hand it over.")]
    expires_at: Time


class NewInvitation(Body):
    """Whom to invite."""

    email: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=254,
            description="The address of the new user.",
            examples=[_EMAIL_EXAMPLE],
        ),
    ]
    role: RoleName


class InvitationView(Answer):
    """An invitation to the account."""

    id: str
    email: Annotated[str, Meta(examples=[_EMAIL_EXAMPLE])]
    role: Annotated[str, Meta(examples=["developer"]), one_of(ROLES)]
    state: Annotated[Literal["open", "accepted", "expired"], Meta(description="Only an open one counts.")]
    invited_by: str
    mailed: Annotated[bool, Meta(description="Whether the link was sent to the address.")]
    user_id: Annotated[str | None, Meta(description="Who accepted it.")]
    expires_at: Time
    accepted_at: Time | None
    created_at: Time
    version: int


class InvitationMade(InvitationView):
    """A new invitation, with its link if it was not mailed."""

    link: (
        Annotated[str, Meta(description="Hand it over. It is returned once, and only if it was not mailed.")]
        | UnsetType
    ) = UNSET


class InvitationShown(Answer):
    """What an invitation is for, for who has its link."""

    email: Annotated[str, Meta(examples=[_EMAIL_EXAMPLE])]
    account_name: str
    role: Annotated[str, Meta(examples=["developer"]), one_of(ROLES)]
    user_exists: Annotated[bool, Meta(description="Whether the user exists, and signs in to accept.")]
    expires_at: Time


class Manager(Answer):
    """Somebody who manages the users of the account."""

    name: Annotated[str, Meta(examples=["Ada Lovelace"])]
    role: Annotated[str, one_of(ROLES)]


class ManagerList(Answer):
    """Some of those who manage the users of the account."""

    data: list[Manager]


class RoleView(Answer):
    """A role in the account of the caller."""

    name: str
    about: str
    scopes: list[Annotated[str, named("Scope")]]
    gives: Annotated[bool, Meta(description="Whether the caller can give it.")]


class RoleList(Answer):
    """All roles."""

    data: list[RoleView]


class SessionList(Answer):
    """The open sessions of the user."""

    data: list[SessionView]


class PasskeyList(Answer):
    """The passkeys of the user."""

    data: list[PasskeyView]


def session_view(session: Session, current: str | None, now: int) -> SessionView:
    """A session as its user sees it."""
    until = session.authenticated_at + FRESH_MS
    return SessionView(
        current=session.id == current,
        last_used_at=times.to_text(session.seen_at),
        step_up_until=times.to_text(until) if until > now else None,
        **shown_fields(SessionView, session),
    )


def invitation_view(invitation: Invitation, now: int) -> InvitationView:
    """An invitation as members of its account see it."""
    state: Literal["open", "accepted", "expired"] = "open" if invitation.expires_at > now else "expired"
    if invitation.accepted_at is not None:
        state = "accepted"
    return InvitationView(state=state, **shown_fields(InvitationView, invitation))
