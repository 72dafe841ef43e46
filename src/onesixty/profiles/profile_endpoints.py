"""`/v1/profiles`: who stands behind an account, and whether that is verified.

Rules kept here:
- an account reads its own profile, and with the scope `profile` changes, submits and withdraws it. Operators with the
  scope `accounts` see every profile and decide;
- what is verified changes only while the account may change it (`states.OPEN`); an operator may correct it. How the
  business is reached may be changed at any time;
- an account without a profile is shown with an empty one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends
from msgspec import Meta
from msgspec.structs import asdict, replace
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts import Account
from onesixty.accounts.reach import SCOPE as OPERATORS
from onesixty.core import ids, times
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.etags import IfMatch
from onesixty.http.idempotency import Idempotency
from onesixty.http.noting import author
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery
from onesixty.http.resource import CHANGE, GET, LIST, ByVerb, Changed, Resource
from onesixty.http.resource_routes import check_version, routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Moment, Time, one_of, read, shown_fields
from onesixty.profiles.service import Profiles
from onesixty.profiles.standing import Standing
from onesixty.profiles.states import STATES, Decision, State
from onesixty.profiles.tables import IDENTITY, Profile
from onesixty.store.rows import By

SCOPE: Final = "profile"
Owner = Annotated[Principal, Depends(Requires(SCOPE))]
Operator = Annotated[Principal, Depends(Requires(OPERATORS))]


def _text(about: str, example: str, most: int = 200) -> Meta:
    return Meta(
        min_length=1, max_length=most, pattern=r"^[^\x00-\x1f\x7f]+$", description=about, examples=[example]
    )


_LegalName = Annotated[str, _text("The registered name of the business.", "Example Shop GmbH")]
_Registration = Annotated[str, _text("Its number in the commercial register.", "HRB 12345", 100)]
_TaxId = Annotated[str, _text("Its tax or VAT number.", "DE123456789", 100)]
_Street = Annotated[str, _text("Street and house number of its registered address.", "Hauptstr. 1")]
_PostalCode = Annotated[str, _text("The postal code.", "10115", 20)]
_City = Annotated[str, _text("The city.", "Berlin", 100)]
_Region = Annotated[str, _text("The state or province, where addresses have one.", "BE", 100)]
_Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166.", examples=["DE"])]
_Website = Annotated[
    str,
    Meta(
        max_length=500,
        pattern=r"^https?://[^\x00-\x20\x7f]+$",
        description="Its website.",
        examples=["https://shop.example.com"],
    ),
]
_ContactName = Annotated[str, _text("The person to ask.", "Ada Example", 100)]
_ContactEmail = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[!-?A-~]+@[!-?A-~]+$",
        description="The email address of this person.",
        examples=["ada@shop.example.com"],
    ),
]
_ContactPhone = Annotated[
    str,
    Meta(
        pattern=r"^\+[1-9][0-9]{6,14}$",
        description="The telephone number of this person, in E.164.",
        examples=["+493012345678"],
    ),
]
_Reasons = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...],
    Meta(
        max_length=10,
        description="Why it is rejected, for the account to read.",
        examples=[["The extract of the register is older than three months."]],
    ),
]


class ProfileFields(Body):
    """The fields of a profile that can be changed."""

    legal_name: _LegalName | None = None
    registration_number: _Registration | None = None
    tax_id: _TaxId | None = None
    street: _Street | None = None
    postal_code: _PostalCode | None = None
    city: _City | None = None
    region: _Region | None = None
    country: _Country | None = None
    website: _Website | None = None
    contact_name: _ContactName | None = None
    contact_email: _ContactEmail | None = None
    contact_phone: _ContactPhone | None = None


class DecisionBody(Body):
    """What an operator decides on a profile."""

    decision: Annotated[
        Decision,
        Meta(
            description="`review`: someone looks at it. `verify` and `reject` answer it; `expire` ends a "
            "verification."
        ),
    ]
    reasons: _Reasons = ()
    expires_at: Annotated[
        Moment | None,
        Meta(description="RFC 3339: when the verification ends. Only for `verify`; default: never."),
    ] = None


class ProfileView(Answer):
    """The business profile of an account, and the state of its verification."""

    account_id: str
    state: Annotated[str, one_of(STATES)]
    verified: Annotated[
        bool,
        Meta(
            description="Whether the account counts as verified: by its own profile, or by that of an account "
            "above it while no operator has decided on its own."
        ),
    ]
    may_send: Annotated[
        str,
        one_of(("all", "test", "nothing")),
        Meta(description="What the account may send, as far as its verification goes."),
    ]
    reasons: Annotated[list[str], Meta(description="Why it was rejected.")]
    legal_name: _LegalName | None
    registration_number: _Registration | None
    tax_id: _TaxId | None
    street: _Street | None
    postal_code: _PostalCode | None
    city: _City | None
    region: _Region | None
    country: _Country | None
    website: _Website | None
    contact_name: _ContactName | None
    contact_email: _ContactEmail | None
    contact_phone: _ContactPhone | None
    documents: Annotated[int, Meta(description="How many documents it has.")]
    submitted_at: Time | None
    decided_at: Annotated[
        Time | None, Meta(description="When an operator decided last. Null if none ever has.")
    ]
    expires_at: Annotated[Time | None, Meta(description="When the verification ends. Null: never.")]
    version: Annotated[int, Meta(description="Increases with every change; 0 if there is no profile yet.")]


class ProfileQuery(PageQuery):
    """The query of `GET /v1/profiles`."""

    kind = ids.ACCOUNT

    state: Annotated[State | None, Field(description="Only profiles in this state.")] = None


class ProfilesResource(Resource[Profile, Body, ProfileFields, ProfileView]):
    """`/v1/profiles`."""

    path, tag, one, many, scope, reads = (
        "/v1/profiles", "profiles", "profile", "profiles", SCOPE, "account:read"
    )  # fmt: skip
    verbs, key = (LIST, GET, CHANGE), "account_id"
    new, fields, shown, query = Body, ProfileFields, ProfileView, ProfileQuery
    list_name, change_name = "ProfileList", "ProfileChange"
    about = ByVerb(
        list="List profiles, in the order of their accounts.\n\nAn operator with the scope `accounts` sees all "
        "that were ever filled in, for example those that are `submitted`.",
        get="Get the business profile of an account.",
        change="Change the business profile of an account.\n\nWhat is verified (name, numbers, address) can be "
        "changed in the states `unverified`, `rejected` and `expired`; in others, `withdraw` it first. Website and "
        "contact can be changed at any time.",
    )

    def __init__(self, profiles: Profiles, book: Mapping[str, Account], standing: Standing) -> None:
        super().__init__(profiles.rows)
        self._profiles = profiles
        self._book = book
        self._standing = standing

    def reach(self, caller: Principal) -> Reach:
        return Reach(None if caller.operates(OPERATORS) else caller.account_id)

    async def find(self, caller: Principal, key: str) -> Profile:
        if key not in self._book or self.reach(caller).account_id not in (None, key):
            raise Problem("not_found", "Account not found.")
        return await self._profiles.of(key)

    async def page(self, caller: Principal, query: ProfileQuery) -> tuple[Sequence[Profile], str | None]:
        if caller.operates(OPERATORS):
            return await super().page(caller, query)
        own = await self.find(caller, caller.account_id)
        return [own] if query.state in (None, own.state) and query.after is None else [], None

    async def changed(
        self, row: Profile, fields: ProfileFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        after = replace(row, **asdict(fields))
        if not row.open and not caller.operates(OPERATORS):
            for name in IDENTITY:
                if getattr(after, name) != getattr(row, name):
                    raise Problem(
                        "verification_state",
                        f"The profile is `{row.state}`. Withdraw it before you change `{name}`.",
                        param=name,
                        extra={"state": row.state},
                    )
        return Changed(after)

    async def save(self, before: Profile, changed: Changed, by: By) -> Profile:
        return await self._profiles.save(before, changed.row, by)

    def view(self, row: Profile, caller: Principal) -> ProfileView:
        given = shown_fields(ProfileView, row) | {
            "reasons": list(row.reasons),
            "verified": self._standing.verified(row.account_id),
            "may_send": self._standing.may_send(row.account_id),
        }
        return ProfileView(**given)


def profile_routes(resource: ProfilesResource, profiles: Profiles, idempotency: Idempotency) -> Router:
    """`/v1/profiles`."""
    router = routes(resource, idempotency)
    router.describe(lambda: openapi.of_struct(DecisionBody))
    answer = openapi.answers(200, "ProfileView", "The profile after the change.")
    decode = msgspec.json.Decoder(DecisionBody).decode

    @router.post("/v1/profiles/{account_id}/submit", responses=answer)
    async def submit_profile(
        request: Request, caller: Owner, account_id: str, if_match: IfMatch = None
    ) -> Response:
        """Submit a profile for verification.

        It needs `legal_name`, `street`, `city`, `country` and `contact_email`. Upload its documents before: until an
        operator has decided, profile and documents stay as they are.
        """
        row = await resource.find(caller, account_id)
        check_version(resource, if_match, row)
        return json_answer(resource.view(await profiles.submit(row, author(request, caller)), caller))

    @router.post("/v1/profiles/{account_id}/withdraw", responses=answer)
    async def withdraw_profile(
        request: Request, caller: Owner, account_id: str, if_match: IfMatch = None
    ) -> Response:
        """Withdraw a profile, to change it.

        It is `unverified` afterwards, also if it was verified.
        """
        row = await resource.find(caller, account_id)
        check_version(resource, if_match, row)
        moved = await profiles.move(row, "withdraw", author(request, caller), expires_at=None)
        return json_answer(resource.view(moved, caller))

    @router.post(
        "/v1/profiles/{account_id}/decide",
        responses=answer,
        openapi_extra=openapi.json_body("DecisionBody"),
    )
    async def decide_profile(
        request: Request, caller: Operator, account_id: str, if_match: IfMatch = None
    ) -> Response:
        """Decide on a profile.

        `review` and `reject` need a submitted profile, and a rejection needs reasons. `verify` is possible in every
        state. It takes effect at once; on other nodes within seconds.
        """
        call: Call = request.scope[SCOPE_KEY]
        body = read(decode, call.body)
        row = await resource.find(caller, account_id)
        check_version(resource, if_match, row)
        fields = _decided(body, profiles.rows.now())
        moved = await profiles.move(row, body.decision, author(request, caller), **fields)
        return json_answer(resource.view(moved, caller))

    return router


def _decided(body: DecisionBody, now: int) -> dict[str, Any]:
    """The further fields of a decision. Raises Problem."""
    if body.decision == "reject" and not body.reasons:
        raise Problem("missing_field", "A rejection needs `reasons`.", param="reasons")
    if body.decision != "reject" and body.reasons:
        raise Problem("invalid_field", "Only a rejection has `reasons`.", param="reasons")
    ends = None if body.expires_at is None else times.of_moment(body.expires_at)
    if ends is not None and body.decision != "verify":
        raise Problem("invalid_field", "Only a verification has `expires_at`.", param="expires_at")
    if ends is not None and ends <= now:
        raise Problem("invalid_field", "`expires_at` must be in the future.", param="expires_at")
    if body.decision == "review":
        return {}
    return {"decided_at": now, "reasons": body.reasons, "expires_at": ends}
