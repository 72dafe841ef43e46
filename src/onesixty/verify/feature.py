"""Verifications as features of a node: what the message path has to know of covered texts, and the service itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter

from onesixty.accounts.service import Accounts
from onesixty.core.contracts import Effect, Write
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.kit.context import Context
from onesixty.kit.feature import Feature, SweepTask
from onesixty.mail.feature import MailFeature
from onesixty.messages.drafts import Step
from onesixty.messages.intake import Intake
from onesixty.store.rows import Book, Rows
from onesixty.verify.checking import Checking
from onesixty.verify.control import Control
from onesixty.verify.counting import Counting
from onesixty.verify.covered import MEMOS, Covered, CoveredText, OtherCarrier
from onesixty.verify.door import VerifyDoor
from onesixty.verify.due import Due
from onesixty.verify.effect import VerifyEffect
from onesixty.verify.endpoints import verification_routes
from onesixty.verify.figures import Figures
from onesixty.verify.guarding import Guarding
from onesixty.verify.listing import Listing
from onesixty.verify.mails import LIMITS, Changes, VerifyMailSink
from onesixty.verify.profile_endpoints import VerifyProfiles, profile_routes
from onesixty.verify.profiles import VERIFY_PROFILES
from onesixty.verify.records import Announce, Records, redaction
from onesixty.verify.replies import CoveredReplies
from onesixty.verify.secrets import Secrets
from onesixty.verify.sends import Sends
from onesixty.verify.sinks import Sinks
from onesixty.verify.starting import Starting
from onesixty.verify.texts import Texts


class CoveredFeature(Feature):
    """What the message path has of verifications: the revealer, the cover of replies, the steps, and the effect of
    messages."""

    def __init__(self, node: Context) -> None:
        self.secrets = Secrets(node.keyring)
        self.covered = Covered(self.secrets, node.clock)
        self.replies = CoveredReplies(node.store, node.clock, self.secrets)
        self.rules: Sequence[Step] = (CoveredText(), OtherCarrier())

    def effects(self) -> Sequence[Effect]:
        """See Feature."""
        return [VerifyEffect()]


class VerifyFeature(Feature):
    """Verify profiles and verifications."""

    cleaners = ("verifications_forget", "verify_counts_forget")

    def __init__(
        self,
        node: Context,
        *,
        path: CoveredFeature,
        intake: Intake,
        accounts: Accounts,
        mail: MailFeature,
        guards: Guarding,
        texts: Texts,
        simulated: Callable[[], bool],
        country_of: Callable[[str], Awaitable[str | None]],
        network_of: Callable[[str], str | None],
        announce: Announce,
        cancel_message: Callable[[Tenant, str], Awaitable[object]],
    ) -> None:
        """`simulated` says whether no carrier is a real one; `country_of` finds the country of an account;
        `network_of` finds the network of a number; `announce` writes an event; `cancel_message` cancels a message."""
        self._node = node
        self._country_of = country_of
        self._accounts = accounts
        metrics = node.metrics
        self._profiles = Rows(
            VERIFY_PROFILES, node.store, node.clock, node.ids, one="verify profile", effects=node.row_effects
        )
        self._book = Book(self._profiles)
        self._texts = texts
        self._records = records = Records(
            node.store, guards, announce, counted=lambda status: metrics.verifications.labels(status).inc()
        )
        sends = Sends(
            node,
            intake=intake,
            accounts=accounts,
            records=records,
            texts=texts,
            guards=guards,
            mails=lambda: mail.on,
            simulated=simulated,
            counted=lambda channel, reason: metrics.verify_sends.labels(channel, reason).inc(),
        )
        self._starting = Starting(
            clock=node.clock,
            id_source=node.ids,
            records=records,
            secrets=path.secrets,
            sends=sends,
            guards=guards,
            network_of=network_of,
            profile_of=self._book.by_id.get,
        )
        self._checks = Checking(
            clock=node.clock,
            records=records,
            secrets=path.secrets,
            sinks=Sinks(node.clock, node.ids, records, path.secrets),
            counted=lambda outcome: metrics.verify_checks.labels(outcome).inc(),
        )
        self._control = Control(
            clock=node.clock, records=records, starting=self._starting, cancel_message=cancel_message
        )
        self._due = Due(
            clock=node.clock,
            records=records,
            sends=sends,
            starting=self._starting,
            profile_of=self._book.by_id.get,
        )
        self._counting = Counting(node.store, records)
        #: Answers starts, checks and resends. Some of them are hot routes.
        self.door = VerifyDoor(
            starting=self._starting,
            checks=self._checks,
            control=self._control,
            secrets=path.secrets,
            book=self._book,
            idempotency=node.idempotency,
        )
        sink = VerifyMailSink(
            Changes(records.find, self._control.change),
            secrets=path.secrets,
            texts=texts,
            profile=self._book.by_id.get,
            postman=mail.postman,
            clock=node.clock,
        )
        self._mails = node.work_queue(sink, LIMITS)

    def routers(self) -> Sequence[APIRouter]:
        """See Feature."""
        node = self._node
        return [
            profile_routes(
                VerifyProfiles(self._profiles, self._texts, self._country_of, self._accounts),
                node.idempotency,
            ),
            verification_routes(
                node,
                door=self.door,
                control=self._control,
                listing=Listing(node.store),
                figures=Figures(node.store, node.observer.carrier_name),
            ),
        ]

    def sweep_tasks(self) -> Mapping[str, SweepTask]:
        """See Feature."""
        return {"verifications": self._due.sweep, "verify_counts": self._counting.sweep}

    def scrub(self, message: Message) -> Sequence[Write]:
        """Redact the verification of a message with it, once it has ended."""
        memo = MEMOS.read(message.origin)
        if memo is None:
            return ()
        parts = redaction(memo.id, self._node.clock.now_ms())
        return (*parts.guards, *parts.writes)

    async def load(self) -> None:
        """See Feature."""
        await self._book.load()

    async def start(self) -> None:
        """See Feature."""
        await self._mails.start()

    async def stop(self, seconds: float) -> None:
        """See Feature."""
        await self._mails.stop(seconds / 8)
