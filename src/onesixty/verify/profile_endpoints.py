"""`/v1/verify-profiles`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import msgspec
from fastapi import Depends
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts import Accounts
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http import openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import read
from onesixty.store.rows import Book, Rows
from onesixty.verify import preview, profiles
from onesixty.verify.bodies import (
    PreviewVerifyText,
    ProfileFinding,
    TextFinding,
    VerifyProfileFields,
    VerifyProfileQuery,
    VerifyProfileView,
    VerifyTextPreview,
)
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.texts import Texts

SCOPE = "verify:manage"
READS = "verify:read"
Reader = Annotated[Principal, Depends(Requires(READS))]


class VerifyProfiles(Resource[VerifyProfile, VerifyProfileFields, VerifyProfileFields, VerifyProfileView]):
    """`/v1/verify-profiles`."""

    path, tag, one, many = "/v1/verify-profiles", "verify", "verify_profile", "verify_profiles"
    scope, reads = SCOPE, READS
    new, fields, shown, query = (
        VerifyProfileFields,
        VerifyProfileFields,
        VerifyProfileView,
        VerifyProfileQuery,
    )
    list_name, change_name = "VerifyProfileList", "VerifyProfileChange"
    about = ByVerb(
        make="Create a verify profile: how the verifications of one application are made.",
        list="List verify profiles, newest first.",
        get="Get a verify profile, by id or name.",
        change="Change a verify profile.\n\nVerifications that are open stay as they began.",
        remove="Delete a verify profile.\n\nOpen verifications of it can be checked, but not sent again.",
    )

    def __init__(
        self,
        rows: Rows[VerifyProfile],
        texts: Texts,
        country_of: Callable[[str], Awaitable[str | None]],
        accounts: Accounts,
    ) -> None:
        super().__init__(rows)
        self._texts = texts
        self._country_of = country_of
        self._accounts = accounts

    async def made(self, body: VerifyProfileFields, caller: Principal) -> Made:
        made = await super().made(body, caller)
        row: VerifyProfile = made.row
        if row.guards.countries is None:
            country = await self._country_of(row.account_id)
            allowed = () if country is None else (country,)
            row = replace(row, guards=replace(row.guards, countries=allowed))
        return made._replace(row=await self._checked(row))

    async def changed(
        self, row: VerifyProfile, fields: VerifyProfileFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        changed = await super().changed(row, fields, said, caller)
        return changed._replace(row=await self._checked(changed.row))

    async def _checked(self, row: VerifyProfile) -> VerifyProfile:
        """A profile that can be used. Raises Problem."""
        wording = await self._texts.wording(row.tenant, row.template, row.language, None)
        found = profiles.checked(row)
        for country, language in found.languages.items():
            if not await self._texts.speaks(row.tenant, row.template, language):
                raise Problem(
                    "invalid_field",
                    f"There are no words in the language `{language}`.",
                    param=f"languages.{country}",
                )
        preview.check_words(found, wording)
        return found

    async def preview(self, row: VerifyProfile, asked: PreviewVerifyText) -> VerifyTextPreview:
        """A text of a profile. Raises Problem."""
        wording = await self._texts.wording(row.tenant, row.template, asked.language or row.language, None)
        found = preview.preview(row, wording, asked.app_hash)
        return VerifyTextPreview(
            language=found.language,
            template=row.template,
            text=found.text,
            encoding=found.size.encoding,
            segments=found.size.segments,
            findings=[
                TextFinding(**{name: getattr(each, name) for name in TextFinding.__struct_fields__})
                for each in found.findings
            ],
        )

    def view(self, row: VerifyProfile, caller: Principal) -> VerifyProfileView:
        found = [
            *profiles.warnings(row, self._accounts.book[row.account_id].settings.defaults),
            *preview.warnings(row, self._texts),
        ]
        return VerifyProfileView(
            **structs.shown_fields(VerifyProfileView, row),
            warnings=[one.text for one in found],
            findings=[ProfileFinding(**one._asdict()) for one in found],
        )


def profile_routes(resource: VerifyProfiles, idempotency: Idempotency) -> Router:
    """The routes: those that change need the scope `verify:manage`, the others `verify:read`."""
    router = routes(resource, idempotency)
    router.describe(lambda: openapi.of_struct(PreviewVerifyText) | openapi.of_struct(VerifyTextPreview))
    decode = msgspec.json.Decoder(PreviewVerifyText).decode

    @router.post(
        "/v1/verify-profiles/{id}/preview",
        responses=openapi.answers(200, "VerifyTextPreview", "The text."),
        openapi_extra=openapi.json_body("PreviewVerifyText"),
    )
    async def preview_verify_text(request: Request, caller: Reader, id: str) -> Response:  # noqa: A002
        """Show the text of a verify profile, and what phones may not read of it.

        Nothing is sent. `*` stands in place of the code.
        """
        call: Call = request.scope[SCOPE_KEY]
        row = await resource.find(caller, id)
        return json_answer(await resource.preview(row, read(decode, call.body)))

    return router


def named_profile(book: Book[VerifyProfile], tenant: Tenant, named: str | None) -> VerifyProfile:
    """The profile that a caller names by id or name; without a name, the only one of its tenant. Raises Problem."""
    own = [profile for profile in book.by_id.values() if profile.tenant == tenant]
    if named is not None:
        found = next((one for one in own if named in (one.id, one.name)), None)
        if found is None:
            raise Problem(
                "invalid_field", "There is no verify profile with this id or name.", param="profile"
            )
        return found
    if len(own) != 1:
        many = "has several verify profiles" if own else "has no verify profile: create one first"
        raise Problem("missing_field", f"`profile` is missing, and the account {many}.", param="profile")
    return own[0]
