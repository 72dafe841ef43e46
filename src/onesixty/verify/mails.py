"""Mails with codes, as durable work: worded when they are sent, so that no row has a text or a code.

Rules kept here:
- a mail is sent once for each send: after a crash between the server's answer and our note of it, it is sent again
  with the same Message-ID;
- a mail of a verification that has ended, or whose code was replaced, is not sent;
- a permanent refusal of the server ends the send, and the next channel follows at once; everything else is tried
  again while the code lives.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar, Final, NamedTuple

import structlog

from onesixty.core.clock import Clock
from onesixty.core.message import UNCLAIMED
from onesixty.mail.postman import Mail, Postman, is_final
from onesixty.sealing.keyring import Unopenable
from onesixty.store.contract import Row
from onesixty.verify import life
from onesixty.verify import verification as v
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.secrets import Secrets
from onesixty.verify.texts import Texts, Values
from onesixty.verify.verification import Verification
from onesixty.work.item import Item
from onesixty.work.lanes import Limits
from onesixty.work.policy import HOUR_MS, Pace, Policy
from onesixty.work.sink import Outcome, Verdict
from onesixty.work.tasks import TaskSink

#: A code is wanted now: the pauses are short, and end with its life.
POLICY: Final = Policy(
    pauses=(2, 5, 10, 20, 30),
    jitter=0.2,
    life_ms=HOUR_MS,
    last_call_ms=2_000,
    keep=False,
    pace=Pace(concurrency=4, trip=None),
)
LIMITS: Final = Limits(waiting=1_000, waiting_of_lane=200, in_flight=16, batch=50)


class NewMailWork(NamedTuple):
    """The params of `verify_mail_insert`, in their order. `subject` is the verification, `kind` the number of its
    send. The lane is the account."""

    id: str
    subject: str
    account_id: str
    kind: str
    created_at: int
    expires_at: int

    def item(self) -> Item:
        """The mail as unclaimed work in memory."""
        return Item(
            self.id, self.account_id, self.account_id, self.subject, self.kind, None, None, None, 0, UNCLAIMED,
            self.expires_at,
        )  # fmt: skip


class Changes(NamedTuple):
    """What the sink asks of verifications: one by its id, and a change of one."""

    find: Callable[[str], Awaitable[Verification | None]]
    change: Callable[[str, Callable[[Verification], Verification]], Awaitable[object]]


class VerifyMailSink(TaskSink):
    """Sends codes by email."""

    name: ClassVar[str] = "verify_mail"
    insert: ClassVar[str] = "verify_mail_insert"
    policy = POLICY

    def __init__(
        self,
        changes: Changes,
        *,
        secrets: Secrets,
        texts: Texts,
        profile: Callable[[str], VerifyProfile | None],
        postman: Postman | None,
        clock: Clock,
    ) -> None:
        """`profile` finds the profile of an id."""
        super().__init__()
        self._changes = changes
        self._secrets = secrets
        self._texts = texts
        self._profile = profile
        self._postman = postman
        self._clock = clock
        self._log = structlog.get_logger("onesixty.verify")

    def new(self, row: Row) -> Item:
        return NewMailWork._make(row).item()

    async def attempt(self, item: Item) -> Outcome:
        one, send = await self._changes.find(item.subject), int(item.kind or 0)
        now = self._clock.now_ms()
        if one is None or one.status != v.PENDING or life.is_over(one, now) or not _is_current(one, send):
            return Outcome(Verdict.DONE)
        error = await self._deliver(one, send, now)
        if error is None:
            await self._changes.change(one.id, lambda found: life.timed(life.taken(found, send, now)))
            return Outcome(Verdict.DONE)
        self._log.warning("verify_mail_not_sent", verification=one.id, send=send, reason=_class_of(error))
        if not is_final(error):
            return Outcome(Verdict.AGAIN, error=_class_of(error))
        await self._changes.change(
            one.id,
            lambda found: life.postponed(life.not_sent(found, send, "recipient_refused", now), now),
        )
        return Outcome(Verdict.DONE)

    async def _deliver(self, one: Verification, send: int, now: int) -> str | None:
        """Hand a mail to the server. Returns its answer if it did not take it."""
        profile, address = self._profile(one.profile_id), one.address(v.EMAIL)
        if self._postman is None or profile is None or address is None:
            return "550 no mail server, no profile or no address"
        try:
            code = self._secrets.code_of(one)
        except Unopenable:
            return "550 the secret of the code is gone"
        wording = await self._texts.wording(one.tenant, one.template, one.language, one.bound)
        words = wording.worded(Values(profile.application, one.expires_at - now, one.bound), one.length)
        subject = f"{profile.application}: your code"
        mail = Mail(subject, words.with_code(code) + "\n")
        posted = await self._postman.deliver([address], mail, about=f"{one.id}.{send}")
        return posted.error


def _is_current(one: Verification, send: int) -> bool:
    """Whether a send has the code that counts now."""
    return any(
        step.what == v.SEND and step.send == send and step.generation == one.generation for step in one.steps
    )


def _class_of(error: str) -> str:
    """The beginning of a server's answer, which says of what kind it is: the rest may repeat the mail."""
    return error[:3] if error[:3].isdigit() else error[:64]
