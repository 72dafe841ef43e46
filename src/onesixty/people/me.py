"""Who the caller is, where it acts, and what it may do there: the answer of `GET /v1/me`."""

from __future__ import annotations

from onesixty.core import times
from onesixty.http.call import Call
from onesixty.http.scopes import SCOPES, Principal
from onesixty.people.answers import FEATURES, Factors, Me, MeMembership, MeUser, session_view
from onesixty.people.factors import passkeys
from onesixty.people.people import People
from onesixty.people.sessions import Open


async def describe(people: People, call: Call, found: Open, version: str) -> Me:
    """The user of a session."""
    return await describe_user(people, call, found, people.callers.principal(call, found), version)


async def describe_user(people: People, call: Call, found: Open, caller: Principal, version: str) -> Me:
    """The user of a session, acting as `caller`."""
    user_id = found.session.user_id
    user = await people.users.of_session(user_id)
    held = await people.credentials.of(user_id)
    book = people.accounts.book
    shown = _of(people, call, caller, version)
    shown.user = MeUser(
        id=user.id,
        email=user.email,
        name=user.name,
        factors=Factors(
            password=held.password is not None,
            totp=held.totp is not None,
            passkeys=len(held.passkeys),
            recovery_codes=len(held.recovery),
        ),
        created_at=times.to_text(user.created_at),
    )
    shown.memberships = [
        MeMembership(
            account_id=account_id,
            account_name=book[account_id].name,
            operator=book[account_id].operator,
            role=role,
        )
        for account_id, role in found.roles.items()
        if account_id in book
    ]
    shown.language = (await people.preferences.of(user_id)).language
    shown.session = session_view(found.session, found.session.id, people.clock.now_ms())
    return shown


def describe_key(people: People, call: Call, caller: Principal, version: str) -> Me:
    """A key."""
    return _of(people, call, caller, version)


def _of(people: People, call: Call, caller: Principal, version: str) -> Me:
    account = people.accounts.book[caller.account_id]
    return Me(
        user=None,
        key_id=caller.key_id,
        account_id=account.id,
        account_name=account.name,
        operator=account.operator,
        mode=caller.tenant.mode,
        role=caller.role,
        scopes=[name for name in SCOPES if name in caller.scopes],
        memberships=[],
        session=None,
        language=None,
        features=_features(people),
        insecure=people.cookies.in_the_clear(call),
        version=version,
    )


def _features(people: People) -> list[str]:
    """What this installation has."""
    found = {
        "mail": people.mail.on,
        "oidc": people.options.oidc,
        "passkeys": passkeys.reason(people.cookies.site) is None,
    }
    return [name for name in FEATURES if found[name]]
