"""People as a feature of a node: users, sign-in, sessions, and the set-up link of the first start."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter

from onesixty import __version__
from onesixty.accounts import Accounts
from onesixty.core.actor import ONESIXTY
from onesixty.core.clock import Clock
from onesixty.core.errors import Problem
from onesixty.http.call import FindOpen
from onesixty.http.callers import Way
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature
from onesixty.mail.feature import MailFeature
from onesixty.people.acts import Strangers, refused
from onesixty.people.email_endpoints import EmailEndpoints
from onesixty.people.emails import checked
from onesixty.people.invitation_endpoints import invitation_routes
from onesixty.people.letters import Letters
from onesixty.people.me_endpoints import MeEndpoints
from onesixty.people.oidc.config import Config, config_of
from onesixty.people.oidc.endpoints import OidcEndpoints
from onesixty.people.open_endpoints import OpenEndpoints
from onesixty.people.people import Options, People
from onesixty.people.preference_endpoints import preference_routes
from onesixty.people.sign_in import Visit
from onesixty.people.tables import MEMBERSHIPS, User
from onesixty.people.user_endpoints import user_routes
from onesixty.store.rows import By
from onesixty.store.units import StoreError, Unit

if TYPE_CHECKING:
    from onesixty.people.oidc.flow import Flow
    from onesixty.people.oidc.provider import Provider


class PeopleFeature(Feature):
    """The people of one node."""

    cleaners = ("sessions_forget", "links_forget", "invitations_forget")

    def __init__(self, node: Context, *, accounts: Accounts, mail: MailFeature) -> None:
        settings = node.settings
        config = config_of(settings)
        self._node = node
        self._idempotency = node.idempotency
        self.people = People(
            store=node.store,
            clock=node.clock,
            ids=node.ids,
            entropy=secrets.token_bytes,
            sealer=node.keyring,
            accounts=accounts,
            mail=mail,
            options=Options(
                public_url=settings.public_url,
                effective_url=settings.effective_public_url,
                insecure_cookies=settings.insecure_cookies,
                password_sign_in=settings.password_sign_in,
                oidc=config is not None,
            ),
            watcher=_Watcher(node, mail, accounts),
            notes=node.notes,
            effects=tuple(node.row_effects),
        )
        found = None if config is None else _provider(self.people, config, node.clock)
        self._provider = None if found is None else found[0]
        self._oidc = OidcEndpoints(self.people, None if found is None else found[1])
        self._emails = EmailEndpoints(self.people)
        self._open = OpenEndpoints(self.people, None if config is None else config.name, __version__)

    @property
    def callers(self) -> Way:
        """Sessions, as callers of the API."""
        return self.people.callers

    @property
    def open_route(self) -> FindOpen:
        """The routes by which one signs in."""
        parts = (self._open, self._emails, self._oidc)
        return lambda method, path: next(
            (found for part in parts if (found := part.open_route(method, path)) is not None), None
        )

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        return [
            self._open.routes(),
            self._oidc.routes(),
            MeEndpoints(self.people, __version__).routes(),
            preference_routes(self.people.preferences),
            self._emails.routes(),
            self._emails.open_routes(),
            user_routes(self.people),
            invitation_routes(self.people, self._idempotency),
        ]

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        self.people.passwords.close()
        if self._provider is not None:
            await self._provider.close()


def _provider(people: People, config: Config, clock: Clock) -> tuple[Provider, Flow]:
    """The identity provider. Its parts are imported only where there is one."""
    from onesixty.people.oidc.flow import Flow
    from onesixty.people.oidc.provider import Provider

    provider = Provider(config, clock)
    return provider, Flow(people, provider)


class _Watcher:
    """Counts, logs, notes and mails what happens at the door."""

    def __init__(self, node: Context, mail: MailFeature, accounts: Accounts) -> None:
        self._node = node
        self._mail = mail
        self._accounts = accounts
        self._strangers = Strangers(node.clock)
        self._letters = Letters(node.settings.effective_public_url)
        self._log = structlog.get_logger("onesixty.people")

    async def refused(self, visit: Visit, user: User | None, method: str, code: str, email: str = "") -> None:
        """A sign-in was refused. Whether there is such a user makes no difference to how long this takes."""
        self._node.metrics.sign_ins.labels(method, "refused").inc()
        self._log.info(
            "sign_in_refused",
            reason=code,
            method=method,
            address=visit.address,
            user=None if user is None else user.id,
            request_id=visit.request_id,
        )
        rows = await self._node.store.fetch("user_memberships", user_id="" if user is None else user.id)
        account = MEMBERSHIPS.read(rows[0]).account_id if rows else self._accounts.operator().id
        if user is None and not self._strangers.take():
            return
        by = By(account, ONESIXTY, visit.request_id, visit.address)
        writes = self._node.notes.writes(refused(by, user, _address(email), method, code))
        if writes:  # and nothing waits for them
            self._node.store.commit([Unit(keys=(str(writes[0][1][0]),), writes=tuple(writes))])

    async def signed_in(self, user: User, method: str) -> None:
        """A session has begun."""
        self._node.metrics.sign_ins.labels(method, "accepted").inc()

    async def recovery_used(self, user: User, left: int) -> None:
        """A recovery code was used: the user is told, because somebody else may have done it."""
        self._log.info("recovery_code_used", user=user.id, left=left)
        now = self._node.clock.now_ms()
        mails = self._mail.writes([user.email], user.id, self._letters.recovery_used(left), now)
        if mails:
            (result,) = await self._node.store.commit([Unit(keys=(user.id,), writes=tuple(mails))])
            if isinstance(result, StoreError):
                self._log.warning("mail_not_stored", reason=str(result))


def _address(email: str) -> str:
    """What was given as an address, if it is one: some type their password there."""
    try:
        return checked(email)
    except Problem:
        return ""
