"""`/v1/verify-profiles`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec.structs import replace

from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http import structs
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.store.rows import Book, Rows
from onesixty.verify import profiles
from onesixty.verify.bodies import VerifyProfileFields, VerifyProfileQuery, VerifyProfileView
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.texts import Texts

SCOPE = "verify:manage"
READS = "verify:read"


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
        change="Change a verify profile.\n\nVerifications that are open stay as they began.",
        remove="Delete a verify profile.\n\nOpen verifications of it can be checked, but not sent again.",
    )

    def __init__(
        self,
        rows: Rows[VerifyProfile],
        texts: Texts,
        country_of: Callable[[str], Awaitable[str | None]],
    ) -> None:
        super().__init__(rows)
        self._texts = texts
        self._country_of = country_of

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
        await self._texts.wording(row.tenant, row.template, row.language, None)
        return profiles.checked(row)

    def view(self, row: VerifyProfile, caller: Principal) -> VerifyProfileView:
        return VerifyProfileView(
            **structs.shown_fields(VerifyProfileView, row), warnings=profiles.warnings(row)
        )


def profile_routes(resource: VerifyProfiles, idempotency: Idempotency) -> Router:
    """The routes: those that change need the scope `verify:manage`, the others `verify:read`."""
    return routes(resource, idempotency)


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
