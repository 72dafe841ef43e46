"""Users directly in the database, for `onesixty setup-link` and `onesixty user create|reset`: whoever has the shell
of the server lets people in, also when nobody can sign in any more."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from onesixty.cli.console import MISUSED, fail, read_settings
from onesixty.cli.database import run
from onesixty.core.actor import CLI
from onesixty.core.clock import SystemClock, system_random
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.http.scopes import ROLES
from onesixty.store.contract import Store
from onesixty.store.notes import Note
from onesixty.store.rows import By, Lost
from onesixty.store.units import Unit

if TYPE_CHECKING:
    from onesixty.people.people import People
    from onesixty.people.tables import User

T = TypeVar("T")

_FEATURES: Final = ("onesixty.accounts", "onesixty.people", "onesixty.sealing", "onesixty.audit_log")


class Link(NamedTuple):
    """A link that was made: the site, and the token."""

    url: str
    token: str


def setup_link() -> Link:
    """A new set-up link. Ends the command if there is a user already."""

    async def work(people: People) -> Link:
        token = await people.setup.again()
        if token is None:
            fail("there is a user already. Make another one: onesixty user create EMAIL")
        return Link(people.options.effective_url, token)

    return _run(work)


def create(email: str, password: str, *, name: str, role: str, account_id: str | None) -> dict[str, str]:
    """Make a user, or give a user who exists a role in another account. Returns what was made."""
    if role not in ROLES:
        fail(f"unknown role {role!r}; the roles are {', '.join(ROLES)}", MISUSED)

    async def work(people: People) -> dict[str, str]:
        from onesixty.people import passwords
        from onesixty.people.emails import checked
        from onesixty.people.tables import PASSWORD

        address = checked(email)
        account = account_id or people.accounts.operator().id
        if account not in people.accounts.book:
            fail(f"there is no account {account}", MISUSED)
        by = By(account, CLI)
        user = await people.users.by_email(address)
        if user is None:
            hashed = await people.passwords.hash(passwords.check(password, address))
            user = people.users.new(address, name, signed_in=False)
            credential = people.credentials.new(user.id, PASSWORD, hashed)
            membership = people.users.new_membership(user.id, account, role)
            guards: tuple[Write, ...] = ()
            writes = [
                *people.users.making(user, membership, by),
                *people.credentials.rows.inserting(credential, by=by),
                people.setup.over(),
            ]
        else:
            membership = people.users.new_membership(user.id, account, role)
            guards = (people.users.touching(user),)
            writes = people.users.joining(membership, by)
        await _commit(people, Unit(keys=(user.id,), guards=guards, writes=tuple(writes)))
        return {"id": user.id, "email": user.email, "account_id": account, "role": role}

    return _run(work)


def exists(email: str) -> bool:
    """Whether there is a user of this address."""

    async def work(people: People) -> bool:
        return await people.users.by_email(email) is not None

    return _run(work)


def reset(email: str, *, second_factors: bool) -> Link:
    """A link by which a user sets a new password. With `second_factors`, these are removed, and all sessions end."""

    async def work(people: People) -> Link:
        from onesixty.people.links import RESET, RESET_MS
        from onesixty.people.tables import PASSKEY, RECOVERY, TOTP

        user = await _user(people, email)
        token, writes = people.links.making(RESET, RESET_MS, user_id=user.id)
        if second_factors:
            writes += [people.credentials.dropping(user.id, kind) for kind in (TOTP, PASSKEY, RECOVERY)]
            writes.append(people.sessions.ending(user.id))
        by = By(await people.sign_in.account_of(user.id), CLI)
        details = {"mailed": False, "second_factors": second_factors}
        writes += people.notes.writes(
            Note(by=by, action="reset", object="user", object_id=user.id, details=details)
        )
        await _commit(people, Unit(keys=(user.id,), writes=tuple(writes)))
        return Link(people.options.effective_url, token)

    return _run(work)


async def _user(people: People, email: str) -> User:
    user = await people.users.by_email(email)
    if user is None:
        fail(f"there is no user {email}")
    return user


async def _commit(people: People, unit: Unit) -> None:
    from onesixty.people.committing import commit

    try:
        await commit(people.store, unit)
    except Lost:
        fail("somebody changed the user at the same time; try again")


def _run(work: Callable[[People], Awaitable[T]]) -> T:
    settings = read_settings()

    async def with_store(store: Store) -> T:
        from onesixty.accounts import Accounts
        from onesixty.audit_log.recording import Recording
        from onesixty.people.mails import NoMails
        from onesixty.people.people import Options, People
        from onesixty.people.sign_in import NoWatcher
        from onesixty.sealing import keys
        from onesixty.sealing.opening import known
        from onesixty.sealing.source import SecretError, Source

        clock = SystemClock()
        ids = IdSource(clock, system_random())
        accounts = Accounts(store, clock, ids, entropy=secrets.token_bytes)
        await accounts.load()
        try:
            accounts.operator()
            keyring = known(Source.of(settings), await keys.all_keys(store))
        except LookupError:
            fail("the database has no account yet: run `onesixty init` or `onesixty serve` first")
        except SecretError as error:
            fail(str(error), MISUSED)
        recording = Recording(store, clock, ids, secrets.token_bytes, keyring)
        people = People(
            store=store,
            clock=clock,
            ids=ids,
            entropy=secrets.token_bytes,
            sealer=keyring,
            accounts=accounts,
            mail=NoMails(),
            options=Options(public_url=settings.public_url, effective_url=settings.effective_public_url),
            watcher=NoWatcher(),
            notes=recording,
            effects=(recording.effect,),
        )
        try:
            return await work(people)
        finally:
            people.passwords.close()

    try:
        return run(settings, _FEATURES, with_store)
    except (Problem, ValueError) as error:
        fail(error.detail if isinstance(error, Problem) else str(error))
