"""All parts of people of one node, put together once, and what its endpoints share."""

from __future__ import annotations

import msgspec

from onesixty.accounts import Accounts
from onesixty.core.clock import Clock
from onesixty.core.contracts import Sealer
from onesixty.core.ids import IdSource
from onesixty.http.call import Call
from onesixty.people.callers import SessionCallers
from onesixty.people.cookies import DEVICE_SECONDS, Cookies
from onesixty.people.credentials import Credentials
from onesixty.people.devices import Devices
from onesixty.people.invitations import Invitations
from onesixty.people.letters import Letters
from onesixty.people.links import Links
from onesixty.people.mails import Mails
from onesixty.people.passwords import Passwords
from onesixty.people.preferences import PreferenceBook
from onesixty.people.sessions import Begun, Sessions
from onesixty.people.setup import Setup
from onesixty.people.sign_in import SignedIn, SignIn, Visit, Watcher
from onesixty.people.slow_down import SlowDown
from onesixty.people.tables import (
    CREDENTIALS,
    IDENTITIES,
    INVITATIONS,
    LINKS,
    MEMBERSHIPS,
    PREFERENCES,
    SESSIONS,
    USERS,
    Identity,
)
from onesixty.people.tokens import Entropy
from onesixty.people.users import Users
from onesixty.store.contract import Store
from onesixty.store.notes import NoNotes, Notes
from onesixty.store.rows import RowEffect, Rows


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say."""

    #: The setting, None if it is left to `effective_url`.
    public_url: str | None
    effective_url: str
    insecure_cookies: bool = False
    password_sign_in: str = "everyone"
    #: Whether there is an identity provider.
    oidc: bool = False


class People:
    """The parts."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        ids: IdSource,
        entropy: Entropy,
        sealer: Sealer,
        accounts: Accounts,
        mail: Mails,
        options: Options,
        watcher: Watcher,
        notes: Notes | None = None,
        effects: tuple[RowEffect, ...] = (),
        passwords: Passwords | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.entropy = entropy
        self.accounts = accounts
        self.mail = mail
        self.notes = notes or NoNotes()
        self.watcher = watcher
        self.options = options
        self.letters = Letters(options.effective_url)
        self.cookies = Cookies(options.public_url, options.effective_url, options.insecure_cookies)
        self.passwords = passwords or Passwords()
        self.slow_down = SlowDown(clock)
        self.devices = Devices(sealer, entropy)
        self.sessions = Sessions(
            Rows(SESSIONS, store, clock, ids, one="session"), store, clock, entropy, self.notes
        )
        self.users = Users(
            store,
            Rows(USERS, store, clock, ids, one="user", effects=effects),
            Rows(MEMBERSHIPS, store, clock, ids, one="user", effects=effects),
            self.sessions,
        )
        self.credentials = Credentials(
            Rows(CREDENTIALS, store, clock, ids, one="credential", effects=effects, sealer=sealer), store
        )
        self.links = Links(Rows(LINKS, store, clock, ids, one="link", sealer=sealer), store, entropy)
        self.identities: Rows[Identity] = Rows(IDENTITIES, store, clock, ids, one="identity", effects=effects)
        self.preferences = PreferenceBook(Rows(PREFERENCES, store, clock, ids, one="preferences"))
        self.setup = Setup(store, clock, entropy)
        self.sign_in = SignIn(
            store=store,
            clock=clock,
            site=self.cookies.site,
            accounts=accounts,
            users=self.users,
            credentials=self.credentials,
            sessions=self.sessions,
            links=self.links,
            passwords=self.passwords,
            slow_down=self.slow_down,
            devices=self.devices,
            watcher=watcher,
            notes=self.notes,
            password_sign_in=options.password_sign_in,
        )
        self.invitations = Invitations(
            rows=Rows(INVITATIONS, store, clock, ids, one="invitation", effects=effects),
            store=store,
            clock=clock,
            entropy=entropy,
            users=self.users,
            credentials=self.credentials,
            passwords=self.passwords,
            sign_in=self.sign_in,
        )
        self.callers = SessionCallers(self.sessions, self.cookies, accounts, clock)

    def visit(self, call: Call) -> Visit:
        """Where a request comes from."""
        agent = (call.header(b"user-agent") or b"").decode("latin-1")
        return Visit(call.client, agent, self.cookies.read(call, self.cookies.device), call.request_id)

    def signed_in(self, signed: SignedIn) -> tuple[tuple[bytes, bytes], ...]:
        """The cookies of a browser that has signed in."""
        cookies = self.cookies
        return (
            cookies.set(cookies.session, signed.begun.token),
            cookies.set(cookies.device, signed.device, DEVICE_SECONDS),
        )

    def renewed(self, begun: Begun) -> tuple[tuple[bytes, bytes], ...]:
        """The cookie of a session that got a new token."""
        return (self.cookies.set(self.cookies.session, begun.token),)

    def signed_out(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header that removes the session's cookie."""
        return (self.cookies.removed(self.cookies.session),)
