"""One send of a verification: the code, the words, and the row of the message or the mail, in one unit with all else.

Rules kept here:
- a text message goes the way of every message, through intake: it is judged, priced and stored like any other, with
  the mask in the place of the code. Its validity is the life that remains;
- the verification is written with its message or not at all. So a send is never counted without a message, nor a
  message made for a send that lost;
- a mail is work of a queue of its own, which words it when it is sent: the row of the work has neither text nor code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from msgspec.structs import replace

from onesixty.accounts import Accounts
from onesixty.channels.sms.content import Content
from onesixty.channels.sms.orders import SendOrder
from onesixty.core import ids
from onesixty.core.contracts import Consequences
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.message import OTP, Message
from onesixty.core.orders import Replay
from onesixty.kit.context import Context
from onesixty.messages.intake import Intake
from onesixty.store.rows import Lost
from onesixty.verify import languages, life
from onesixty.verify import verification as v
from onesixty.verify.covered import MEMOS, Memo
from onesixty.verify.formats import last_lines
from onesixty.verify.guarding import Asked, Guarding, Verdict
from onesixty.verify.mails import NewMailWork
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.records import Records, numbered, together
from onesixty.verify.texts import Texts, Values, with_ending
from onesixty.verify.verification import Verification

#: Milliseconds of life without which nothing is sent.
SHORTEST_MS: Final = 1000


class Wanted(NamedTuple):
    """A send that somebody or something wants. `before` is None for a new verification. `place` is the channel's
    place in the plan. `beside` gives what is written with it. `avoid` are the carriers that had their chance."""

    before: Verification | None
    after: Verification
    profile: VerifyProfile
    reason: str
    place: int
    grant: Grant | None = None
    avoid: tuple[str, ...] = ()
    beside: Callable[[Verification], Consequences] | None = None


class Sends:
    """Makes sends."""

    def __init__(
        self,
        node: Context,
        *,
        intake: Intake,
        accounts: Accounts,
        records: Records,
        texts: Texts,
        guards: Guarding,
        mails: Callable[[], bool],
        simulated: Callable[[], bool],
        counted: Callable[[str, str], None],
    ) -> None:
        """`mails` says whether mails can be sent, `simulated` whether no carrier is a real one. `counted` hears of
        each send: its channel and its reason."""
        self._clock, self._ids, self._channels = node.clock, node.ids, node.channels
        self._accounts = accounts
        self._intake = intake
        self._records = records
        self._texts = texts
        self._guards = guards
        self._mails = mails
        self._simulated = simulated
        self._counted = counted

    def check_channel(self, channel: str) -> None:
        """Raise Problem unless this installation can send over a channel."""
        if channel == v.EMAIL and not self._mails():
            raise Problem("mail_unavailable", "No mail server is set up, so no code can be sent by email.")

    async def in_language(
        self, one: Verification, asked: str | None, last: str | None, profile: VerifyProfile
    ) -> Verification:
        """A new verification with the language of its texts: the one that is asked for, or else that of the last
        approval, if there are words in it, or the next best. Raises Problem for a template that there is not."""
        speaks = self._texts.speaks
        if asked is not None:
            fits = one.template is None or await speaks(one.tenant, one.template, asked)
            return replace(one, language=asked, language_from=languages.ASKED if fits else languages.DEFAULT)
        for choice in languages.choices(
            last=last, country=one.country, of_profile=profile.language, of_countries=profile.languages
        ):
            if await speaks(one.tenant, one.template, choice.language):
                return replace(one, language=choice.language, language_from=choice.source)
        return replace(one, language=None, language_from=languages.DEFAULT)

    async def judge(self, wanted: Wanted, *, held: bool = False) -> tuple[Asked, Verdict]:
        """What the guards say about a send."""
        one, now = wanted.after, self._clock.now_ms()
        channel = one.plan[wanted.place].channel
        account = self._accounts.book[one.account_id]
        asked = Asked(
            tenant=one.tenant, profile_id=one.profile_id, verification_id=one.id,
            to=one.address(channel) or one.recipient, channel=channel, country=one.country, network=one.network,
            first=one.sends == 0, sends=one.sends, user_ip=one.user_ip, device=one.device,
            price=0 if one.test or channel != v.SMS else account.price_per_segment, currency=account.currency, at=now,
            simulated=one.test or (channel == v.SMS and self._simulated()), held=held,
        )  # fmt: skip
        return asked, await self._guards.judge(asked, wanted.profile.guards)

    async def send(self, wanted: Wanted, asked: Asked, verdict: Verdict) -> Verification:
        """Make a send. Returns the verification once it is on disk. Raises Lost if another writer was first, and
        Problem."""
        channel = wanted.after.plan[wanted.place].channel
        self.check_channel(channel)
        return await (self._by_mail if channel == v.EMAIL else self._by_message)(wanted, asked, verdict)

    async def _by_message(self, wanted: Wanted, asked: Asked, verdict: Verdict) -> Verification:
        now = self._clock.now_ms()
        before, one = wanted.before, wanted.after
        wording = await self._texts.wording(one.tenant, one.template, one.language, one.bound)
        remaining = one.expires_at - now
        if remaining < SHORTEST_MS:
            raise Lost
        words = wording.worded(Values(wanted.profile.application, remaining, one.bound), one.length)
        words = with_ending(words, _ending(wanted, one), one.length)
        message_id = self._ids.new(ids.MESSAGE)
        after = life.sending(
            replace(one, language=words.language), now,
            reason=wanted.reason, place=wanted.place, message_id=message_id,
        )  # fmt: skip
        parts = self._parts(wanted, after, asked, verdict)
        memo = Memo(
            id=one.id, generation=one.generation, seed=one.seed, key=one.key_id, alphabet=one.alphabet,
            length=one.length, at=words.at, sealed=one.sealed_code, avoid=wanted.avoid,
        )  # fmt: skip
        order = SendOrder(
            tenant=one.tenant,
            sender=wanted.profile.sender,
            recipient=asked.to,
            text=words.text,
            content=None if words.made_from is None else Content(made_from=words.made_from),
            valid_for=remaining // 1000,
            class_=OTP,
            reference=one.id,
            origin=MEMOS.write(memo),
            message_id=message_id,
            grant=wanted.grant,
            alone=bool(wanted.avoid),
            guards=lambda _: parts,
        )
        (result,) = await self._intake.accept([order])
        if isinstance(result, Problem):
            raise _about(result)
        if isinstance(result, Replay):
            raise Lost
        assert isinstance(result, Message)
        return self._made(before, after)

    async def _by_mail(self, wanted: Wanted, asked: Asked, verdict: Verdict) -> Verification:
        now = self._clock.now_ms()
        one = wanted.after
        wording = await self._texts.wording(one.tenant, one.template, one.language, one.bound)
        words = wording.worded(
            Values(wanted.profile.application, one.expires_at - now, one.bound), one.length
        )
        after = life.sending(
            replace(one, language=words.language), now, reason=wanted.reason, place=wanted.place
        )
        work = NewMailWork(
            id=self._ids.new(ids.DELIVERY), subject=after.id, account_id=after.account_id, kind=str(after.sends),
            created_at=now, expires_at=after.expires_at,
        )  # fmt: skip
        await self._records.commit(
            together(
                self._parts(wanted, after, asked, verdict),
                Consequences(writes=(("verify_mail_insert", work),)),
            )
        )
        return self._made(wanted.before, after)

    def _parts(self, wanted: Wanted, after: Verification, asked: Asked, verdict: Verdict) -> Consequences:
        before = wanted.before
        written = self._records.inserting(after) if before is None else self._records.changing(before, after)
        beside = Consequences() if wanted.beside is None else wanted.beside(after)
        return together(written, beside, self._guards.sent(asked, verdict))

    def _made(self, before: Verification | None, after: Verification) -> Verification:
        step = after.steps[-1]
        self._counted(step.channel or "", step.reason or "")
        return after if before is None else numbered(before, after)


def _ending(wanted: Wanted, one: Verification) -> Callable[[str], str]:
    """The last line by which phones find a code."""
    formats = wanted.profile.formats
    app_hash = (
        one.app_hash if one.app_hash in formats.android_hashes else None
    )  # the profile may have changed
    return lambda code: last_lines(formats, code, app_hash)


#: The fields of a message, as a start calls them.
_FIELDS: Final[Mapping[str | None, str]] = {"from": "profile.sender", "text": "template"}


def _about(problem: Problem) -> Problem:
    """A refusal of the message, in the words of a verification."""
    if (problem.code, problem.param) == ("missing_field", "from"):
        problem.detail = (
            "The profile has no `sender`, and the account has no default sender for the recipient's country."
        )
    problem.param = _FIELDS.get(problem.param, problem.param)
    return problem
