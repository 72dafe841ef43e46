"""Starts verifications: makes one, or finds the open one of the same subject.

Rules kept here:
- a subject (who, for which profile, bound to what) has one open verification. A start that finds it gets it, and a
  new send only if one is allowed now: pages that are reloaded and buttons that are pressed twice cost nothing;
- nothing is sent and nothing is written until the guards have said that it may be. What they block or hold is written
  as such;
- a test number is never sent to and never judged: its code is fixed;
- a start that loses against another one reads again, and finds that one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from onesixty.core import ids
from onesixty.core.clock import Clock
from onesixty.core.contracts import Consequences, Write
from onesixty.core.errors import Problem
from onesixty.core.grant import Grant
from onesixty.core.ids import IdSource
from onesixty.core.tenant import Tenant
from onesixty.store.rows import Lost
from onesixty.verify import codes, guarding, life, profiles
from onesixty.verify import verification as v
from onesixty.verify.binding import BindTo
from onesixty.verify.formats import chosen_hash
from onesixty.verify.guarding import Guarding, Verdict
from onesixty.verify.guards.reasons import made_of
from onesixty.verify.profiles import VerifyProfile
from onesixty.verify.records import ROUNDS, Records
from onesixty.verify.secrets import Secrets
from onesixty.verify.sends import Sends, Wanted
from onesixty.verify.told import TRY_LATER
from onesixty.verify.verification import Step, Verification


class Start(msgspec.Struct, kw_only=True, frozen=True):
    """What a caller asks for. `to` and `fallback_to` are as written; `bound` and `code` are checked."""

    tenant: Tenant
    profile: VerifyProfile
    to: str
    fallback_to: str | None = None
    channel: str | None = None
    language: str | None = None
    code: str | None = None
    reference: str | None = None
    bound: BindTo | None = None
    user_ip: str | None = None
    device: str | None = None
    app_hash: str | None = None
    grant: Grant | None = None


class Started(NamedTuple):
    """A verification on disk. `reused` says that it was open before, `sent` that something was sent now. `verdict` is
    what guards said of that."""

    one: Verification
    reused: bool
    sent: bool
    verdict: Verdict


#: What is written with a verification, such as the answer of an Idempotency-Key: gets what will have been done.
Beside = Callable[[Started], Consequences]

_PASSED: Final = Verdict()


class Again(NamedTuple):
    """A send for an open verification that somebody asks for."""

    one: Verification
    code: str | None
    channel: str | None
    grant: Grant | None
    beside: Beside | None
    reused: bool


class Starting:
    """Starts, and starts again."""

    def __init__(
        self,
        *,
        clock: Clock,
        id_source: IdSource,
        records: Records,
        secrets: Secrets,
        sends: Sends,
        guards: Guarding,
        network_of: Callable[[str], str | None],
        profile_of: Callable[[str], VerifyProfile | None],
    ) -> None:
        """`network_of` finds the network of a number, `profile_of` the profile of an id."""
        self._clock = clock
        self._ids = id_source
        self._records = records
        self._secrets = secrets
        self._sends = sends
        self._guards = guards
        self._network_of = network_of
        self._profile_of = profile_of

    async def start(self, asked: Start, beside: Beside | None = None) -> Started:
        """Start a verification, or find the open one. Raises Problem; Lost if `beside` lost."""
        made = self._fresh(asked)
        tried = 0
        for _ in range(ROUNDS):
            before = await self._records.before(made)
            found = None if before.open_id is None else await self._records.find(before.open_id)
            now = self._clock.now_ms()
            try:
                if found is not None and found.is_open:
                    if life.is_over(found, now):
                        await self._records.change(found, life.ended(found, v.EXPIRED, now))
                        continue
                    return await self._found(asked, found, now, beside)
                return await self._first(asked, made, before.language, beside)
            except Lost:
                tried += 1
                if beside is not None or tried >= guarding.TRIES:
                    raise
        raise Lost

    async def _found(self, asked: Start, found: Verification, now: int, beside: Beside | None) -> Started:
        other = asked.code is not None and not found.fixed and asked.code != self._secrets.code_of(found)
        if found.status == v.PENDING and not found.fixed and life.may_send(found, now):
            return await self.again(
                Again(found, asked.code if other else None, asked.channel, asked.grant, beside, True)
            )
        if other:
            raise too_early(found, now, "another code was sent a moment ago")
        started = Started(found, True, False, _PASSED)
        if beside is not None:
            await self._records.commit(beside(started))
        return started

    async def _first(
        self, asked: Start, made: Verification, last: str | None, beside: Beside | None
    ) -> Started:
        one = await self._sends.in_language(made, asked.language, last, asked.profile)
        if one.fixed:
            started = Started(_timed(one, one.created_at), False, False, _PASSED)
            parts = () if beside is None else (beside(started),)
            await self._records.insert(started.one, *parts)
            return started
        wanted = Wanted(
            None, life.with_code(one, one.created_at), asked.profile, v.ASKED, one.place, asked.grant
        )
        self._sends.check_channel(one.channel)
        guarded, verdict = await self._sends.judge(wanted)
        if verdict.action in (guarding.HOLD, guarding.BLOCK):
            stopped = self._stopped(one, verdict)
            started = Started(stopped, False, False, verdict)
            parts = () if beside is None else (beside(started),)
            await self._records.insert(stopped, self._guards.sent(guarded, verdict), *parts)
            return started
        if verdict.action == guarding.LATER:
            raise later(verdict, one.created_at)
        if beside is not None:
            wanted = wanted._replace(beside=lambda after: beside(Started(after, False, True, verdict)))
        after = await self._sends.send(wanted, guarded, verdict)
        return Started(after, False, True, verdict)

    async def again(self, asked: Again) -> Started:
        """Send for an open verification, which may be sent to now. Raises Problem, Lost."""
        one, now = asked.one, self._clock.now_ms()
        profile = self._profile_of(one.profile_id)
        if profile is None:
            raise Problem(
                "conflict", "The verify profile was deleted. Start a new verification with another one."
            )
        place = one.place if asked.channel is None else place_of(one, asked.channel)
        if asked.code is not None and len(asked.code) != one.length:
            raise Problem(
                "invalid_field",
                f"The codes of the open verification have {one.length} characters. Cancel it to start one with "
                "others.",
                param="code",
            )
        sealed = None if asked.code is None else self._secrets.seal(asked.code, one.id)
        after = life.with_code(one, now, sealed)
        wanted = Wanted(one, after, profile, v.RESEND, place, asked.grant)
        guarded, verdict = await self._sends.judge(wanted)
        if verdict.action != guarding.PASS:
            raise later(verdict, now)
        beside = asked.beside
        if beside is not None:
            wanted = wanted._replace(beside=lambda sent: beside(Started(sent, asked.reused, True, verdict)))
        sent = await self._sends.send(wanted, guarded, verdict)
        return Started(sent, asked.reused, True, verdict)

    async def release(
        self, one: Verification, *, held: bool = False, also: Sequence[Write] = ()
    ) -> Verification | None:
        """Send for a held verification: by somebody, or because guards let it pass when they are asked again
        (`held`). `also` is written with it. Returns what it is then; None if its profile is gone. Raises Problem,
        Lost."""
        now = self._clock.now_ms()
        profile = self._profile_of(one.profile_id)
        if profile is None:
            return None
        after = life.with_code(life.released(one, now), now)
        wanted = Wanted(
            one, after, profile, v.RELEASED, one.place, beside=lambda _: Consequences(writes=tuple(also))
        )
        guarded, verdict = await self._sends.judge(wanted, held=held)
        if held and verdict.action == guarding.BLOCK:
            blocked = life.blocked(one, verdict, now)
            return await self._records.change(one, blocked, self._guards.sent(guarded, verdict))
        if held and verdict.action != guarding.PASS:
            return await self._records.change(one, life.held_by(one, verdict, now))
        return await self._sends.send(wanted, guarded, Verdict() if not held else verdict)

    # ------------------------------------------------------------ what a start makes

    def _fresh(self, asked: Start) -> Verification:
        """The verification that a start would make. Raises Problem."""
        profile, now = asked.profile, self._clock.now_ms()
        recipient, country = profiles.address_of(asked.to, "to")
        other = None
        if asked.fallback_to is not None:
            other, other_country = profiles.address_of(asked.fallback_to, "fallback_to")
            country = country or other_country
            if profiles.kind_of(other) == profiles.kind_of(recipient):
                raise Problem(
                    "invalid_field",
                    "`fallback_to` must be for another channel: an address of email for a number, or a number for an "
                    "address of email.",
                    param="fallback_to",
                )
        fixed = profile.fixed_code(recipient)
        code = fixed or asked.code
        id_ = self._ids.new(ids.VERIFICATION)
        number = next((one for one in (recipient, other) if one is not None and "@" not in one), None)
        life_ms = profile.life * 1000
        one = Verification(
            id=id_, account_id=asked.tenant.account_id, test=asked.tenant.test, profile_id=profile.id,
            recipient=recipient, other=other, country=country,
            network=None if number is None else self._network_of(number), channel="", status=v.PENDING,
            reference=asked.reference, template=profile.template,
            user_ip=asked.user_ip, device=asked.device, bound=asked.bound, fixed=fixed is not None,
            app_hash=chosen_hash(profile.formats, asked.app_hash),
            subject=self._secrets.subject(asked.tenant, profile.id, recipient, asked.bound),
            seed=self._secrets.seed(), key_id=self._secrets.key_id, alphabet=profile.alphabet,
            length=profile.code_length if code is None else len(code),
            sealed_code=None if code is None else self._secrets.seal(code, id_),
            plan=profile.plan, no_report_s=profile.no_report_after, life_ms=life_ms, max_checks=profile.checks,
            max_sends=profile.sends, began_at=now, expires_at=now + life_ms, ends_at=now + life_ms * life.LIVES,
            next_send_at=now, due_at=now + life_ms, steps=(Step(at=now, what=v.STARTED),), created_at=now,
        )  # fmt: skip
        place = place_of(one, asked.channel)
        return replace(one, place=place, channel=one.plan[place].channel)

    def _stopped(self, one: Verification, verdict: Verdict) -> Verification:
        """A verification that guards hold or block."""
        now = one.created_at
        if verdict.action == guarding.HOLD:
            return life.held(one, verdict, now)
        return life.blocked(one, verdict, now)


def place_of(one: Verification, channel: str | None) -> int:
    """The place of a channel in the plan: the one that is asked for, or the first for which there is an address.
    Raises Problem."""
    for place, way in enumerate(one.plan):
        if one.address(way.channel) is not None and channel in (None, way.channel):
            return place
    named = ", ".join(way.channel for way in one.plan)
    if channel is not None and all(way.channel != channel for way in one.plan):
        raise Problem(
            "invalid_field", f"The profile does not have this channel. It has: {named}.", param="channel"
        )
    raise Problem(
        "invalid_field",
        f"There is no address for the channels of the profile, {named}.",
        param="channel" if channel is not None else "to",
    )


def own_code(written: str | None) -> str | None:
    """A caller's own code, as codes are written. Raises Problem."""
    if written is None:
        return None
    code = codes.normalised(written) if len(written) <= codes.LONGEST_TYPED else ""
    if not codes.well_formed(code):
        raise Problem("invalid_field", "`code` must have 4 to 10 digits or letters of ASCII.", param="code")
    return code


def too_early(one: Verification, now: int, why: str) -> Problem:
    """The refusal of a send that comes too early, or when all are used up."""
    if one.sends >= one.max_sends:
        return Problem("verification_sends_used")
    seconds = max(1, -(-(one.next_send_at - now) // 1000))
    return Problem(
        "verification_later",
        f"Nothing can be sent yet: {why}. Try again in {seconds} s.",
        retry_after=seconds,
    )


def later(verdict: Verdict, now: int) -> Problem:
    """The refusal of a send by guards."""
    made = made_of(verdict.reason)
    seconds = 60 if verdict.until is None else max(1, -(-(verdict.until - now) // 1000))
    return Problem(
        "verification_later",
        verdict.reason or None,
        retry_after=seconds,
        extra={
            "guard": verdict.guard,
            "finding": None if made is None else made._asdict(),
            "public_reason": TRY_LATER,
        },
    )


def _timed(one: Verification, now: int) -> Verification:
    return replace(one, next_send_at=now, expires_at=now + one.life_ms)
