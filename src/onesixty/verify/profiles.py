"""Verify profiles: how the verifications of one application are made. The table, the rules, and what they warn of.

Rules kept here:
- a profile without anything but a name is a good one: six digits, ten minutes, five checks, five sends, by SMS;
- what weakens it is allowed where it is not absurd, and says in `warnings` what it breaks: a life over ten minutes, a
  code that can be guessed, letters that phones do not fill in;
- a name is one profile of an account and mode.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from onesixty import numbers
from onesixty.accounts.account import Defaults
from onesixty.channels.sms.addresses import sender_of
from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.core.remarks import Remark
from onesixty.core.tenant import Tenant
from onesixty.store.table import Table, Unique
from onesixty.verify import codes, languages
from onesixty.verify.codes import Alphabet
from onesixty.verify.formats import Formats, check_formats
from onesixty.verify.guards.limits import KNOWN_COUNTRIES, GuardLimits, check_limits, warnings_of
from onesixty.verify.verification import CHANNELS, EMAIL, SMS, Channel, Way
from onesixty.verify.warned import warned

#: Seconds of life: the shortest, the longest without a warning, the longest of all.
SHORTEST_LIFE: Final = 30
LONGEST_LIFE: Final = 600
LONGEST_LIFE_EVER: Final = 86_400
#: The chance of guessing a code above which a profile is warned of: 20 bits and five checks (OWASP ASVS 6.5.4).
LIKELY_GUESS: Final = 5 / 1_000_000
#: Seconds after an accepted send at which the next channel follows, and at which a missing report counts.
NEXT_CHANNEL_S: Final = 90
NO_REPORT_S: Final = 45


class ChannelStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel of a profile."""

    channel: Annotated[Channel, Meta(description="sms, or email over the configured mail server.")]
    after: Annotated[
        int,
        Meta(
            ge=0,
            le=3600,
            description="Seconds after an accepted send at which the next channel follows if the verification is "
            "not approved; 0 for never.",
        ),
    ] = NEXT_CHANNEL_S


class TestNumber(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number with a fixed code. Nothing is sent to it."""

    __test__ = False

    number: Annotated[str, Meta(max_length=254, examples=["+15550100001"])]
    code: Annotated[str, Meta(min_length=codes.SHORTEST, max_length=codes.LONGEST, examples=["123456"])]


class VerifyProfile(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `verify_profiles`. Times of life are seconds."""

    id: str
    account_id: str
    test: bool
    name: str
    application: str
    code_length: int = 6
    alphabet: Alphabet = "digits"
    life: int = LONGEST_LIFE
    checks: int = 5
    sends: int = 5
    channels: tuple[ChannelStep, ...] = (ChannelStep(channel="sms"),)
    no_report_after: int = NO_REPORT_S
    sender: str | None = None
    template: str | None = None
    language: str | None = None
    test_numbers: tuple[TestNumber, ...] = ()
    formats: Formats = Formats()
    guards: GuardLimits = GuardLimits()
    languages: dict[str, str] = {}
    version: int = 1
    created_at: int

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the profile."""
        return Tenant(self.account_id, self.test)

    @property
    def plan(self) -> tuple[Way, ...]:
        """Its channels as a verification keeps them."""
        return tuple(Way(step.channel, step.after) for step in self.channels)

    def fixed_code(self, recipient: str) -> str | None:
        """The code of a test number; None for any other."""
        return next((one.code for one in self.test_numbers if one.number == recipient), None)


VERIFY_PROFILES: Final = Table(
    "verify_profiles",
    VerifyProfile,
    prefix=ids.VERIFY_PROFILE,
    owner=("account_id", "test"),
    fixed=("account_id", "test"),
    unique=(
        Unique(
            "verify_profiles_name",
            ("account_id", "test", "name"),
            "A verify profile with this name exists.",
            "name",
        ),
    ),
    named="name",
    tells="verify_profiles",
    personal=("test_numbers",),
)


def checked(profile: VerifyProfile) -> VerifyProfile:
    """The profile with its test numbers in E.164. Its sender may be one. Raises Problem naming the field."""
    channels = [step.channel for step in profile.channels]
    if not channels or len(set(channels)) < len(channels):
        raise Problem(
            "invalid_field", "`channels` must name each channel once, and at least one.", param="channels"
        )
    if profile.sender is not None:
        sender_of(profile.sender, param="sender")
    check_formats(profile.formats)
    check_limits(profile.guards)
    found = []
    for place, one in enumerate(profile.test_numbers):
        param = f"test_numbers[{place}]"
        code = codes.normalised(one.code)
        if not codes.well_formed(code):
            raise Problem(
                "invalid_field", f"`{param}.code` must have 4 to 10 digits or letters.", param=f"{param}.code"
            )
        found.append(TestNumber(number=address_of(one.number, f"{param}.number")[0], code=code))
    said = languages.checked(profile.languages, KNOWN_COUNTRIES)
    return msgspec.structs.replace(profile, test_numbers=tuple(found), languages=said)


def warnings(profile: VerifyProfile, defaults: Defaults) -> list[Remark]:
    """What is weak in a profile. `defaults` are those of its account."""
    found = _without_sender(profile, defaults)
    if profile.life > LONGEST_LIFE:
        found.append(warned("long_life", life_seconds=profile.life))
    chance = codes.chance(profile.alphabet, profile.code_length, profile.checks)
    if chance > LIKELY_GUESS:
        found.append(warned("guessable", one_of=round(1 / chance)))
    if profile.alphabet == "letters":
        found.append(warned("letters"))
    if any(step.channel == EMAIL for step in profile.channels) and len(profile.channels) > 1:
        found.append(warned("email_no_factor"))
    return [*found, *warnings_of(profile.guards)]


def _without_sender(profile: VerifyProfile, defaults: Defaults) -> list[Remark]:
    """Where text messages have no sender: the intake refuses them there."""
    by_text = any(step.channel != EMAIL for step in profile.channels)
    if not by_text or profile.sender is not None or defaults.sender(None) is not None:
        return []
    countries = profile.guards.countries or ()
    missing = [country for country in countries if defaults.sender(country) is None]
    if countries and not missing:
        return []
    return [
        warned("no_sender_to", countries=missing) if len(missing) < len(countries) else warned("no_sender")
    ]


def address_of(written: str, param: str) -> tuple[str, str | None]:
    """An address in the one form in which verifications keep it, and the country of a number. Raises Problem."""
    if "@" in written:
        return _mailbox(written, param), None
    try:
        number = numbers.parse(written)
    except numbers.InvalidNumber as error:
        raise Problem(
            "invalid_recipient",
            f"`{param}` is neither a phone number nor an address of email: {error}.",
            param=param,
            extra={"reason": error.code},
        ) from None
    return number.e164, number.country


def kind_of(address: str) -> str:
    """The channel that an address is of at first."""
    return EMAIL if "@" in address else SMS


def _mailbox(written: str, param: str) -> str:
    """An address of email in small letters: people write it in both, and a mailbox has one owner."""
    address = written.strip().lower()
    local, _, domain = address.rpartition("@")
    labels = domain.split(".")
    if (
        not 0 < len(local) <= 64
        or len(address) > 254
        or len(labels) < 2
        or not all(0 < len(label) <= 63 for label in labels)
        or not (address.isascii() and address.isprintable())
        or any(character in ' ()<>[]:;,\\"' for character in address)
        or "@" in local
    ):
        raise Problem("invalid_recipient", f"`{param}` is not an address of email.", param=param)
    return address


__all__ = [
    "CHANNELS",
    "VERIFY_PROFILES",
    "ChannelStep",
    "TestNumber",
    "VerifyProfile",
    "address_of",
    "checked",
    "kind_of",
    "warnings",
]
