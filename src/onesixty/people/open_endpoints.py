"""The routes by which one comes in: they identify their callers themselves, by what is in the body.

Rules kept here:
- they take JSON, and pass `csrf.check_open`: a page of another site signs nobody in;
- no session begins over a connection on which others could read it (`cookies.check`);
- a forgotten password gets one answer, whether the address is known or not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Final, TypeVar

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.http import openapi, problems, structs
from onesixty.http.call import SCOPE_KEY, Answer, Call, OpenRoute
from onesixty.http.scopes import OWNER
from onesixty.http.strictness import check_json
from onesixty.people import answers as bodies
from onesixty.people import csrf
from onesixty.people import passwords as passwords_
from onesixty.people.committing import commit
from onesixty.people.emails import checked, key_of
from onesixty.people.factors import passkeys
from onesixty.people.letters import RESET as RESET_PAGE
from onesixty.people.links import EMAIL, RESET, RESET_MS
from onesixty.people.me import describe
from onesixty.people.people import People
from onesixty.people.sign_in import Given, SignedIn
from onesixty.people.tables import PASSWORD, SETUP
from onesixty.store.rows import Lost
from onesixty.store.units import Unit

_T = TypeVar("_T", bound=structs.Body)
_Handler = Callable[[Call], Awaitable[Answer]]


class OpenEndpoints:
    """The handlers, by method and path (`http.door.Door.find_open`)."""

    def __init__(self, people: People, oidc_name: str | None, version: str) -> None:
        self._people = people
        self._oidc_name = oidc_name
        self._version = version
        self._handlers: dict[tuple[str, str], _Handler] = {
            ("GET", "/v1/sign-in"): self.methods,
            ("POST", "/v1/setup"): self.setup,
            ("POST", "/v1/sessions"): self.sign_in,
            ("POST", "/v1/sessions/passkey-options"): self.passkey_options,
            ("POST", "/v1/password-resets"): self.ask_reset,
            ("POST", "/v1/password-resets/use"): self.use_reset,
            ("POST", "/v1/invitations/show"): self.show_invitation,
            ("POST", "/v1/invitations/accept"): self.accept_invitation,
        }

    def open_route(self, method: str, path: str) -> OpenRoute | None:
        """The front's `FindOpen`."""
        handler = self._handlers.get((method, path))
        return None if handler is None else (path, self._checked(handler))

    def _checked(self, handler: _Handler) -> _Handler:
        async def answer(call: Call) -> Answer:
            csrf.check_open(call, self._people.cookies.site)
            if call.body:
                check_json(call.body)
            return await handler(call)

        return answer

    # ------------------------------------------------------------ ways in

    async def methods(self, call: Call) -> Answer:
        """Tell how users sign in here."""
        people = self._people
        why = passkeys.reason(people.cookies.site)
        return _json(
            200,
            bodies.SignInMethods(
                password="owners" if people.options.password_sign_in == "owners" else "everyone",
                passkeys=why is None,
                passkeys_reason=why,
                oidc=self._oidc_name,
                mail=people.mail.on,
                insecure=people.cookies.in_the_clear(call),
                set_up=not await people.setup.pending(),
            ),
        )

    async def setup(self, call: Call) -> Answer:
        """Make the first user by the set-up link."""
        people = self._people
        body = _read(bodies.SetupBody, call)
        hashed = await people.setup.check(body.token)
        people.cookies.check(call)
        email = checked(body.email)
        password = passwords_.check(body.password, email)
        account = people.accounts.operator().id
        user = people.users.new(email, body.name)
        membership = people.users.new_membership(user.id, account, OWNER)
        visit = people.visit(call)
        by = people.sign_in.by(user.id, account, visit)
        credential = people.credentials.new(user.id, PASSWORD, await people.passwords.hash(password))
        try:
            signed = await people.sign_in.begin(
                user,
                SETUP,
                visit,
                guards=(people.setup.using(hashed),),
                writes=(
                    *people.users.making(user, membership, by),
                    *people.credentials.rows.inserting(credential, by=by),
                ),
                memberships=[membership],
            )
        except Lost:
            raise Problem("setup_gone") from None
        return await self._entered(call, signed)

    async def sign_in(self, call: Call) -> Answer:
        """Begin a session."""
        people = self._people
        body = _read(bodies.SignInBody, call)
        people.cookies.check(call)
        visit = people.visit(call)
        if body.email is None and body.password is None and body.passkey is not None:
            return await self._entered(
                call, await people.sign_in.by_passkey(body.passkey, visit, body.account_id)
            )
        for field in ("email", "password"):
            if getattr(body, field) is None:
                raise Problem("missing_field", f"`{field}` is missing.", param=field)
        given = Given(body.email or "", body.password or "", body.code, body.recovery_code, body.passkey)
        return await self._entered(call, await people.sign_in.by_password(given, visit, body.account_id))

    async def passkey_options(self, call: Call) -> Answer:
        """Give the options of a passkey."""
        attempt = self._people.slow_down.begin(call.client)
        self._people.slow_down.right(attempt)
        return _json(200, bodies.PasskeyOptions(options=await self._people.sign_in.challenge()))

    # ------------------------------------------------------------ forgotten passwords

    async def ask_reset(self, call: Call) -> Answer:
        """Send a link for a new password."""
        people = self._people
        body = _read(bodies.ResetBody, call)
        if not people.mail.on:
            raise Problem(
                "mail_unavailable",
                "This site sends no mails. Ask somebody who manages users, or run `onesixty user reset`.",
            )
        email = checked(body.email)
        people.slow_down.begin(call.client, key_of(email))  # each request costs: a mail is an attempt, too
        user = await people.users.by_email(email)
        if user is not None:
            token, writes = people.links.making(RESET, RESET_MS, user_id=user.id)
            letter = people.letters.reset(people.letters.link(RESET_PAGE, token))
            mails = people.mail.writes([user.email], user.id, letter, people.clock.now_ms())
            await commit(people.store, Unit(keys=(user.id,), writes=(*writes, *mails)))
        return Answer(202, b"{}")

    async def use_reset(self, call: Call) -> Answer:
        """Set a new password by a link."""
        people = self._people
        body = _read(bodies.ResetPasswordBody, call)
        link = await people.links.find(body.token, RESET)
        user = (await people.users.named([link.user_id or ""])).get(link.user_id or "")
        if user is None:
            raise Problem("link_gone")
        hashed = await people.passwords.hash(passwords_.check(body.password, user.email))
        held = await people.credentials.of(user.id)
        account = await people.sign_in.account_of(user.id)
        by = people.sign_in.by(user.id, account, people.visit(call))
        guards, writes = people.credentials.setting_password(user.id, hashed, held.password, by)
        mails = people.mail.writes(
            [user.email], user.id, people.letters.password_changed(), people.clock.now_ms()
        )
        unit = Unit(
            keys=(user.id, link.hash),
            guards=(people.links.using(link), *guards),
            writes=(
                *writes,
                people.links.ending(user.id, RESET),
                people.links.ending(user.id, EMAIL),
                people.sessions.ending(user.id),
                *mails,
            ),
        )
        try:
            await commit(people.store, unit)
        except Lost:
            raise Problem("link_used") from None
        people.sessions.forget(user.id)
        return Answer(204, b"")

    # ------------------------------------------------------------ invitations

    async def show_invitation(self, call: Call) -> Answer:
        """Show what an invitation is for."""
        people = self._people
        invitation = await people.invitations.find(_read(bodies.InvitationToken, call).token)
        account = people.accounts.book.get(invitation.account_id)
        return _json(
            200,
            bodies.InvitationShown(
                email=invitation.email,
                account_name="" if account is None else account.name,
                role=invitation.role,
                user_exists=await people.users.by_email(invitation.email) is not None,
                expires_at=times.to_text(invitation.expires_at),
            ),
        )

    async def accept_invitation(self, call: Call) -> Answer:
        """Accept an invitation."""
        people = self._people
        body = _read(bodies.AcceptBody, call)
        # A new user gives a password, also in a browser in which somebody else is signed in.
        found = None if body.password is not None else await people.callers.session(call)
        if found is not None:
            user_id = found.session.user_id
            by = people.sign_in.by(user_id, found.session.account_id, people.visit(call))
            await people.invitations.accept_as(body.token, user_id, by)
            opened = await people.sessions.get(found.session.hash)
            return _json(201, await describe(people, call, opened, self._version))
        people.cookies.check(call)
        if body.password is None:
            invitation = await people.invitations.find(body.token)
            if await people.users.by_email(invitation.email) is not None:
                raise Problem("sign_in_first")
            raise Problem("missing_field", "A new user needs a `password`.", param="password")
        signed = await people.invitations.accept_as_new(
            body.token, body.name, body.password, people.visit(call)
        )
        return await self._entered(call, signed)

    async def _entered(self, call: Call, signed: SignedIn) -> Answer:
        """The answer to who has signed in: who they are, and the cookies."""
        opened = await self._people.sessions.get(signed.begun.session.hash)
        shown = await describe(self._people, call, opened, self._version)
        return _json(201, shown)._replace(headers=self._people.signed_in(signed))

    # ------------------------------------------------------------ the document

    def routes(self) -> openapi.Router:
        """The same routes for the document. The front answers these paths itself, because they need no key."""
        router = openapi.Router("sign-in", "/v1")
        router.describe(
            lambda: openapi.of_struct(
                bodies.SetupBody,
                bodies.SignInBody,
                bodies.ResetBody,
                bodies.ResetPasswordBody,
                bodies.InvitationToken,
                bodies.AcceptBody,
                bodies.SignInMethods,
                bodies.InvitationShown,
                bodies.PasskeyOptions,
                bodies.Me,
            )
        )
        for method, path, name, status, answer, body, about in _DOCUMENT:
            handler = self._handlers[method, f"/v1{path}"]
            _add(router, handler, method, path, name, status, answer, body, about)
        return router


def _add(
    router: APIRouter,
    handler: _Handler,
    method: str,
    path: str,
    name: str,
    status: int,
    answer: str,
    body: str,
    about: str,
) -> None:
    async def endpoint(request: Request) -> Response:
        return problems.response_of(await handler(request.scope[SCOPE_KEY]))

    shown = openapi.answers(status, answer, "Done.") if answer else {}
    router.add_api_route(
        path,
        endpoint,
        methods=[method],
        status_code=status,
        name=name,
        description=about,
        responses=shown,
        openapi_extra=openapi.json_body(body) if body else {},
        response_model=None,
    )


_DOCUMENT: Final = (
    ("GET", "/sign-in", "get_sign_in_methods", 200, "SignInMethods", "",
     "Tell how users sign in here.\n\nNeeds no key."),
    ("POST", "/setup", "set_up", 201, "Me", "SetupBody",
     "Make the first user, by the set-up link.\n\nThe first start prints the link; `onesixty setup-link` prints "
     "a new one. It counts once and ends after 24 hours. The user is an owner of the operator's account and is "
     "signed in. Needs no key."),
    ("POST", "/sessions", "sign_in", 201, "Me", "SignInBody",
     "Sign in.\n\nSets the session's cookie. A user with a second factor gets `second_factor_required` with the "
     "`methods` to choose from; repeat the request with one of them. Needs no key."),
    ("POST", "/sessions/passkey-options", "get_passkey_sign_in_options", 200, "PasskeyOptions", "",
     "Get the options of a passkey, for a sign-in or a fresh proof.\n\nThey count once, for ten minutes. Needs no "
     "key."),
    ("POST", "/password-resets", "ask_password_reset", 202, "", "ResetBody",
     "Send a user a link for a new password.\n\nThe answer is the same for unknown addresses. Needs a mail "
     "server, and no key."),
    ("POST", "/password-resets/use", "use_password_reset", 204, "", "ResetPasswordBody",
     "Set a new password by a link.\n\nAll sessions of the user end. Second factors stay. Needs no key."),
    ("POST", "/invitations/show", "show_invitation", 200, "InvitationShown", "InvitationToken",
     "Show what an invitation is for.\n\nNeeds no key."),
    ("POST", "/invitations/accept", "accept_invitation", 201, "Me", "AcceptBody",
     "Accept an invitation.\n\nA new user chooses a name and a password and is signed in. A user who exists signs in "
     "first, and sends no password. Needs no key."),
)  # fmt: skip


def _read(body: type[_T], call: Call) -> _T:
    found: _T = structs.read(_decoder(body).decode, call.body or b"{}")
    return found


@cache
def _decoder(body: type[_T]) -> msgspec.json.Decoder[_T]:
    return msgspec.json.Decoder(body)


def _json(status: int, shown: structs.Answer) -> Answer:
    return Answer(status, msgspec.json.encode(shown))
