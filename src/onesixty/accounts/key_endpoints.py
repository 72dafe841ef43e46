"""`/v1/keys`, and `/v1/scopes`: what a key can be allowed.

Rules kept here:
- a key can grant only scopes that it has, and gives away none of its own restrictions (`accounts.restrictions`). The
  same holds for the new secret of a rotated key. A key may rotate itself;
- a test key creates, reads, changes and revokes only test keys; operators' scopes need a live key;
- an operator with the scope `accounts` manages the keys of every account (`accounts.reach`);
- a secret is returned only by the call that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts import restrictions
from onesixty.accounts.key_bodies import (
    KeyFields,
    KeyMade,
    KeyView,
    NewKeyBody,
    RotateKeyBody,
    ScopeList,
    ScopeView,
    fields_of,
    key_view,
    limits_of,
)
from onesixty.accounts.keys import Key
from onesixty.accounts.reach import (
    SCOPE,
    AnyAccountQuery,
    ModeFilter,
    StateFilter,
    account_for,
    setup_for,
)
from onesixty.accounts.restrictions import Restrictions
from onesixty.accounts.service import Accounts
from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach, Tenant
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires, reads
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.etags import IfMatch
from onesixty.http.idempotency import Idempotency
from onesixty.http.openapi import Router
from onesixty.http.resource import VERBS, ByVerb, Changed, Made, Resource, by_of
from onesixty.http.resource_routes import check_version, routes
from onesixty.http.scopes import (
    OPERATOR_SCOPES,
    SCOPES,
    TENANT_SCOPES,
    TEST_SCOPES,
    Principal,
    check_grants,
    may_grant,
)
from onesixty.http.structs import read
from onesixty.store.rows import By
from onesixty.store.table import pattern_of

Caller = Annotated[Principal, Depends(Requires("keys"))]

_DECODE_ROTATE: Final = msgspec.json.Decoder(RotateKeyBody).decode
Rotating = Annotated[Principal, Depends(Requires("keys", reads(_DECODE_ROTATE, required=False)))]


class KeyQuery(AnyAccountQuery):
    """The query of `GET /v1/keys`."""

    kind = ids.KEY

    sha256: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9a-f]{64}$",
            description="Only the key with this secret: the SHA-256 of the secret in hex. For an operator with the "
            "scope `accounts`, in any account.",
        ),
    ] = None
    name: Annotated[
        str | None, Field(min_length=1, max_length=100, description="Part of the name, in any case.")
    ] = None
    scope: Annotated[
        str | None, Field(min_length=1, max_length=50, description="Only keys with this scope.")
    ] = None
    mode: ModeFilter = None
    state: StateFilter = None


class Keys(Resource[Key, NewKeyBody, KeyFields, KeyView]):
    """`/v1/keys`."""

    path, tag, one, many, scope = "/v1/keys", "keys", "key", "keys", "keys"
    verbs = VERBS
    new, fields, shown, shown_once, query = NewKeyBody, KeyFields, KeyView, KeyMade, KeyQuery
    list_name, change_name = "KeyList", "KeyChangeBody"
    operations = ByVerb(remove="revoke_key")
    about = ByVerb(
        make="Create a key.\n\nThe answer contains the key in `secret`. It is returned only once.",
        list="List keys, including revoked ones.",
        change="Change a key: its name, rate, end, networks, senders and classes.\n\nThis node applies the change "
        "at once, other nodes within seconds.",
        remove="Revoke a key.\n\nThis node rejects the key at once, other nodes within seconds. A key may "
        "revoke itself.",
    )

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts.keys)
        self._accounts = accounts

    def reach(self, caller: Principal) -> Reach:
        return caller.reach(SCOPE)

    async def page(self, caller: Principal, query: KeyQuery) -> tuple[Sequence[Key], str | None]:
        if query.sha256 is not None:
            reach = self.reach(caller)
            if query.account_id is not None:
                reach = setup_for(caller, query.account_id, self._accounts.book)
            found = await self._accounts.keys_with(query.sha256)
            return [key for key in found if self.rows.belongs(key, reach)], None
        return await self.rows.page(
            query.limit,
            query.after,
            setup_for(caller, query.account_id, self._accounts.book, query.mode),
            scopes=query.scope,
            named=pattern_of(query.name),
            state=query.state,
            now=self.rows.now(),
        )

    async def made(self, body: NewKeyBody, caller: Principal) -> Made:
        account_id = account_for(caller, body.account_id, self._accounts.book)
        test = body.mode == "test"
        if caller.test and not test:
            raise Problem("wrong_mode", "A test key can create only test keys.", param="mode")
        may = TEST_SCOPES if test else TENANT_SCOPES
        scopes = body.scopes or [name for name in may if name in caller.scopes]
        check_grants(caller, scopes, test=test)
        if account_id != caller.account_id and any(name in OPERATOR_SCOPES for name in scopes):
            raise Problem(
                "invalid_field", "Keys of another account can have only tenant scopes.", param="scopes"
            )
        restrictions.check_unlimited(caller, "keys")
        self._check_rate(account_id, body.requests_per_second)
        asked = restrictions.asked(
            body.allowed_networks, body.allowed_senders, body.allowed_classes, body.expires_at
        )
        restrictions.check_ends_later(asked.expires_at, self.rows.now())
        given = restrictions.inherited(asked, caller)
        restrictions.check_gives(given, caller)
        made = self._accounts.new_key(
            Tenant(account_id, test),
            body.name,
            scopes=list(dict.fromkeys(scopes)),
            requests_per_second=body.requests_per_second,
            limits=limits_of(body.limits),
            **restrictions.columns(given),
        )
        return Made(made.key, {"secret": made.secret})

    def fields_of(self, row: Key) -> KeyFields:
        return fields_of(row)

    async def changed(
        self, row: Key, fields: KeyFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        if row.revoked_at is not None:
            raise Problem("conflict", "The key is revoked.")
        restrictions.check_unlimited(caller, "keys")
        now = self.rows.now()
        given = restrictions.asked(
            fields.allowed_networks, fields.allowed_senders, fields.allowed_classes, fields.expires_at
        )
        if given.expires_at != row.expires_at:
            restrictions.check_ends_later(given.expires_at, now)
        if given != _restrictions(row):
            restrictions.check_gives(given, caller)
        if fields.requests_per_second != row.requests_per_second:
            self._check_rate(row.account_id, fields.requests_per_second)
        previous = self._previous(row, restrictions.time_of(fields.previous_expires_at), now)
        changed = msgspec.structs.replace(
            row,
            name=fields.name,
            requests_per_second=fields.requests_per_second,
            limits=limits_of(fields.limits),
            **restrictions.columns(given),
            **previous,
        )
        return Changed(changed)

    def _previous(self, row: Key, ends_at: int | None, now: int) -> dict[str, Any]:
        """The columns of the replaced secret, if the patch changes its end. Raises Problem."""
        if ends_at == row.previous_expires_at:
            return {}
        if row.previous_hash is None:
            raise Problem("invalid_field", "The key has no replaced secret.", param="previous_expires_at")
        if ends_at is None:
            gone = ("previous_hash", "previous_hint", "previous_expires_at", "previous_used_at")
            return dict.fromkeys(gone)
        restrictions.check_ends_later(ends_at, now, "previous_expires_at")
        if ends_at > now + restrictions.LONGEST_OVERLAP * 1000:
            raise Problem(
                "invalid_field", "The replaced secret must end within 30 days.", param="previous_expires_at"
            )
        return {"previous_expires_at": ends_at}

    async def remove(self, row: Key, caller: Principal, by: By) -> None:
        await self._accounts.revoke(row, by)

    def view(self, row: Key, caller: Principal) -> KeyView:
        return key_view(row, self.rows.now())

    def check_rotates(self, row: Key, caller: Principal) -> None:
        """Raise Problem `forbidden` if a new secret of the key would give the caller more than it has."""
        if row.id == caller.key_id:
            return
        restrictions.check_unlimited(caller, "keys")
        check_grants(caller, row.scopes, test=row.test)
        restrictions.check_gives(_restrictions(row), caller)

    def _check_rate(self, account_id: str, rate: int | None) -> None:
        most = self._accounts.book[account_id].settings.requests_per_second
        if rate is not None and rate > most:
            raise Problem(
                "invalid_field",
                f"`requests_per_second` must not exceed the limit of the account, {most}.",
                param="requests_per_second",
            )


def _restrictions(key: Key) -> Restrictions:
    return Restrictions(key.allowed_networks, key.allowed_senders, key.allowed_classes, key.expires_at)


def key_routes(accounts: Accounts, idempotency: Idempotency | None = None) -> Router:
    """`/v1/keys` and `/v1/scopes`."""
    resource = Keys(accounts)
    router = routes(resource, idempotency)
    router.describe(lambda: openapi.of_struct(RotateKeyBody, ScopeList))

    @router.get("/v1/scopes", responses=openapi.answers(200, "ScopeList", "All scopes."), name="list_scopes")
    async def list_scopes(caller: Caller) -> Response:
        """List the scopes, what each allows, and which of them you can give to a key."""
        found = [
            ScopeView(
                name=scope.name,
                about=scope.about,
                audience=scope.audience,
                live_only=scope.live_only,
                gives=restrictions.is_unlimited(caller) and may_grant(caller, scope),
            )
            for scope in SCOPES.values()
        ]
        return json_answer(ScopeList(data=found))

    @router.post(
        "/v1/keys/{id}/rotate",
        responses=openapi.answers(200, "KeyMade", "The key with its new secret."),
        openapi_extra=openapi.json_body("RotateKeyBody", required=False),
    )
    async def rotate_key(
        request: Request,
        caller: Rotating,
        id: str,  # noqa: A002
        if_match: IfMatch = None,
    ) -> Response:
        """Give a key a new secret.

        Until `previous_expires_at` both secrets open, so that an application can move to the new one without a gap.
        The key keeps its id, its limits and its restrictions. If it is rotated again before that, the oldest secret
        ends at once. The new secret is returned only once.
        """
        call: Call = request.scope[SCOPE_KEY]
        body = read(_DECODE_ROTATE, call.body) if call.body else RotateKeyBody()
        row = await resource.find(caller, id)
        check_version(resource, if_match, row)
        resource.check_rotates(row, caller)
        made = accounts.rotated(row, body.overlap_seconds)
        key = await accounts.keys.change(row, made.key, by=by_of(call, caller))
        return json_answer({**msgspec.structs.asdict(resource.view(key, caller)), "secret": made.secret})

    return router
