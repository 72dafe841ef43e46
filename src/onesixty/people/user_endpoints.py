"""`/v1/users` and `/v1/roles`: the members of an account, and the roles they can have.

Rules kept here:
- a member is changed and removed only by who could have given the member's role: a giver never touches a role with
  scopes that they lack, and only an owner touches an owner. Anybody may leave;
- a reset of a member opens all accounts of the user, not only this one. So the link is shown, and second factors are
  removed, only for a user who is a member of no other account. Otherwise the link goes by mail, to the user alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core import ids, times
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach
from onesixty.http import openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires, reads
from onesixty.http.call import SCOPE_KEY, Answer, Call
from onesixty.http.paging import PageQuery
from onesixty.http.problems import response_of
from onesixty.http.resource import CHANGE, GET, LIST, REMOVE, ByVerb, Changed, Resource, by_of
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import ROLES, SCOPES, Principal
from onesixty.http.structs import Body
from onesixty.people.answers import (
    ResetLink,
    RoleList,
    RoleView,
    UserFields,
    UserResetBody,
    UserView,
)
from onesixty.people.committing import commit
from onesixty.people.giving import check_gives, may_give
from onesixty.people.letters import RESET as RESET_PAGE
from onesixty.people.links import RESET, RESET_MS
from onesixty.people.people import People
from onesixty.people.tables import PASSKEY, RECOVERY, TOTP, Membership
from onesixty.people.users import SCOPE
from onesixty.store.notes import Note
from onesixty.store.rows import By
from onesixty.store.units import Unit

Manager = Annotated[Principal, Depends(Requires(SCOPE))]

_reset = msgspec.json.Decoder(UserResetBody).decode
Resetting = Annotated[Principal, Depends(Requires(SCOPE, reads(_reset, required=False)))]


class UserQuery(PageQuery):
    """The query of `GET /v1/users`."""

    kind = ids.MEMBERSHIP


class UsersResource(Resource[Membership, Body, UserFields, UserView]):
    """`/v1/users`."""

    path, tag, one, many, scope = "/v1/users", "users", "user", "users", SCOPE
    verbs = (LIST, GET, CHANGE, REMOVE)
    new, fields, shown, query = Body, UserFields, UserView, UserQuery
    list_name, change_name = "UserList", "UserChangeBody"
    about = ByVerb(
        list="List the users of the account, newest first.\n\nInvite others with `POST /v1/invitations`.",
        get="Get a user of the account.",
        change="Change the role of a user in the account.\n\nIt counts at once on this node, on other nodes within "
        "five seconds. You can give only a role whose scopes you have, and an account that has an owner keeps one.",
        remove="Remove a user from the account.\n\nA user without an account is deleted, with sessions, passkeys and "
        "all. Everybody may leave, except the last owner.",
    )

    def __init__(self, people: People) -> None:
        super().__init__(people.users.memberships)
        self._people = people

    def reach(self, caller: Principal) -> Reach:
        return Reach(caller.account_id)

    async def find(self, caller: Principal, key: str) -> Membership:
        found = None
        if ids.is_id(ids.USER, key):
            found = await self._people.users.membership(key, caller.account_id)
        if found is None:
            raise self.rows.missing()
        return found

    async def changed(
        self, row: Membership, fields: UserFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        operator = self._people.accounts.book[row.account_id].operator
        if fields.role != row.role:
            check_gives(caller, row.role, operator=operator, taken=True)
            check_gives(caller, fields.role, operator=operator)
        return Changed(msgspec.structs.replace(row, role=fields.role))

    async def save(self, before: Membership, changed: Changed, by: By) -> Membership:
        return await self._people.users.give_role(before, changed.row.role, by)

    async def remove(self, row: Membership, caller: Principal, by: By) -> None:
        if row.user_id != caller.actor.id:
            operator = self._people.accounts.book[row.account_id].operator
            check_gives(caller, row.role, operator=operator, taken=True)
        await self._people.users.remove(row, by)

    async def views(self, rows: Sequence[Membership], caller: Principal) -> list[UserView]:
        user_ids = [row.user_id for row in rows]
        users = await self._people.users.named(user_ids)
        factors = await self._people.users.factors(user_ids)
        return [
            UserView(
                id=user.id,
                email=user.email,
                name=user.name,
                role=row.role,
                second_factor=[kind for kind in (TOTP, PASSKEY) if kind in factors.get(user.id, ())],
                last_sign_in_at=None if user.last_sign_in_at is None else times.to_text(user.last_sign_in_at),
                created_at=times.to_text(row.created_at),
                version=row.version,
            )
            for row in rows
            if (user := users.get(row.user_id)) is not None
        ]


def user_routes(people: People) -> openapi.Router:
    """The routes of users and roles."""
    resource = UsersResource(people)
    router = openapi.Router("users")
    router.describe(lambda: openapi.of_struct(RoleList, RoleView, ResetLink, UserResetBody))

    @router.get("/v1/roles", responses=openapi.answers(200, "RoleList", "All roles."), name="list_roles")
    async def list_roles(caller: Manager) -> Response:
        """List the roles, what each may do in the account, and which of them you can give."""
        operator = people.accounts.book[caller.account_id].operator
        found = [
            RoleView(
                name=role.name,
                about=role.about,
                scopes=[name for name in SCOPES if name in role.scopes_in(operator=operator)],
                gives=may_give(caller, role.name, operator=operator),
            )
            for role in ROLES.values()
        ]
        return json_answer(RoleList(data=found))

    @router.post(
        "/v1/users/{id}/reset",
        name="reset_user",
        status_code=201,
        responses=openapi.answers(201, "ResetLink", "The link, or that it was mailed."),
        openapi_extra=openapi.json_body("UserResetBody", required=False),
    )
    async def reset_user(request: Request, caller: Resetting, id: str) -> Response:  # noqa: A002
        """Make a link by which a user sets a new password.

        It is mailed to the user, or shown to you if there is no mail server. It counts once and ends after 72 hours.
        A link is shown, and second factors are removed, only for a user who belongs to no other account.
        """
        call: Call = request.scope[SCOPE_KEY]
        body = structs.read(_reset, call.body) if call.body else UserResetBody()
        membership = await resource.find(caller, id)
        operator = people.accounts.book[membership.account_id].operator
        check_gives(caller, membership.role, operator=operator, taken=True)
        alone = len(await people.users.memberships_of(membership.user_id)) == 1
        if not alone and (body.second_factors or not people.mail.on):
            raise Problem(
                "forbidden",
                "This user belongs to other accounts, too. Run `onesixty user reset` on the server instead.",
            )
        return response_of(await _reset_link(people, membership, body, by_of(call, caller)))

    return routes(resource, router=router)


async def _reset_link(people: People, membership: Membership, body: UserResetBody, by: By) -> Answer:
    user = (await people.users.named([membership.user_id]))[membership.user_id]
    now = people.clock.now_ms()
    token, writes = people.links.making(RESET, RESET_MS, user_id=user.id)
    link = people.letters.link(RESET_PAGE, token)
    writes += people.mail.writes([user.email], user.id, people.letters.reset(link), now)
    if body.second_factors:
        dropped: list[Write] = [
            people.credentials.dropping(user.id, kind) for kind in (TOTP, PASSKEY, RECOVERY)
        ]
        writes += [*dropped, people.sessions.ending(user.id)]
    details = {"mailed": people.mail.on, "second_factors": body.second_factors}
    note = Note(by=by, action="reset", object="user", object_id=user.id, details=details)
    writes += people.notes.writes(note)
    await commit(people.store, Unit(keys=(user.id,), writes=tuple(writes)))
    people.sessions.forget(user.id)
    shown = ResetLink(
        mailed=people.mail.on,
        link=None if people.mail.on else link,
        expires_at=times.to_text(now + RESET_MS),
    )
    return Answer(201, msgspec.json.encode(shown))
