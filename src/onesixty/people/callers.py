"""A session as a caller of the API: the other way to be one, beside a key (`http.callers.Way`).

Rules kept here:
- a request with an Authorization header is a key's, and its cookies are not read;
- a request by cookie that changes something passes the checks of `people.csrf`;
- it acts in the account that `Onesixty-Account` names, or else in that of the session, and in the mode that
  `Onesixty-Mode` names, or else live. Into an account below one of the user's it goes from there (`accounts.acting`);
  any other account does not exist for it;
- its scopes are those of the user's role in that account: the same check follows as for a key.
"""

from __future__ import annotations

from typing import Final

from onesixty.accounts import Accounts
from onesixty.core.actor import Actor
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http.acting import ACCOUNT, named_mode
from onesixty.http.call import Call
from onesixty.http.scopes import ROLES, Principal
from onesixty.people import csrf
from onesixty.people.cookies import Cookies
from onesixty.people.sessions import Open, Sessions
from onesixty.people.tokens import LONGEST, hash_of

_ACCOUNT: Final = ACCOUNT.lower().encode()


class SessionCallers:
    """Identifies callers by the session's cookie."""

    __slots__ = ("_accounts", "_clock", "_cookies", "_sessions")

    def __init__(self, sessions: Sessions, cookies: Cookies, accounts: Accounts, clock: Clock) -> None:
        self._sessions = sessions
        self._cookies = cookies
        self._accounts = accounts
        self._clock = clock

    def claims(self, call: Call) -> bool:
        """Whether the call has the session's cookie, and no key."""
        return call.header(b"cookie") is not None and self._token(call) is not None

    def peek(self, call: Call) -> Principal | None:
        """The caller, if the session was looked up recently. Raises Problem."""
        found = self._sessions.peek(self._hash(call))
        return None if found is None else self._checked(call, found)

    async def find(self, call: Call) -> Principal:
        """The caller, after a look-up. Raises Problem or StoreError."""
        return self._checked(call, await self._sessions.get(self._hash(call)))

    async def session(self, call: Call) -> Open | None:
        """The session of a call to a route that needs none, by the rules of this module. Raises Problem."""
        if call.header(b"authorization") is not None or self._token(call) is None:
            return None
        csrf.check(call, self._cookies.site)
        return await self._sessions.get(self._hash(call))

    def _token(self, call: Call) -> str | None:
        return self._cookies.read(call, self._cookies.session)

    def _hash(self, call: Call) -> str:
        token = self._token(call)
        if token is None or len(token) > LONGEST:
            raise Problem("session_ended")
        return hash_of(token)

    def _checked(self, call: Call, found: Open) -> Principal:
        csrf.check(call, self._cookies.site)
        return self.principal(call, found)

    def principal(self, call: Call, found: Open) -> Principal:
        """The caller of a request by a session. Raises Problem."""
        account_id = self._account(call, found)
        account, role = self._accounts.book[account_id], found.roles[account_id]
        return Principal(
            tenant=Tenant(account_id, named_mode(call) or False),
            actor=Actor("user", found.session.user_id),
            scopes=ROLES[role].scopes_in(operator=account.operator),
            requests_per_second=account.settings.requests_per_second,
            role=role,
            session_id=found.session.id,
            fresh=self._clock.now_ms() < found.fresh_until(),
        )

    def _account(self, call: Call, found: Open) -> str:
        named = call.header(_ACCOUNT)
        book = self._accounts.book
        if named is not None:
            return self._towards(named.decode("latin-1"), found)
        if found.session.account_id in found.roles and found.session.account_id in book:
            return found.session.account_id
        first = next((account_id for account_id in found.roles if account_id in book), None)
        if first is None:
            raise Problem("forbidden", "You are no longer a member of an account.")
        return first

    def _towards(self, wanted: str, found: Open) -> str:
        """The account of the user that is the one wanted, or from which it can be entered."""
        if wanted in found.roles and wanted in self._accounts.book:
            return wanted
        own = found.session.account_id
        for account_id in sorted(found.roles, key=lambda account_id: account_id != own):
            if account_id in self._accounts.book and self._accounts.tree.covers(account_id, wanted):
                return account_id
        raise Problem("not_found", "Account not found.", param=ACCOUNT)
