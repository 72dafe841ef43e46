"""`/v1/smpp-credentials`: what customers bind with over SMPP.

Rules kept here:
- the password is returned only by the call that creates it;
- an operator with the scope `accounts` manages the credentials of every account (`accounts.reach`);
- a test key manages only test credentials; their messages never leave the simulator;
- a credential that gets the messages of a number cannot be revoked: they would wait for binds that cannot exist;
- a class that the account may not use is refused here, rather than at every message;
- a restricted caller gives nothing that it lacks, with a new password either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends
from msgspec import UNSET, Meta, UnsetType
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts import Account
from onesixty.accounts.reach import (
    SCOPE,
    AccountId,
    AnyAccountQuery,
    ModeFilter,
    StateFilter,
    account_for,
    setup_for,
)
from onesixty.accounts.restrictions import (
    LONGEST_OVERLAP,
    ExpiresAt,
    Overlap,
    Restrictions,
    check_ends_later,
    check_gives,
    check_unlimited,
    senders_of,
    time_of,
)
from onesixty.core import ids, times
from onesixty.core.errors import Problem
from onesixty.core.message import OTP
from onesixty.core.tenant import Reach, Tenant
from onesixty.customers import profile as smpp_profile
from onesixty.customers.credentials import SmppCredentials
from onesixty.customers.profile import SmppProfile
from onesixty.customers.tables import SmppCredential as Credential
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires, reads
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.etags import IfMatch
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.resource import ByVerb, Changed, Made, Resource, by_of
from onesixty.http.resource_routes import check_version, routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Moment, Time, one_of, read, shown_fields
from onesixty.inventory.own_numbers import OwnNumbers
from onesixty.store.rows import By
from onesixty.store.table import pattern_of

Caller = Annotated[Principal, Depends(Requires("smpp"))]
#: SMPP 3.4, 5.2.1 allows 16 octets with the NUL.
SystemId = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,14}$",
        description="The system_id to bind as: 1 to 15 letters, digits, dots, dashes or underscores. It must be "
        "unique.",
        examples=["acme-shop"],
    ),
]
#: Longer passwords than the 8 characters of SMPP 3.4, 5.2.2 are accepted, here and in binds.
Password = Annotated[
    str,
    Meta(
        pattern=r"^[\x21-\x7e]{8,64}$",
        description="8 to 64 printable ASCII characters; many clients can send only 8. Default: 8 random "
        "characters.",
    ),
]
Profile = Annotated[
    SmppProfile,
    Meta(description="How to treat this customer. Missing fields have the defaults of `SmppProfile`."),
]


class NewSmppCredentialBody(Body):
    """A new credential."""

    system_id: SystemId
    password: Password | None = None
    test: Annotated[
        bool | None,
        Meta(
            description="Whether its messages are real or test traffic. Default: the mode of your key; a test key "
            "can create only test credentials."
        ),
    ] = None
    account_id: AccountId = None
    profile: Profile = SmppProfile()
    expires_at: ExpiresAt = None


class SmppCredentialFields(Body):
    """The fields of a credential that can be changed."""

    profile: Profile = SmppProfile()
    expires_at: ExpiresAt = None
    previous_expires_at: (
        Annotated[
            Moment,
            Meta(
                description="When the replaced password of a rotated credential ends. null ends it at once."
            ),
        ]
        | None
    ) = None


class NewPasswordBody(Body):
    """The new password."""

    password: Password | None = None
    overlap_seconds: Overlap = 0


class SmppCredential(Answer):
    """An SMPP credential: what a customer binds with."""

    id: str
    account_id: str
    system_id: str
    mode: Annotated[str, Meta(extra_json_schema={"enum": ["live", "test"]})]
    profile: SmppProfile
    state: Annotated[str, one_of(("active", "expired", "revoked"))]
    expires_at: Time | None
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: Time
    changed_at: Time
    revoked_at: Time | None
    last_bind_at: Annotated[Time | None, Meta(description="When it last bound; accurate to ten minutes.")]
    last_bind_from: Annotated[str | None, Meta(description="The address of the customer at `last_bind_at`.")]
    previous_expires_at: Annotated[Time | None, Meta(description="Until when the replaced password opens.")]
    previous_bind_at: Annotated[
        Time | None,
        Meta(description="When the replaced password was last bound with; accurate to ten minutes."),
    ]


class SmppCredentialMade(SmppCredential):
    """A credential with a new password."""

    password: Annotated[str, Meta(description="Returned once; missing in a repeated answer.")] | UnsetType = (
        UNSET
    )


class CredentialQuery(AnyAccountQuery):
    """The query of `GET /v1/smpp-credentials`."""

    kind = ids.SMPP_CREDENTIAL

    system_id: Annotated[
        str | None, Field(min_length=1, max_length=15, description="Part of the system_id, in any case.")
    ] = None
    mode: ModeFilter = None
    state: StateFilter = None


_DECODE_PASSWORD: Final = msgspec.json.Decoder(NewPasswordBody).decode
Rotating = Annotated[Principal, Depends(Requires("smpp", reads(_DECODE_PASSWORD, required=False)))]


class Credentials(Resource[Credential, NewSmppCredentialBody, SmppCredentialFields, SmppCredential]):
    """`/v1/smpp-credentials`. `own_numbers` has the numbers whose messages go to a credential."""

    path, tag, one, many, scope = "/v1/smpp-credentials", "smpp", "credential", "credentials", "smpp"
    new, fields, shown = NewSmppCredentialBody, SmppCredentialFields, SmppCredential
    shown_once, query, change_name = SmppCredentialMade, CredentialQuery, "SmppCredentialChangeBody"
    operations = ByVerb(
        make="create_smpp_credential",
        list="list_smpp_credentials",
        get="get_smpp_credential",
        change="change_smpp_credential",
        remove="revoke_smpp_credential",
    )
    about = ByVerb(
        make="Create an SMPP credential.\n\nThe answer contains its `password`. It is returned only once.",
        list="List SMPP credentials, including revoked ones.",
        get="Get an SMPP credential, by id or system_id.",
        change="Change the profile and the end of an SMPP credential.\n\nThe change takes effect at once, also "
        "for current binds; `window` and `delivery_window` from the next bind on. At `expires_at` its binds are "
        "closed on every node.",
        remove="Revoke an SMPP credential.\n\nIts binds are closed; on other nodes within seconds. Its "
        "system_id can be used again. A credential that still gets the messages of a number answers "
        "`conflict`.",
    )

    def __init__(
        self,
        credentials: SmppCredentials,
        own_numbers: OwnNumbers,
        accounts: Mapping[str, Account],
    ) -> None:
        super().__init__(credentials.rows)
        self._credentials = credentials
        self._own_numbers = own_numbers
        self._accounts = accounts

    def reach(self, caller: Principal) -> Reach:
        return caller.reach(SCOPE)

    async def page(
        self, caller: Principal, query: CredentialQuery
    ) -> tuple[Sequence[Credential], str | None]:
        return await self.rows.page(
            query.limit,
            query.after,
            setup_for(caller, query.account_id, self._accounts, query.mode),
            named=pattern_of(query.system_id),
            state=query.state,
            now=self.rows.now(),
        )

    async def made(self, body: NewSmppCredentialBody, caller: Principal) -> Made:
        test = caller.test if body.test is None else body.test
        if caller.test and not test:
            raise Problem("wrong_mode", "A test key can create only test credentials.", param="test")
        account_id = account_for(caller, body.account_id, self._accounts)
        profile = self._checked(account_id, body.profile)
        expires_at = time_of(body.expires_at)
        check_ends_later(expires_at, self.rows.now())
        if expires_at is None:
            expires_at = caller.expires_at
        check_sends(profile, expires_at, caller)
        credential, password = await self._credentials.new(
            Tenant(account_id, test),
            body.system_id,
            profile=profile,
            password=body.password,
            expires_at=expires_at,
        )
        return Made(credential, {"password": password})

    def fields_of(self, row: Credential) -> SmppCredentialFields:
        return SmppCredentialFields(
            profile=row.profile,
            expires_at=None if row.expires_at is None else times.moment(row.expires_at),
            previous_expires_at=None
            if row.previous_expires_at is None
            else times.moment(row.previous_expires_at),
        )

    async def changed(
        self, row: Credential, fields: SmppCredentialFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        now, expires_at = self.rows.now(), time_of(fields.expires_at)
        previous = self._previous(row, time_of(fields.previous_expires_at), now)
        ends = expires_at != row.expires_at
        if fields.profile == row.profile and not ends and not previous and row.revoked_at is None:
            return Changed(row)
        profile = self._checked(row.account_id, fields.profile)
        if ends:
            check_ends_later(expires_at, now)
        check_sends(profile, expires_at, caller)
        return Changed(self._credentials.with_fields(row, profile=profile, expires_at=expires_at, **previous))

    def _previous(self, row: Credential, ends_at: int | None, now: int) -> dict[str, Any]:
        """The columns of the replaced password, if the patch changes its end. Raises Problem."""
        if ends_at == row.previous_expires_at:
            return {}
        if row.previous_password_hash is None:
            raise Problem(
                "invalid_field", "The credential has no replaced password.", param="previous_expires_at"
            )
        if ends_at is None:
            return {"previous_password_hash": None, "previous_expires_at": None, "previous_bind_at": None}
        check_ends_later(ends_at, now, "previous_expires_at")
        if ends_at > now + LONGEST_OVERLAP * 1000:
            raise Problem(
                "invalid_field", "The replaced password must end within 30 days.", param="previous_expires_at"
            )
        return {"previous_expires_at": ends_at}

    async def remove(self, row: Credential, caller: Principal, by: By) -> None:
        if numbers := self._own_numbers.given_to(row.id):
            raise Problem(
                "conflict",
                f"Its binds get the messages to {', '.join(numbers[:5])}. Change the number first.",
            )
        await self._credentials.revoke(row, by)

    def view(self, row: Credential, caller: Principal) -> SmppCredential:
        whole: Any = smpp_profile.profile_view(row.profile)  # the struct would omit its defaults
        shown = shown_fields(SmppCredential, row) | {"profile": whole}
        state = "active"
        if row.revoked_at is not None:
            state = "revoked"
        elif row.ended(self.rows.now()):
            state = "expired"
        return SmppCredential(mode=row.tenant.mode, state=state, **shown)

    def _checked(self, account_id: str, profile: SmppProfile) -> SmppProfile:
        if profile.default_class == OTP and not self._accounts[account_id].settings.may_use_otp:
            raise Problem("forbidden", "This account may not use class otp.", param="profile.default_class")
        senders = senders_of(profile.allowed_senders, "profile.allowed_senders")
        return smpp_profile.checked(msgspec.structs.replace(profile, allowed_senders=senders))


def check_sends(profile: SmppProfile, expires_at: int | None, caller: Principal) -> None:
    """Raise Problem `forbidden` if a credential would give a restricted caller more than it has. A key with an end
    makes and changes only credentials that end no later."""
    classes = {profile.default_class, *profile.priority_classes.values()}
    check_gives(
        Restrictions(
            tuple(profile.allowed_networks), profile.allowed_senders, tuple(sorted(classes)), expires_at
        ),
        caller,
    )
    check_unlimited(caller, "credentials")


def smpp_credential_routes(
    credentials: SmppCredentials,
    own_numbers: OwnNumbers,
    accounts: Mapping[str, Account],
    idempotency: Idempotency | None = None,
) -> Router:
    """`/v1/smpp-credentials`."""
    resource = Credentials(credentials, own_numbers, accounts)
    router = routes(resource, idempotency)
    router.describe(lambda: openapi.of_struct(NewPasswordBody))

    @router.post(
        "/v1/smpp-credentials/{id}/password",
        responses=openapi.answers(200, "SmppCredentialMade", "The credential with its new password."),
        openapi_extra=openapi.json_body("NewPasswordBody", required=False),
    )
    async def rotate_smpp_password(
        request: Request,
        caller: Rotating,
        id: str,  # noqa: A002
        if_match: IfMatch = None,
    ) -> Response:
        """Set a new password for an SMPP credential.

        The old password stops working at once, or at `previous_expires_at` if `overlap_seconds` says for how long
        both open, so that the customer can move to the new one without a gap. Current binds stay open. If the
        credential is rotated again before that, the oldest password ends at once. The new password is returned only
        once.
        """
        call: Call = request.scope[SCOPE_KEY]
        body = read(_DECODE_PASSWORD, call.body) if call.body else NewPasswordBody()
        credential = await resource.find(caller, id)
        check_version(resource, if_match, credential)
        check_sends(credential.profile, credential.expires_at, caller)
        changed, password = await credentials.change_password(
            credential, body.password, by_of(call, caller), overlap_seconds=body.overlap_seconds
        )
        view = resource.view(changed, caller)
        return json_answer({**msgspec.structs.asdict(view), "password": password})

    return router
