"""`/v1/me` and `/v1/sessions`: who one is, one's sessions, and by what one proves who one is.

Rules kept here:
- a key may ask who it is; everything else is a person's;
- what changes how one signs in needs a fresh proof (`http.step_up`), and gives the session a new token;
- a second factor comes with recovery codes: the first one makes them.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Annotated, Final

import msgspec
from fastapi import Depends
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core import ids
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.http import openapi, structs
from onesixty.http.auth import Identified, reads
from onesixty.http.call import SCOPE_KEY, Answer, Call
from onesixty.http.problems import response_of
from onesixty.http.resource import by_of
from onesixty.http.scopes import Principal
from onesixty.http.structs import shown_fields
from onesixty.people import answers as bodies
from onesixty.people import passwords as passwords_
from onesixty.people.committing import commit
from onesixty.people.factors import passkeys, recovery, totp
from onesixty.people.links import CHALLENGE_MS, EMAIL
from onesixty.people.me import describe_key, describe_user
from onesixty.people.people import People
from onesixty.people.sessions import Open
from onesixty.people.sign_in import Given
from onesixty.people.tables import PASSKEY, PASSWORD, RECOVERY, TOTP, Credential
from onesixty.store.rows import By
from onesixty.store.units import Unit

#: The kinds of links for a TOTP secret and a passkey that are not confirmed yet.
_NEW_TOTP: Final = "totp"
_NEW_PASSKEY: Final = "passkey_new"

AnyCaller = Annotated[Principal, Depends(Identified())]
Person = Annotated[Principal, Depends(Identified(session=True))]

_step_up = msgspec.json.Decoder(bodies.StepUpBody).decode
_me = msgspec.json.Decoder(bodies.MeBody).decode
_password = msgspec.json.Decoder(bodies.ChangePasswordBody).decode
_totp = msgspec.json.Decoder(bodies.TotpBody).decode
_passkey = msgspec.json.Decoder(bodies.PasskeyBody).decode
_name = msgspec.json.Decoder(bodies.PasskeyName).decode


#: People whose request is judged by its body before they have to prove who they are.
Renaming = Annotated[Principal, Depends(Identified(session=True, judge=reads(_me)))]
NewPassword = Annotated[Principal, Depends(Identified(session=True, judge=reads(_password)))]
NewTotp = Annotated[Principal, Depends(Identified(session=True, judge=reads(_totp)))]
NewPasskey = Annotated[Principal, Depends(Identified(session=True, judge=reads(_passkey)))]
NamedPasskey = Annotated[Principal, Depends(Identified(session=True, judge=reads(_name)))]


class MeEndpoints:
    """The handlers."""

    def __init__(self, people: People, version: str) -> None:
        self._people = people
        self._version = version

    # ------------------------------------------------------------ who

    async def me(self, request: Request, caller: AnyCaller) -> Response:
        """Get who you are: the user or key, the account and mode in which you act, and what you may do there."""
        call = _call(request)
        if caller.session_id is None:
            return _answer(200, describe_key(self._people, call, caller, self._version))
        return await self._described(call, caller, await self._opened(call))

    async def list_managers(self, caller: Person) -> Response:
        """List some of those who can give you another role in the account: at most three, owners first.

        In an account below your own, these are people of your own account, because your role there counts.
        """
        found = await self._people.users.managers(caller.home or caller.account_id, caller.actor.id)
        return _answer(
            200, bodies.ManagerList(data=[bodies.Manager(name=name, role=role) for name, role in found])
        )

    async def change_me(self, request: Request, caller: Renaming) -> Response:
        """Change your name."""
        call = _call(request)
        body = structs.read(_me, call.body)
        rows = self._people.users.rows
        await rows.amend(caller.actor.id, lambda user: replace(user, name=body.name), by=by_of(call, caller))
        self._people.sessions.forget(caller.actor.id)
        return await self._described(call, caller, await self._opened(call))

    async def step_up(self, request: Request, caller: Person) -> Response:
        """Prove again who you are, by password or passkey.

        For 15 minutes, the session may then do what otherwise gets `reauthenticate`. It gets a new cookie.
        """
        call = _call(request)
        body = structs.read(_step_up, call.body)
        if (body.password is None) == (body.passkey is None):
            raise Problem("invalid_field", "Give either `password` or `passkey`.", param="password")
        found = await self._opened(call)
        given = Given(password=body.password or "", passkey=body.passkey)
        method = await self._people.sign_in.fresh(caller.actor.id, given, self._people.visit(call))
        return await self._renewed(call, caller, found, method)

    async def set_password(self, request: Request, caller: NewPassword) -> Response:
        """Change your password, or set a first one.

        Your other sessions end.
        """
        people, call = self._people, _call(request)
        body = structs.read(_password, call.body)
        found = await self._opened(call)
        held = await people.credentials.of(caller.actor.id)
        if held.password is not None:
            if body.password is None:
                raise Problem("missing_field", "Give your present password.", param="password")
            await people.sign_in.fresh(caller.actor.id, Given(password=body.password), people.visit(call))
        checked = passwords_.check(body.new_password, found.email, "new_password")
        hashed = await people.passwords.hash(checked)
        by = by_of(call, caller)
        guards, writes = people.credentials.setting_password(caller.actor.id, hashed, held.password, by)
        letter = people.letters.password_changed()
        writes += people.mail.writes([found.email], caller.actor.id, letter, people.clock.now_ms())
        writes += [
            people.links.ending(caller.actor.id, EMAIL),
            people.sessions.ending(caller.actor.id, but=found.session.id),
        ]
        await self._commit(caller, guards, writes)
        return await self._renewed(call, caller, found, PASSWORD)

    # ------------------------------------------------------------ sessions

    async def list_sessions(self, caller: Person) -> Response:
        """List your open sessions, newest first."""
        people = self._people
        found = await people.sessions.of_user(caller.actor.id)
        now = people.clock.now_ms()
        views = [bodies.session_view(session, caller.session_id, now) for session in found]
        return _answer(200, bodies.SessionList(data=views))

    async def end_session(self, request: Request, caller: Person, id: str) -> Response:  # noqa: A002
        """End one of your sessions. `current` is the one of this request: sign out."""
        people, call = self._people, _call(request)
        wanted = caller.session_id if id == "current" else id
        session = await people.sessions.rows.find(wanted or "")
        if session is None or session.user_id != caller.actor.id:
            raise people.sessions.rows.missing()
        await people.sessions.end(session, by_of(call, caller))
        gone = people.signed_out() if session.id == caller.session_id else ()
        return response_of(Answer(204, b"", headers=gone))

    async def end_sessions(self, request: Request, caller: Person) -> Response:
        """End all your sessions, also this one: sign out everywhere."""
        people, call = self._people, _call(request)
        found = await self._opened(call)
        await people.sessions.end_all(caller.actor.id, found.email, by_of(call, caller))
        return response_of(Answer(204, b"", headers=people.signed_out()))

    # ------------------------------------------------------------ TOTP and recovery codes

    async def begin_totp(self, request: Request, caller: Person) -> Response:
        """Get a secret for an app that makes one-time codes (TOTP), as text and as a QR code.

        It counts once you confirm it with a code, within ten minutes.
        """
        people, found = self._people, await self._opened(_call(request))
        secret = totp.new_secret(people.entropy)
        token = await people.links.make(_NEW_TOTP, CHALLENGE_MS, user_id=caller.actor.id, data=secret)
        uri = totp.uri(secret, found.email, people.cookies.site.name or totp.ISSUER)
        return _answer(200, bodies.TotpBegun(token=token, secret=secret, uri=uri, svg=totp.svg(uri)))

    async def confirm_totp(self, request: Request, caller: NewTotp) -> Response:
        """Turn on one-time codes with the first code of your app.

        A code of an app that was set up before no longer counts.
        """
        people, call = self._people, _call(request)
        body = structs.read(_totp, call.body)
        attempt = people.slow_down.begin(call.client, device=caller.actor.id)
        link = await people.links.find(body.token, _NEW_TOTP)
        step = totp.step_of(link.data, body.code, people.clock.now_ms())
        if link.user_id != caller.actor.id or step is None:
            raise Problem("code_refused", param="code")
        people.slow_down.right(attempt)
        held = await people.credentials.of(caller.actor.id)
        by = by_of(call, caller)
        rows = people.credentials.rows
        guards, writes = [people.links.using(link)], []
        if held.totp is None:
            made = people.credentials.new(caller.actor.id, TOTP, link.data, counter=step)
            writes += rows.inserting(made, by=by)
        else:
            guard, further = rows.updating(
                held.totp, replace(held.totp, secret=link.data, counter=step), by=by
            )
            guards.append(guard)
            writes += further
        codes = self._first_codes(caller.actor.id, held.recovery, writes, by)
        await self._commit(caller, guards, writes)
        return _answer(200, bodies.RecoveryCodes(recovery_codes=codes))

    async def remove_totp(self, request: Request, caller: Person) -> Response:
        """Turn off one-time codes."""
        held = await self._people.credentials.of(caller.actor.id)
        if held.totp is None:
            raise Problem("not_found", "One-time codes are off.")
        await self._remove(_call(request), caller, held.totp, last=not held.passkeys)
        return response_of(Answer(204, b""))

    async def new_recovery_codes(self, request: Request, caller: Person) -> Response:
        """Make ten new recovery codes. Those before no longer count."""
        call = _call(request)
        held = await self._people.credentials.of(caller.actor.id)
        if not held.second_factor:
            raise Problem("conflict", "Recovery codes stand in for a second factor: set one up first.")
        writes: list[Write] = []
        by = by_of(call, caller)
        guards = []
        for code in held.recovery:
            guard, further = self._people.credentials.rows.removing(code, by=by)
            guards.append(guard)
            writes += further
        codes = self._first_codes(caller.actor.id, [], writes, by)
        await self._commit(caller, guards, writes)
        return _answer(201, bodies.RecoveryCodes(recovery_codes=codes))

    # ------------------------------------------------------------ passkeys

    async def list_passkeys(self, caller: Person) -> Response:
        """List your passkeys."""
        held = await self._people.credentials.of(caller.actor.id)
        views = [_passkey_view(credential) for credential in held.passkeys]
        return _answer(200, bodies.PasskeyList(data=views))

    async def passkey_options(self, request: Request, caller: Person) -> Response:
        """Get the options of a new passkey. They count once, for ten minutes."""
        people = self._people
        passkeys.check_possible(people.cookies.site)
        held = await people.credentials.of(caller.actor.id)
        if len(held.passkeys) >= passkeys.MOST:
            raise Problem("conflict", f"A user has at most {passkeys.MOST} passkeys.")
        user = await people.users.of_session(caller.actor.id)
        token = await people.links.make(_NEW_PASSKEY, CHALLENGE_MS, user_id=user.id)
        options = passkeys.registration_options(people.cookies.site, user, token, held.passkeys)
        return _answer(200, bodies.PasskeyOptions(options=options))

    async def add_passkey(self, request: Request, caller: NewPasskey) -> Response:
        """Register a passkey that your browser made."""
        people, call = self._people, _call(request)
        body = structs.read(_passkey, call.body)
        token = passkeys.challenge_of(body.credential)
        link = await people.links.find(token, _NEW_PASSKEY)
        if link.user_id != caller.actor.id:
            raise Problem("link_gone")
        made = passkeys.register(people.cookies.site, token, body.credential)
        if await people.credentials.passkey(made.handle) is not None:
            raise Problem("conflict", "This passkey is registered already.", param="credential")
        held = await people.credentials.of(caller.actor.id)
        credential = people.credentials.new(
            caller.actor.id,
            PASSKEY,
            made.public_key,
            name=body.name,
            handle=made.handle,
            counter=made.counter,
            transports=made.transports,
        )
        by = by_of(call, caller)
        writes = people.credentials.rows.inserting(credential, by=by)
        codes = self._first_codes(caller.actor.id, held.recovery, writes, by)
        await self._commit(caller, [people.links.using(link)], writes)
        view = bodies.PasskeyMade(recovery_codes=codes, **msgspec.structs.asdict(_passkey_view(credential)))
        return _answer(201, view)

    async def name_passkey(self, request: Request, caller: NamedPasskey, id: str) -> Response:  # noqa: A002
        """Change the name of a passkey."""
        call = _call(request)
        body = structs.read(_name, call.body)
        credential = await self._own_passkey(caller, id)
        after = replace(credential, name=body.name)
        row = await self._people.credentials.rows.change(credential, after, by=by_of(call, caller))
        return _answer(200, _passkey_view(row))

    async def remove_passkey(self, request: Request, caller: Person, id: str) -> Response:  # noqa: A002
        """Remove a passkey."""
        credential = await self._own_passkey(caller, id)
        held = await self._people.credentials.of(caller.actor.id)
        last = held.totp is None and len(held.passkeys) == 1
        await self._remove(_call(request), caller, credential, last=last)
        return response_of(Answer(204, b""))

    async def _own_passkey(self, caller: Principal, key: str) -> Credential:
        found = await self._people.credentials.rows.find(key) if ids.is_id(ids.CREDENTIAL, key) else None
        if found is None or found.user_id != caller.actor.id or found.kind != PASSKEY:
            raise Problem("not_found", "Passkey not found.")
        return found

    # ------------------------------------------------------------ helpers

    def _first_codes(
        self, user_id: str, present: list[Credential], writes: list[Write], by: By
    ) -> list[str] | None:
        """Add recovery codes to `writes` unless there are some. Returns them."""
        if present:
            return None
        codes = recovery.new_codes(self._people.entropy)
        rows = self._people.credentials
        for code in codes:
            writes += rows.rows.inserting(rows.new(user_id, RECOVERY, recovery.stored(code)), by=by)
        return codes

    async def _remove(self, call: Call, caller: Principal, credential: Credential, *, last: bool) -> None:
        """Remove a second factor, and the recovery codes with the last one."""
        rows = self._people.credentials
        guard, writes = rows.rows.removing(credential, by=by_of(call, caller))
        if last:
            writes.append(rows.dropping(caller.actor.id, RECOVERY))
        await self._commit(caller, [guard], writes)

    async def _commit(self, caller: Principal, guards: list[Write], writes: list[Write]) -> None:
        unit = Unit(keys=(caller.actor.id,), guards=tuple(guards), writes=tuple(writes))
        await commit(self._people.store, unit)
        self._people.sessions.forget(caller.actor.id)

    async def _opened(self, call: Call) -> Open:
        found = await self._people.callers.session(call)
        if found is None:
            raise Problem("session_needed")
        return found

    async def _renewed(self, call: Call, caller: Principal, found: Open, method: str) -> Response:
        """The answer with a new token of the session."""
        people = self._people
        session = await people.sessions.rows.get(found.session.id)
        begun = await people.sessions.renew(session, method, by_of(call, caller))
        opened = await people.sessions.get(begun.session.hash)
        return await self._described(call, caller, opened, people.renewed(begun))

    async def _described(
        self, call: Call, caller: Principal, found: Open, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> Response:
        shown = await describe_user(self._people, call, found, caller, self._version)
        return response_of(Answer(200, msgspec.json.encode(shown), headers=headers))

    # ------------------------------------------------------------ the routes

    def routes(self) -> openapi.Router:
        """The router."""
        router = openapi.Router("users", "/v1")
        router.describe(
            lambda: openapi.of_struct(
                bodies.Me,
                bodies.MeBody,
                bodies.ManagerList,
                bodies.StepUpBody,
                bodies.ChangePasswordBody,
                bodies.SessionList,
                bodies.TotpBegun,
                bodies.TotpBody,
                bodies.RecoveryCodes,
                bodies.PasskeyList,
                bodies.PasskeyBody,
                bodies.PasskeyMade,
                bodies.PasskeyName,
                bodies.PasskeyView,
                bodies.PasskeyOptions,
            )
        )
        for method, path, name, handler, status, answer, body in (
            ("GET", "/me", "get_me", self.me, 200, "Me", ""),
            ("PATCH", "/me", "change_me", self.change_me, 200, "Me", "MeBody"),
            ("GET", "/me/managers", "list_managers", self.list_managers, 200, "ManagerList", ""),
            ("POST", "/me/step-up", "step_up", self.step_up, 200, "Me", "StepUpBody"),
            ("POST", "/me/password", "change_password", self.set_password, 200, "Me", "ChangePasswordBody"),
            ("POST", "/me/totp", "begin_totp", self.begin_totp, 200, "TotpBegun", ""),
            ("POST", "/me/totp/confirm", "confirm_totp", self.confirm_totp, 200, "RecoveryCodes", "TotpBody"),
            ("DELETE", "/me/totp", "remove_totp", self.remove_totp, 204, "", ""),
            ("POST", "/me/recovery-codes", "create_recovery_codes", self.new_recovery_codes, 201,
             "RecoveryCodes", ""),
            ("GET", "/me/passkeys", "list_passkeys", self.list_passkeys, 200, "PasskeyList", ""),
            ("POST", "/me/passkeys/options", "get_passkey_options", self.passkey_options, 200, "PasskeyOptions", ""),
            ("POST", "/me/passkeys", "add_passkey", self.add_passkey, 201, "PasskeyMade", "PasskeyBody"),
            ("PATCH", "/me/passkeys/{id}", "rename_passkey", self.name_passkey, 200, "PasskeyView",
             "PasskeyName"),
            ("DELETE", "/me/passkeys/{id}", "remove_passkey", self.remove_passkey, 204, "", ""),
            ("GET", "/sessions", "list_sessions", self.list_sessions, 200, "SessionList", ""),
            ("DELETE", "/sessions", "end_sessions", self.end_sessions, 204, "", ""),
            ("DELETE", "/sessions/{id}", "end_session", self.end_session, 204, "", ""),
        ):  # fmt: skip
            router.add_api_route(
                path,
                handler,
                methods=[method],
                status_code=status,
                name=name,
                description=cleandoc(handler.__doc__ or ""),
                responses=openapi.answers(status, answer, "Done.") if answer else {},
                openapi_extra=openapi.json_body(body) if body else {},
                response_model=None,
            )
        return router


def _call(request: Request) -> Call:
    call: Call = request.scope[SCOPE_KEY]
    return call


def _answer(status: int, shown: structs.Answer) -> Response:
    return response_of(Answer(status, msgspec.json.encode(shown)))


def _passkey_view(credential: Credential) -> bodies.PasskeyView:
    return bodies.PasskeyView(**shown_fields(bodies.PasskeyView, credential))
