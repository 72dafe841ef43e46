"""`/v1/invitations`: invite users to the account, list, renew and revoke invitations."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core import ids
from onesixty.core.contracts import Write
from onesixty.core.tenant import Reach
from onesixty.http import openapi
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Answer, Call
from onesixty.http.idempotency import Idempotency
from onesixty.http.paging import PageQuery
from onesixty.http.problems import response_of
from onesixty.http.resource import GET, LIST, MAKE, REMOVE, ByVerb, Made, Resource, by_of
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Body
from onesixty.people.answers import InvitationMade, InvitationView, NewInvitation, invitation_view
from onesixty.people.emails import checked
from onesixty.people.giving import check_gives
from onesixty.people.letters import INVITATION as PAGE
from onesixty.people.people import People
from onesixty.people.tables import Invitation
from onesixty.people.users import SCOPE

Manager = Annotated[Principal, Depends(Requires(SCOPE))]


class InvitationQuery(PageQuery):
    """The query of `GET /v1/invitations`."""

    kind = ids.INVITATION


class InvitationsResource(Resource[Invitation, NewInvitation, Body, InvitationView]):
    """`/v1/invitations`."""

    path, tag, one, many, scope = "/v1/invitations", "users", "invitation", "invitations", SCOPE
    verbs = (MAKE, LIST, GET, REMOVE)
    new, fields, shown, shown_once, query = (
        NewInvitation, Body, InvitationView, InvitationMade, InvitationQuery
    )  # fmt: skip
    list_name = "InvitationList"
    operations = ByVerb(make="invite_user", remove="revoke_invitation")
    about = ByVerb(
        make="Invite a user to the account.\n\nThe link counts once and ends after 72 hours. It is mailed; without a "
        "mail server the answer has it in `link`, and you hand it over. You can give only a role whose scopes you "
        "have.",
        list="List invitations, newest first, with those accepted and expired.",
        remove="Revoke an invitation.\n\nIts link no longer counts.",
    )

    def __init__(self, people: People) -> None:
        super().__init__(people.invitations.rows)
        self._people = people

    def reach(self, caller: Principal) -> Reach:
        return Reach(caller.account_id)

    async def made(self, body: NewInvitation, caller: Principal) -> Made:
        people = self._people
        operator = people.accounts.book[caller.account_id].operator
        email = checked(body.email)
        check_gives(caller, body.role, operator=operator)
        row, token = await people.invitations.new(
            caller.account_id, email, body.role, caller.actor.who, mailed=people.mail.on
        )
        link, writes = self.letter(row, token)
        return Made(row, {} if people.mail.on else {"link": link}, writes=writes)

    def letter(self, row: Invitation, token: str) -> tuple[str, list[Write]]:
        """The link of an invitation, and the writes of the mail with it."""
        people = self._people
        link = people.letters.link(PAGE, token)
        account = people.accounts.book[row.account_id].name
        mail = people.letters.invitation(account, row.role, link)
        return link, people.mail.writes([row.email], row.id, mail, people.clock.now_ms())

    def view(self, row: Invitation, caller: Principal) -> InvitationView:
        return invitation_view(row, self._people.clock.now_ms())


def invitation_routes(people: People, idempotency: Idempotency) -> openapi.Router:
    """The routes of invitations."""
    resource = InvitationsResource(people)
    router = openapi.Router("users")

    @router.post(
        "/v1/invitations/{id}/renew",
        name="renew_invitation",
        responses=openapi.answers(200, "InvitationMade", "The invitation with its new link."),
    )
    async def renew_invitation(request: Request, caller: Manager, id: str) -> Response:  # noqa: A002
        """Make a new link for an invitation, which ends after 72 hours. The link before no longer counts."""
        call: Call = request.scope[SCOPE_KEY]
        row = await resource.find(caller, id)
        check_gives(caller, row.role, operator=people.accounts.book[row.account_id].operator)
        after, token = people.invitations.renewed(row, mailed=people.mail.on)
        link, writes = resource.letter(after, token)
        row = await resource.rows.change(row, after, by=by_of(call, caller), writes=writes)
        view = resource.view(row, caller)
        shown = InvitationMade(**msgspec.structs.asdict(view))
        if not people.mail.on:
            shown.link = link
        return response_of(Answer(200, msgspec.json.encode(shown)))

    return routes(resource, idempotency, router=router)
