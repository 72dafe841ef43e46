"""`/v1/smpp-credentials`: what a customer binds with over SMPP.

Rules kept here:
- the password is in the answer that made it, and nowhere else;
- an operator with the scope `accounts` makes, sees and changes those of every account (`accounts.reach`);
- a test key makes, sees and changes only test credentials; what is sent over them never leaves the simulator;
- a credential that a number gives its messages to is not revoked: they would wait for binds that cannot come;
- a class that the account may not use is refused here, and not at every message;
- a PATCH of `profile` changes the fields that it names; null sets one back to its default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from onesixty.accounts import Account
from onesixty.accounts.reach import AccountId, AccountQuery, account_for, reaches_all
from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.core.message import OTP
from onesixty.customers import profile as smpp_profile
from onesixty.customers.credentials import SmppCredential, SmppCredentials
from onesixty.customers.profile import SmppProfile
from onesixty.http import openapi
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.openapi import REF, Schema, list_of, of_struct
from onesixty.http.paging import page_answer
from onesixty.http.scopes import Principal

Caller = Annotated[Principal, Depends(Requires("smpp"))]
#: SMPP 3.4, 5.2.1 gives 16 octets with the NUL.
SystemId = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,14}$",
        description="What the customer binds as: 1 to 15 letters, digits, dots, dashes, underscores. One of a kind.",
        examples=["acme-shop"],
    ),
]
#: Longer ones than the 8 characters of SMPP 3.4, 5.2.2 are taken, as are binds with them.
Password = Annotated[
    str,
    Field(
        pattern=r"^[\x21-\x7e]{8,64}$",
        description="8 to 64 printable ASCII characters; many clients can send 8 only. Default: 8 by chance.",
    ),
]
Profile = Annotated[
    dict[str, Any],
    Field(description="How this customer is spoken to; what is left out is as `SmppProfile` says."),
]


class NewSmppCredentialBody(Body):
    """A credential to make."""

    system_id: SystemId
    password: Password | None = None
    test: Annotated[
        bool | None,
        Field(
            description="Whether it sends for real. Default: as your key; a test key makes test ones only."
        ),
    ] = None
    account_id: AccountId = None
    profile: Profile = Field(default_factory=dict)


class CredentialQuery(AccountQuery):
    """The query of `GET /v1/smpp-credentials`."""

    kind = ids.SMPP_CREDENTIAL


class SmppCredentialChangeBody(Body):
    """What to change."""

    profile: Annotated[
        dict[str, Any], Field(description="Fields of the profile; null sets one back to its default.")
    ]


class NewPasswordBody(Body):
    """The next password."""

    password: Password | None = None


_MOMENT: Schema = {"type": "string", "format": "date-time"}
_FIELDS: dict[str, Schema] = {
    "id": {"type": "string"},
    "account_id": {"type": "string"},
    "system_id": {"type": "string"},
    "mode": {"type": "string", "enum": ["live", "test"]},
    "profile": {"$ref": REF.format(name="SmppProfile")},
    "created_at": _MOMENT,
    "changed_at": _MOMENT,
    "revoked_at": {"type": ["string", "null"], "format": "date-time"},
}

#: What these routes answer, for the document.
SMPP_CREDENTIAL_SCHEMAS: dict[str, Schema] = {
    **of_struct(smpp_profile.SmppProfile),
    "SmppCredential": {
        "type": "object",
        "description": "What a customer binds with.",
        "required": list(_FIELDS),
        "properties": _FIELDS,
    },
    "SmppCredentialMade": {
        "type": "object",
        "description": "A credential with a new password, which is shown this once.",
        "required": [*_FIELDS, "password"],
        "properties": {**_FIELDS, "password": {"type": "string"}},
    },
    "SmppCredentialList": list_of("SmppCredential"),
}


def smpp_credential_routes(
    credentials: SmppCredentials,
    numbers_of: Callable[[str], Sequence[str]],
    accounts: Mapping[str, Account],
) -> APIRouter:
    """`/v1/smpp-credentials`. `numbers_of` gives the numbers that a credential gets the messages of."""
    router = APIRouter(prefix="/v1/smpp-credentials", tags=["smpp"])
    shown = openapi.answers(200, "SmppCredential", "The credential as it is now.")

    async def find(caller: Principal, credential_id: str) -> SmppCredential:
        if not ids.is_id(ids.SMPP_CREDENTIAL, credential_id):
            raise Problem("not_found", "There is no such credential.")
        of = None if reaches_all(caller) else caller.account_id
        return await credentials.get(of, credential_id, only_test=caller.test)

    def profile_for(account_id: str, fields: dict[str, Any]) -> SmppProfile:
        profile = smpp_profile.profile_of(fields)
        if profile.default_class == OTP and not accounts[account_id].settings.may_use_otp:
            raise Problem("forbidden", "This account may not use class otp.", param="profile.default_class")
        return profile

    @router.post("", status_code=201, responses=openapi.answers(201, "SmppCredentialMade", "It was made."))
    async def create_smpp_credential(caller: Caller, body: NewSmppCredentialBody) -> Response:
        """Make a credential.

        The answer's `password` is shown this once.
        """
        test = caller.test if body.test is None else body.test
        if caller.test and not test:
            raise Problem("wrong_mode", "A test key can make test credentials only.", param="test")
        account_id = account_for(caller, body.account_id, accounts)
        made, password = await credentials.create(
            account_id,
            body.system_id,
            test=test,
            profile=profile_for(account_id, body.profile),
            password=body.password,
        )
        return json_answer({**made.view(), "password": password}, 201)

    @router.get("", responses=openapi.answers(200, "SmppCredentialList", "A page of them."))
    async def list_smpp_credentials(caller: Caller, page: Annotated[CredentialQuery, Query()]) -> Response:
        """List credentials, revoked ones too."""
        account_id = account_for(caller, page.account_id, accounts, "invalid_parameter")
        found, next_ = await credentials.list(
            account_id, only_test=caller.test, limit=page.limit, after=page.after
        )
        return json_answer(page_answer([credential.view() for credential in found], next_))

    @router.get("/{id}", responses=shown)
    async def get_smpp_credential(caller: Caller, id: str) -> Response:  # noqa: A002
        """Read a credential."""
        return json_answer((await find(caller, id)).view())

    @router.patch("/{id}", responses=shown)
    async def change_smpp_credential(
        caller: Caller,
        id: str,  # noqa: A002
        body: SmppCredentialChangeBody,
    ) -> Response:
        """Change a credential's profile.

        It holds from the answer on, for what is bound as well; `window` and `delivery_window` from the next bind.
        """
        credential = await find(caller, id)
        fields = smpp_profile.profile_view(credential.profile)
        for name, value in body.profile.items():
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value
        changed = await credentials.change_profile(credential, profile_for(credential.account_id, fields))
        return json_answer(changed.view())

    @router.post("/{id}/password", responses=openapi.answers(200, "SmppCredentialMade", "It was changed."))
    async def rotate_smpp_password(
        caller: Caller,
        id: str,  # noqa: A002
        body: NewPasswordBody | None = None,
    ) -> Response:
        """Give a credential a new password.

        The old one opens nothing from the answer on; what is bound stays bound. The new one is shown this once.
        """
        credential = await find(caller, id)
        changed, password = await credentials.change_password(
            credential, None if body is None else body.password
        )
        return json_answer({**changed.view(), "password": password})

    @router.delete("/{id}", status_code=204)
    async def revoke_smpp_credential(caller: Caller, id: str) -> Response:  # noqa: A002
        """Revoke a credential.

        Its binds are ended; on other nodes within seconds. Its system_id can be given again. One that a number
        gives its messages to is a `conflict`.
        """
        credential = await find(caller, id)
        if numbers := numbers_of(credential.id):
            raise Problem(
                "conflict",
                f"The messages to {', '.join(numbers[:5])} go to its binds: change the number first.",
            )
        await credentials.revoke(credential)
        return empty_answer()

    return router
