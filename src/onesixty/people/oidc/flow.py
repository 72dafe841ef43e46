"""There and back again: the code flow with PKCE, and which user comes back.

Rules kept here:
- state, nonce and verifier are in the database (`people.links`, sealed), count once and end after ten minutes. The
  browser that began carries a cookie that the state names: so nobody finishes in another browser what they began;
- the redirect URI is made of the public URL alone;
- a user is known by issuer and subject, and by nothing else. An identity that is new is linked to the user who is
  signed in, or to the user of a confirmed address if the provider says that the address is verified *and* the setting
  allows it; or it becomes a new user, if its groups or an invitation give it a role. Nobody becomes an owner by being
  first;
- memberships that the table of groups gave follow it at each sign-in, and go with the last group; the last one takes
  the user with it (`people.users`). A last owner stays, but comes in by another way until a group is back.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Coroutine
from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec
import structlog

from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.people.committing import commit
from onesixty.people.emails import checked, key_of
from onesixty.people.oidc import groups as groups_
from onesixty.people.oidc.config import CALLBACK, LINK, STEP_UP
from onesixty.people.oidc.provider import Provider
from onesixty.people.oidc.tokens import claims_of, with_userinfo
from onesixty.people.people import People
from onesixty.people.sessions import Begun, Open
from onesixty.people.sign_in import SignedIn, Visit
from onesixty.people.tables import IDENTITIES, OIDC, Identity, Invitation, Membership, User
from onesixty.people.tokens import LONGEST, hash_of, new_token
from onesixty.store.rows import By, Lost
from onesixty.store.units import Unit

STATE: Final = "oidc"
STATE_MS: Final = 600_000


class _State(msgspec.Struct):
    """What is kept of a way to the provider."""

    purpose: str
    nonce: str
    verifier: str
    browser: str
    return_to: str
    session_id: str | None = None
    invitation: str | None = None


class Way(NamedTuple):
    """The way to the provider: where the browser goes, and the value of its cookie."""

    url: str
    browser: str


class Back(NamedTuple):
    """Somebody came back: where the browser goes now. Either a session began, or the present one goes on."""

    return_to: str
    signed: SignedIn | None = None
    renewed: Begun | None = None


class Flow:
    """Sign-in at the provider of the settings."""

    def __init__(self, people: People, provider: Provider) -> None:
        self._people = people
        self._provider = provider
        self._log = structlog.get_logger("onesixty.people")

    @property
    def _redirect_uri(self) -> str:
        return f"{self._people.options.effective_url}{CALLBACK}"

    async def begin(self, purpose: str, return_to: str, found: Open | None, invitation: str | None) -> Way:
        """Begin. `found` is the session of who links an identity or proves anew who they are. Raises Problem."""
        document, config = await self._provider.document(), self._provider.config
        entropy = self._people.entropy
        state = _State(
            purpose=purpose,
            nonce=new_token(entropy),
            verifier=new_token(entropy),
            browser=new_token(entropy),
            return_to=return_to,
            session_id=None if found is None else found.session.id,
            invitation=None if invitation is None else hash_of(invitation[:LONGEST]),
        )
        kept = msgspec.structs.replace(state, browser=hash_of(state.browser))
        user_id = None if found is None else found.session.user_id
        data = msgspec.json.encode(kept).decode()
        token = await self._people.links.make(STATE, STATE_MS, user_id=user_id, data=data)
        challenge = base64.urlsafe_b64encode(sha256(state.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": config.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": config.scopes,
            "state": token,
            "nonce": state.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if purpose == STEP_UP:
            query |= {"prompt": "login", "max_age": "0"}
        separator = "&" if "?" in document.authorization_endpoint else "?"
        return Way(f"{document.authorization_endpoint}{separator}{urlencode(query)}", state.browser)

    async def finish(self, query: dict[str, str], browser: str | None, visit: Visit) -> Back:
        """Finish what the browser began, with the query that the provider sent it back with. Raises Problem."""
        link = await self._people.links.use(query.get("state", ""), STATE)
        state = msgspec.json.decode(link.data, type=_State)
        if browser is None or not hmac.compare_digest(hash_of(browser[:LONGEST]), state.browser):
            raise Problem("oidc_refused", "Another browser began this sign-in. Begin again.")
        issuer = query.get("iss")
        if issuer is not None and issuer != self._provider.config.issuer:  # RFC 9207
            raise Problem("oidc_refused", "The answer is from another identity provider.")
        if "error" in query:
            raise Problem("oidc_refused", f"The identity provider refused ({query['error'][:60]}).")
        answered = await self._provider.redeem(query.get("code", ""), self._redirect_uri, state.verifier)
        claims = await claims_of(self._provider, answered, state.nonce, self._people.clock.now_ms())
        config = self._provider.config
        if (config.roles and not groups_.said(claims, config.role_claim)) or "email" not in claims:
            claims = with_userinfo(claims, await self._provider.userinfo(answered.access_token))
        try:
            return await self._arrive(state, claims, visit)
        except Problem as problem:
            await self._people.watcher.refused(visit, None, OIDC, problem.code, _email_of(claims) or "")
            raise

    async def _arrive(self, state: _State, claims: dict[str, Any], visit: Visit) -> Back:
        identity = await self._identity(claims["sub"])
        if state.purpose in (LINK, STEP_UP):
            return await self._to_session(state, identity, claims, visit)
        if identity is not None:
            user = (await self._people.users.named([identity.user_id])).get(identity.user_id)
            if user is None:
                raise Problem("oidc_refused", "The user of this identity was removed.")
            return Back(state.return_to, await self._enter(user, identity, claims, visit))
        if state.invitation is not None:
            return Back(state.return_to, await self._invited(state.invitation, claims, visit))
        return Back(state.return_to, await self._unknown(claims, visit))

    # ------------------------------------------------------------ who it is

    async def _identity(self, subject: str) -> Identity | None:
        rows = await self._people.store.fetch(
            "identity_find", issuer=self._provider.config.issuer, subject=subject
        )
        return IDENTITIES.read(rows[0]) if rows else None

    async def _unknown(self, claims: dict[str, Any], visit: Visit) -> SignedIn:
        """An identity that is seen for the first time. Raises Problem."""
        email = _email_of(claims)
        user = None if email is None else await self._people.users.by_email(email)
        if user is not None:
            verified = claims.get("email_verified") is True
            if not (self._provider.config.link_by_email and verified and user.email_confirmed):
                raise Problem(
                    "oidc_refused",
                    "A user with this address exists. Sign in with the password, and link the provider there.",
                )
            return await self._enter(user, None, claims, visit)
        roles = self._roles(claims)
        if not roles or email is None:
            what = "no address" if email is None else "no group that has a role here"
            raise Problem("oidc_refused", f"The identity provider says {what}. Ask for an invitation.")
        user = self._people.users.new(email, _name_of(claims), confirmed=claims.get("email_verified") is True)
        memberships = [
            self._people.users.new_membership(user.id, account, role, managed=True)
            for account, role in roles.items()
        ]
        return await self._make(user, memberships, claims, visit)

    async def _invited(self, token_hash: str, claims: dict[str, Any], visit: Visit) -> SignedIn:
        """A new user by an invitation, who signs in at the provider. Raises Problem."""
        people = self._people
        invitation: Invitation = await people.invitations.find_hashed(token_hash)
        if await people.users.by_email(invitation.email) is not None:
            raise Problem("sign_in_first")
        user = people.users.new(invitation.email, _name_of(claims), confirmed=invitation.mailed)
        membership = people.users.new_membership(user.id, invitation.account_id, invitation.role)
        by = people.sign_in.by(user.id, invitation.account_id, visit)
        guard, writes = people.invitations.accepting(invitation, user, by)
        return await self._make(user, [membership], claims, visit, guards=(guard,), writes=tuple(writes))

    async def _make(
        self,
        user: User,
        memberships: list[Membership],
        claims: dict[str, Any],
        visit: Visit,
        *,
        guards: tuple[Write, ...] = (),
        writes: tuple[Write, ...] = (),
    ) -> SignedIn:
        people = self._people
        by = people.sign_in.by(user.id, memberships[0].account_id, visit)
        made = people.users.making(user, memberships[0], by)
        for membership in memberships[1:]:
            made += people.users.joining(membership, by)
        made += people.identities.inserting(self._new_identity(user, claims), by=by)
        try:
            return await people.sign_in.begin(
                user,
                OIDC,
                visit,
                guards=guards,
                writes=(*writes, *made),
                memberships=memberships,
                fresh=self._is_fresh(claims),
            )
        except Lost:
            raise Problem("invitation_used") from None

    async def _enter(
        self, user: User, identity: Identity | None, claims: dict[str, Any], visit: Visit
    ) -> SignedIn:
        """Sign in a user who exists; with a new identity if there is none yet."""
        people = self._people
        await self._follow_groups(user, claims, visit)
        memberships = await people.users.memberships_of(user.id)
        if not memberships:
            raise Problem("oidc_refused", "The identity provider says no group that has a role here.")
        by = people.sign_in.by(user.id, memberships[0].account_id, visit)
        if identity is None:
            writes = people.identities.inserting(self._new_identity(user, claims), by=by)
        else:
            writes = [("identity_used", (identity.id, _email_of(claims) or "", people.clock.now_ms()))]
        return await people.sign_in.begin(
            user,
            OIDC,
            visit,
            writes=tuple(writes),
            memberships=memberships,
            fresh=self._is_fresh(claims),
        )

    def _new_identity(self, user: User, claims: dict[str, Any]) -> Identity:
        now = self._people.clock.now_ms()
        return Identity(
            id=self._people.identities.new_id(),
            user_id=user.id,
            issuer=self._provider.config.issuer,
            subject=claims["sub"],
            email=_email_of(claims) or "",
            last_used_at=now,
            created_at=now,
        )

    # ------------------------------------------------------------ groups

    def _roles(self, claims: dict[str, Any]) -> dict[str, str]:
        config, accounts = self._provider.config, self._people.accounts
        said = groups_.said(claims, config.role_claim)
        return groups_.wanted(config.roles, said, accounts.operator().id, accounts.book.keys())

    async def _follow_groups(self, user: User, claims: dict[str, Any], visit: Visit) -> None:
        """Make the managed memberships of a user as the groups say."""
        if not self._provider.config.roles:
            return
        people = self._people
        present = await people.users.memberships_of(user.id)
        join, change, remove = groups_.differences(self._roles(claims), present)
        for account, role in join.items():
            by = people.sign_in.by(user.id, account, visit)
            membership = people.users.new_membership(user.id, account, role, managed=True)
            unit = Unit(
                keys=(user.id,),
                guards=(people.users.touching(user),),
                writes=tuple(people.users.joining(membership, by)),
            )
            await commit(people.store, unit)
            user = (await people.users.named([user.id]))[user.id]
        for membership, role in change:
            by = people.sign_in.by(user.id, membership.account_id, visit)
            await self._unless_last(people.users.give_role(membership, role, by, managed=True), user)
        kept = 0
        for membership in remove:
            by = people.sign_in.by(user.id, membership.account_id, visit)
            kept += not await self._unless_last(people.users.remove(membership, by), user)
        people.users.forget(user.id)
        if remove and len(present) + len(join) <= len(remove):
            if kept:  # with the password or passkey of the last owner, but not by this way
                by = people.sign_in.by(user.id, remove[0].account_id, visit)
                await people.sessions.end_all(user.id, user.email, by)
            raise Problem("oidc_refused", "The identity provider says no group that has a role here.")

    async def _unless_last(self, change: Coroutine[Any, Any, object], user: User) -> bool:
        """Whether the change was made: a last owner stays, whatever the provider says."""
        try:
            await change
            return True
        except Problem as problem:
            if problem.code != "last_owner":
                raise
            self._log.warning("last_owner_kept", user=user.id)
            return False

    # ------------------------------------------------------------ a session that goes on

    async def _to_session(
        self, state: _State, identity: Identity | None, claims: dict[str, Any], visit: Visit
    ) -> Back:
        people = self._people
        session = await people.sessions.rows.find(state.session_id or "")
        if session is None or session.ended_at is not None:
            raise Problem("session_ended")
        by = people.sign_in.by(session.user_id, session.account_id, visit)
        if identity is not None and identity.user_id != session.user_id:
            raise Problem("oidc_refused", "This identity belongs to another user.")
        if state.purpose == STEP_UP:
            if identity is None:
                raise Problem("oidc_refused", "This identity is not linked to your user.")
            self._check_recent(claims)
        elif identity is None:
            await self._add_identity(session.user_id, claims, by)
        return Back(state.return_to, renewed=await people.sessions.renew(session, OIDC, by))

    async def _add_identity(self, user_id: str, claims: dict[str, Any], by: By) -> None:
        user = await self._people.users.of_session(user_id)
        await self._people.identities.add(self._new_identity(user, claims), by=by)

    def _is_fresh(self, claims: dict[str, Any]) -> bool:
        """Whether the provider says that the user gave a proof just now. Its session may be old, so one that does not
        say when (`auth_time`) counts as old, too."""
        at = claims.get("auth_time")
        now = self._people.clock.now_ms() // 1000
        return isinstance(at, int | float) and now - 600 <= at <= now + 60

    def _check_recent(self, claims: dict[str, Any]) -> None:
        """Whether the provider asked for a proof just now, as it was told to (`max_age`)."""
        if not self._is_fresh(claims):
            raise Problem("oidc_refused", "The identity provider did not ask you to sign in again.")


def _email_of(claims: dict[str, Any]) -> str | None:
    """The address, if the provider says one that can be."""
    email = claims.get("email")
    try:
        return checked(email) if isinstance(email, str) and key_of(email) else None
    except Problem:
        return None


def _name_of(claims: dict[str, Any]) -> str:
    name = claims.get("name")
    return name[:100] if isinstance(name, str) else ""
