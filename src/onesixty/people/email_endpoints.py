"""`/v1/me/email` and `/v1/email-changes`: a user changes their address.

Rules kept here:
- asking needs a fresh proof (`http.step_up`); the address changes when the link that was sent to the new one is used.
  So nobody takes an address that they cannot read, and a mistyped one changes nothing;
- the answer is the same whether the new address has a user or not: its owner is told by mail;
- the link counts once and ends after a day; a new one ends the one before, and so does a new password.
  Links for a new password that went to the old address end with the change, and the old address is told.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Final

import msgspec
from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core.errors import Problem
from onesixty.http import openapi, structs
from onesixty.http.auth import Identified
from onesixty.http.call import SCOPE_KEY, Answer, Call, OpenRoute
from onesixty.http.problems import response_of
from onesixty.http.resource import by_of
from onesixty.http.scopes import Principal
from onesixty.http.strictness import check_json
from onesixty.people import csrf
from onesixty.people.answers import EmailBody, EmailToken
from onesixty.people.committing import commit
from onesixty.people.emails import checked, key_of
from onesixty.people.letters import EMAIL as PAGE
from onesixty.people.links import EMAIL, EMAIL_MS, RESET
from onesixty.people.people import People
from onesixty.store.notes import Note
from onesixty.store.rows import Lost
from onesixty.store.units import Unit

USE: Final = "/v1/email-changes/use"

_body = msgspec.json.Decoder(EmailBody).decode


async def _judge(request: Request, _: Principal) -> str:
    """The new address. Raises Problem."""
    return checked(structs.read(_body, request.scope[SCOPE_KEY].body).email)


Person = Annotated[Principal, Depends(Identified(session=True, judge=_judge))]


class EmailEndpoints:
    """The handlers."""

    def __init__(self, people: People) -> None:
        self._people = people

    def open_route(self, method: str, path: str) -> OpenRoute | None:
        """The front's `FindOpen`."""
        return (path, self.use) if (method, path) == ("POST", USE) else None

    async def ask(self, request: Request, caller: Person) -> Response:
        """Change your e-mail address.

        A link goes to the new address. It counts once, ends after 24 hours, and changes the address when it is used.
        Needs a mail server.
        """
        people = self._people
        call: Call = request.scope[SCOPE_KEY]
        email = await _judge(request, caller)
        if not people.mail.on:
            raise Problem(
                "mail_unavailable", "This site sends no mails, so that no link can confirm an address."
            )
        user = await people.users.of_session(caller.actor.id)
        if email == user.email:
            raise Problem("invalid_field", "This is your address already.", param="email")
        people.slow_down.begin(call.client, device=f"email {caller.actor.id}")  # a mail to anybody costs
        owner = await people.users.by_email(email)
        token, writes = people.links.making(EMAIL, EMAIL_MS, user_id=user.id, data=email)
        if owner is None or owner.id == user.id:
            letter = people.letters.new_email(people.letters.link(PAGE, token))
        else:
            letter, writes = people.letters.email_taken(), []
        note = Note(
            by=by_of(call, caller),
            action="email_change_asked",
            object="user",
            object_id=user.id,
            personal={"email": email},
        )
        unit = Unit(
            keys=(user.id,),
            writes=(
                people.links.ending(user.id, EMAIL),
                *writes,
                *people.mail.writes([email], user.id, letter, people.clock.now_ms()),
                *people.notes.writes(note),
            ),
        )
        await commit(people.store, unit)
        return response_of(Answer(202, b"{}"))

    async def use(self, call: Call) -> Answer:
        """Change the address by the link that was sent to it."""
        people = self._people
        csrf.check_open(call, people.cookies.site)
        check_json(call.body)
        body = structs.read(_decoder().decode, call.body)
        attempt = people.slow_down.begin(call.client)
        link = await people.links.find(body.token, EMAIL)
        people.slow_down.right(attempt)
        user = (await people.users.named([link.user_id or ""])).get(link.user_id or "")
        if user is None:
            raise Problem("link_gone")
        after = msgspec.structs.replace(
            user,
            email=link.data,
            email_key=key_of(link.data),
            email_confirmed=True,
            version=user.version + 1,
        )
        account = await people.sign_in.account_of(user.id)
        by = people.sign_in.by(user.id, account, people.visit(call))
        guard, writes = people.users.rows.updating(user, after, by=by)
        told = people.letters.email_changed()
        unit = Unit(
            keys=(user.id, link.hash),
            guards=(people.links.using(link), guard),
            writes=(
                *writes,
                people.links.ending(user.id, RESET),
                *people.mail.writes([user.email], user.id, told, people.clock.now_ms()),
            ),
        )
        try:
            await commit(people.store, unit)
        except Lost:
            raise Problem("link_used") from None
        people.sessions.forget(user.id)
        return Answer(204, b"")

    def routes(self) -> openapi.Router:
        """The router of what a user asks for."""
        router = openapi.Router("users", "/v1")
        router.describe(lambda: openapi.of_struct(EmailBody))
        router.add_api_route(
            "/me/email",
            self.ask,
            methods=["POST"],
            status_code=202,
            name="change_email",
            openapi_extra=openapi.json_body("EmailBody"),
            response_model=None,
        )
        return router

    def open_routes(self) -> openapi.Router:
        """The open route for the document. The front answers it itself, because it needs no key."""
        router = openapi.Router("sign-in", "/v1")
        router.describe(lambda: openapi.of_struct(EmailToken))

        async def use(request: Request) -> Response:
            return response_of(await self.use(request.scope[SCOPE_KEY]))

        router.add_api_route(
            "/email-changes/use",
            use,
            methods=["POST"],
            status_code=204,
            name="use_email_change",
            description="Change a user's e-mail address by the link that was sent to it.\n\nSessions go on. Links "
            "for a new password that went to the old address end. Needs no key.",
            openapi_extra=openapi.json_body("EmailToken"),
            response_model=None,
        )
        return router


@cache
def _decoder() -> msgspec.json.Decoder[EmailToken]:
    return msgspec.json.Decoder(EmailToken)
