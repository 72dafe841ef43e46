"""The way in: who asks for a session proves who they are, by each method.

Rules kept here:
- a wrong address, a wrong password and a wrong code get one text (`sign_in_refused`), after the same work;
- a user who has a second factor (TOTP or a passkey) gives one after the password: a code, a recovery code or a
  passkey. A passkey whose authenticator verified its user needs no password;
- what counts once (a code, a recovery code, a challenge) is used in the unit that begins the session;
- a session begins in an account of the user: the one asked for, or the oldest membership;
- who guesses is slowed down (`people.slow_down`) before anything is hashed.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, Protocol

from onesixty.accounts import Accounts
from onesixty.core.actor import Actor
from onesixty.core.clock import Clock
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.http.scopes import OWNER
from onesixty.people import acts
from onesixty.people import passwords as passwords_
from onesixty.people.committing import commit
from onesixty.people.cookies import Site
from onesixty.people.credentials import Credentials, Held
from onesixty.people.devices import Devices
from onesixty.people.emails import key_of
from onesixty.people.factors import passkeys, recovery, totp
from onesixty.people.links import CHALLENGE_MS, Links
from onesixty.people.passwords import Passwords
from onesixty.people.sessions import Begun, Sessions
from onesixty.people.slow_down import SlowDown
from onesixty.people.tables import PASSKEY, PASSWORD, RECOVERY, TOTP, Credential, Membership, User
from onesixty.people.users import Users
from onesixty.store.contract import Store
from onesixty.store.notes import Notes
from onesixty.store.rows import By, Lost
from onesixty.store.units import Unit

#: The kind of links that are challenges for passkeys that exist.
CHALLENGE: Final = "passkey"
#: Who may sign in with a password (the setting `password_sign_in`).
EVERYONE: Final = "everyone"
OWNERS: Final = "owners"

_NOTHING: Final = Held(None, None, [], [])


class Visit(NamedTuple):
    """Where a request to sign in comes from."""

    address: str
    agent: str = ""
    #: The cookie of a browser that was used before.
    device: str | None = None
    request_id: str = ""


class Given(NamedTuple):
    """What somebody gave to prove who they are."""

    email: str = ""
    password: str = ""
    code: str | None = None
    recovery_code: str | None = None
    passkey: dict[str, Any] | None = None


class SignedIn(NamedTuple):
    """A session that has begun, and the cookie by which this browser is known from now on."""

    begun: Begun
    device: str


class _Proof(NamedTuple):
    """What proved who somebody is: the method of the session, and what the unit of the session has to use."""

    method: str
    guards: list[Write]
    #: How many recovery codes are left after one was used.
    codes_left: int | None = None


class Watcher(Protocol):
    """Hears of what happens at the door: for metrics, mails, and notes of refusals. `email` is the address as it was
    given."""

    async def refused(
        self, visit: Visit, user: User | None, method: str, code: str, email: str = ""
    ) -> None: ...

    async def signed_in(self, user: User, method: str) -> None: ...

    async def recovery_used(self, user: User, left: int) -> None: ...


class NoWatcher:
    """Where nobody watches, as in commands."""

    async def refused(self, visit: Visit, user: User | None, method: str, code: str, email: str = "") -> None:
        """See Watcher."""

    async def signed_in(self, user: User, method: str) -> None:
        """See Watcher."""

    async def recovery_used(self, user: User, left: int) -> None:
        """See Watcher."""


class SignIn:
    """Begins sessions."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        site: Site,
        accounts: Accounts,
        users: Users,
        credentials: Credentials,
        sessions: Sessions,
        links: Links,
        passwords: Passwords,
        slow_down: SlowDown,
        devices: Devices,
        watcher: Watcher,
        notes: Notes,
        password_sign_in: str = EVERYONE,
    ) -> None:
        self._store = store
        self._clock = clock
        self._site = site
        self._accounts = accounts
        self._users = users
        self._credentials = credentials
        self._sessions = sessions
        self._links = links
        self._passwords = passwords
        self._slow_down = slow_down
        self._devices = devices
        self._watcher = watcher
        self._notes = notes
        self._password_sign_in = password_sign_in

    # ------------------------------------------------------------ methods

    async def by_password(self, given: Given, visit: Visit, account_id: str | None = None) -> SignedIn:
        """Begin a session by address and password, and a second factor if the user has one. Raises Problem."""
        user, proof = await self._proven(given, visit)
        await self._check_may_use_password(user, visit)
        return await self.begin(user, proof.method, visit, account_id, proof=proof)

    async def prove(self, given: Given, visit: Visit) -> User:
        """The user of an address, proven as for a session, without beginning one. Raises Problem."""
        user, proof = await self._proven(given, visit)
        await self._use(proof, visit, user)
        return user

    async def by_passkey(
        self, credential: dict[str, Any], visit: Visit, account_id: str | None = None
    ) -> SignedIn:
        """Begin a session by a passkey alone. Raises Problem."""
        passkeys.check_possible(self._site)
        attempt = self._slow_down.begin(visit.address)
        try:
            stored, asserted, guards = await self._assertion(credential)
        except Problem as problem:
            await self._watcher.refused(visit, None, PASSKEY, problem.code)
            raise
        self._slow_down.right(attempt)
        user = (await self._users.named([stored.user_id])).get(stored.user_id)
        if user is None:
            raise Problem("passkey_refused", "The passkey is not known here.")
        if not asserted.verified:
            await self._watcher.refused(visit, user, PASSKEY, "passkey_refused", user.email)
            raise Problem(
                "passkey_refused",
                "This passkey did not check who you are (by PIN, finger or face). Give your password as well.",
            )
        return await self.begin(user, PASSKEY, visit, account_id, proof=_Proof(PASSKEY, guards))

    async def challenge(self) -> dict[str, Any]:
        """The options of a passkey for a sign-in. They are the same for every address, known or not: the browser
        offers what it has for this site."""
        passkeys.check_possible(self._site)
        token = await self._links.make(CHALLENGE, CHALLENGE_MS)
        return passkeys.sign_in_options(self._site, token)

    # ------------------------------------------------------------ proofs

    async def _proven(self, given: Given, visit: Visit) -> tuple[User, _Proof]:
        user = await self._users.by_email(given.email)
        device = None if user is None else self._devices.name_of(visit.device, user.id)
        attempt = self._slow_down.begin(visit.address, key_of(given.email), device)
        held = await self._credentials.of("" if user is None else user.id)
        stored = None if held.password is None else held.password.secret
        if not await self._passwords.matches(stored, given.password) or user is None:
            await self._watcher.refused(visit, user, PASSWORD, "sign_in_refused", given.email)
            raise Problem("sign_in_refused")
        assert held.password is not None
        try:
            proof = await self._second(held, given)
        except Problem as problem:
            if problem.code == "second_factor_required":
                self._slow_down.right(attempt)
            else:
                await self._watcher.refused(visit, user, TOTP, problem.code, given.email)
            raise
        self._slow_down.right(attempt)
        await self._hash_anew(user, held.password, given.password)
        return user, proof

    async def _second(self, held: Held, given: Given) -> _Proof:
        """The second factor, if the user has one. Raises Problem."""
        if not held.second_factor:
            return _Proof(PASSWORD, [])
        if given.passkey is not None and held.passkeys:
            stored, _, guards = await self._assertion(given.passkey)
            if stored.user_id != held.passkeys[0].user_id:
                raise Problem("sign_in_refused")
            return _Proof(PASSKEY, guards)
        if given.code is not None and held.totp is not None:
            step = totp.step_of(held.totp.secret, given.code, self._clock.now_ms())
            if step is None or step <= held.totp.counter:
                raise Problem("sign_in_refused")
            return _Proof(TOTP, [self._credentials.using(held.totp, step)])
        if given.recovery_code is not None:
            code = recovery.find(held.recovery, given.recovery_code)
            if code is None:
                raise Problem("sign_in_refused")
            guard, _ = self._credentials.rows.removing(code)
            return _Proof(RECOVERY, [guard], codes_left=len(held.recovery) - 1)
        raise Problem("second_factor_required", extra={"methods": held.methods})

    async def _assertion(
        self, credential: dict[str, Any]
    ) -> tuple[Credential, passkeys.Asserted, list[Write]]:
        """Check a passkey: its credential, and the guards that use its challenge and its count. Raises Problem."""
        token = passkeys.challenge_of(credential)
        link = await self._links.find(token, CHALLENGE)
        stored = await self._credentials.passkey(passkeys.handle_of(credential))
        if stored is None or passkeys.user_of(credential) not in (None, stored.user_id):
            raise Problem("passkey_refused", "The passkey is not known here.")
        asserted = passkeys.check(self._site, token, stored, credential)
        return stored, asserted, [
            self._links.using(link),
            self._credentials.using(stored, asserted.counter),
        ]  # fmt: skip

    async def fresh(self, user_id: str, given: Given, visit: Visit) -> str:
        """Check a password or a passkey of a signed-in user. Returns the method. Raises Problem."""
        if given.passkey is not None:
            attempt = self._slow_down.begin(visit.address)
            stored, _, guards = await self._assertion(given.passkey)
            if stored.user_id != user_id:
                raise Problem("passkey_refused", "This passkey is another user's.")
            self._slow_down.right(attempt)
            await self._commit_proof(Unit(keys=(user_id,), guards=tuple(guards)))
            return PASSKEY
        user = await self._users.of_session(user_id)
        device = self._devices.name_of(visit.device, user_id)
        attempt = self._slow_down.begin(visit.address, user.email_key, device or user_id)
        held = await self._credentials.of(user_id)
        stored_hash = None if held.password is None else held.password.secret
        if not await self._passwords.matches(stored_hash, given.password):
            await self._watcher.refused(visit, user, PASSWORD, "sign_in_refused", user.email)
            raise Problem("sign_in_refused", param="password")
        self._slow_down.right(attempt)
        return PASSWORD

    async def _check_may_use_password(self, user: User, visit: Visit) -> None:
        if self._password_sign_in == EVERYONE:
            return
        operator = self._accounts.operator().id
        for membership in await self._users.memberships_of(user.id):
            if membership.account_id == operator and membership.role == OWNER:
                return
        await self._watcher.refused(visit, user, PASSWORD, "password_sign_in_off", user.email)
        raise Problem("password_sign_in_off")

    async def _hash_anew(self, user: User, stored: Credential, password: str) -> None:
        """Store a password again whose hash has another cost than new ones."""
        if not self._passwords.outdated(stored.secret):
            return
        hashed = await self._passwords.hash(passwords_.normal(password))
        guards, _ = self._credentials.setting_password(
            user.id, hashed, stored, None
        )  # for no log: nothing changed
        await self._store.commit([Unit(keys=(stored.id,), guards=tuple(guards))])

    # ------------------------------------------------------------ sessions

    async def begin(
        self,
        user: User,
        method: str,
        visit: Visit,
        account_id: str | None = None,
        *,
        proof: _Proof | None = None,
        guards: tuple[Write, ...] = (),
        writes: tuple[Write, ...] = (),
        memberships: list[Membership] | None = None,
        fresh: bool = True,
    ) -> SignedIn:
        """Begin a session of a user who is proven. `guards` and `writes` are of its unit; `memberships` are given if
        they are not written yet. Raises Problem."""
        joined = memberships if memberships is not None else await self._users.memberships_of(user.id)
        account = self._account(joined, account_id)
        by = self.by(user.id, account, visit)
        begun = self._sessions.new(user, account, method, visit.address, visit.agent, fresh=fresh)
        used = tuple(proof.guards) if proof is not None else ()
        unit = Unit(
            keys=(user.id, begun.session.id),
            guards=(*used, *guards),
            writes=(*self._sessions.beginning(begun, user, by), *self._noted(proof, user, by), *writes),
        )
        await self._commit_proof(unit) if proof is not None else await commit(self._store, unit)
        await self._watcher.signed_in(user, method)
        if proof is not None and proof.codes_left is not None:
            await self._watcher.recovery_used(user, proof.codes_left)
        known = self._devices.name_of(visit.device, user.id)
        return SignedIn(begun, self._devices.cookie(user.id, known))

    async def account_of(self, user_id: str) -> str:
        """The account in whose log a user's own changes stand: the oldest membership, or the operator's account."""
        joined = await self._users.memberships_of(user_id)
        return joined[0].account_id if joined else self._accounts.operator().id

    def by(self, user_id: str, account_id: str, visit: Visit) -> By:
        """Who makes a change that follows from a sign-in."""
        return By(account_id, Actor("user", user_id), visit.request_id, visit.address)

    async def _use(self, proof: _Proof, visit: Visit, user: User) -> None:
        if not proof.guards:
            return
        noted = self._noted(proof, user, self.by(user.id, await self.account_of(user.id), visit))
        await self._commit_proof(Unit(keys=(user.id,), guards=tuple(proof.guards), writes=tuple(noted)))
        if proof.codes_left is not None:
            await self._watcher.recovery_used(user, proof.codes_left)

    async def _commit_proof(self, unit: Unit) -> None:
        """Commit what a proof uses up. Raises Problem `sign_in_refused` if it was used at the same time."""
        try:
            await commit(self._store, unit)
        except Lost:
            raise Problem("sign_in_refused") from None

    def _noted(self, proof: _Proof | None, user: User, by: By) -> list[Write]:
        """The note of a recovery code that is used."""
        if proof is None or proof.codes_left is None:
            return []
        return self._notes.writes(acts.recovery_used(by, user, proof.codes_left))

    def _account(self, joined: list[Membership], wanted: str | None) -> str:
        accounts = [membership.account_id for membership in joined]
        if wanted is not None and wanted in accounts:
            return wanted
        if wanted is not None:
            raise Problem("invalid_field", "You are not a member of this account.", param="account_id")
        if not accounts:
            raise Problem("sign_in_refused")
        return accounts[0]
