"""The bodies and answers of verify."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from onesixty.core import ids
from onesixty.core.remarks import ABOUT_CODE, ABOUT_VALUES
from onesixty.http.paging import PageQuery
from onesixty.http.structs import Answer, Body, Time, named, one_of
from onesixty.verify import checking, codes, profiles
from onesixty.verify import verification as v
from onesixty.verify.binding import BindTo
from onesixty.verify.codes import Alphabet
from onesixty.verify.findings import CODES
from onesixty.verify.formats import Formats
from onesixty.verify.guards.bodies import ABOUT_FINDING, GuardFinding
from onesixty.verify.guards.limits import GuardLimits
from onesixty.verify.languages import SOURCES
from onesixty.verify.profiles import ChannelStep, TestNumber
from onesixty.verify.verification import Channel
from onesixty.verify.warned import SENTENCES

_Name = Annotated[
    str, Meta(min_length=1, max_length=64, description="Its name in your account.", examples=["login"])
]
_Application = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="The name that people know, which begins each text.",
        examples=["Acme"],
    ),
]
_Reference = Annotated[str, Meta(max_length=255, description="For your own use; events and answers have it.")]
_Address = Annotated[
    str, Meta(min_length=3, max_length=254, description="A phone number, or an address of email.")
]
_Typed = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=codes.LONGEST_TYPED,
        description="What the person typed. Spaces, hyphens and digits of any script are understood.",
        examples=["482931"],
    ),
]


class VerifyProfileFields(Body):
    """The fields of a verify profile."""

    name: _Name
    application: _Application
    code_length: Annotated[
        int, Meta(ge=codes.SHORTEST, le=codes.LONGEST, description="How many characters a code has.")
    ] = 6
    alphabet: Annotated[
        Alphabet, Meta(description="Letters and mixed codes have no characters that look like others.")
    ] = "digits"
    life: Annotated[
        int,
        Meta(
            ge=profiles.SHORTEST_LIFE,
            le=profiles.LONGEST_LIFE_EVER,
            description="How many seconds a code is good for. More than 600 breaks the rules that `warnings` names.",
        ),
    ] = profiles.LONGEST_LIFE
    checks: Annotated[int, Meta(ge=1, le=10, description="How many codes may be typed.")] = 5
    sends: Annotated[int, Meta(ge=1, le=10, description="How often a code is sent, at most.")] = 5
    channels: Annotated[
        tuple[ChannelStep, ...],
        Meta(min_length=1, max_length=2, description="The channels in their order, each once."),
    ] = (ChannelStep(channel="sms"),)
    no_report_after: Annotated[
        int,
        Meta(
            ge=0,
            le=600,
            description="Seconds after an accepted text message at which a missing delivery report is a reason to "
            "send over another carrier; 0 for never.",
        ),
    ] = profiles.NO_REPORT_S
    sender: (
        Annotated[
            str, Meta(max_length=40, description="The sender of text messages; null: the account's own.")
        ]
        | None
    ) = None
    template: (
        Annotated[str, Meta(max_length=64, description="A template with the text; null: onesixty's own.")]
        | None
    ) = None
    language: (
        Annotated[
            str,
            Meta(
                max_length=35,
                description="The language of texts if a start names none, the number was never approved, and "
                "`languages` has none for its country, BCP 47; null: that of the country, if nearly everybody there "
                "reads one, else English.",
                examples=["en"],
            ),
        ]
        | None
    ) = None
    languages: Annotated[
        dict[str, Annotated[str, Meta(max_length=35)]],
        Meta(
            max_length=250,
            description="The language of texts to the numbers of a country, ISO 3166 to BCP 47.",
            examples=[{"CH": "fr", "AE": "en"}],
        ),
    ] = msgspec.field(default_factory=dict)
    test_numbers: Annotated[
        tuple[TestNumber, ...],
        Meta(max_length=20, description="Numbers with a fixed code, for tests of your application."),
    ] = ()
    formats: Annotated[
        Formats, Meta(description="The last line of texts, by which phones find the code by themselves.")
    ] = Formats()
    guards: Annotated[
        GuardLimits,
        Meta(description="What the guards against artificial traffic allow; see `GET /v1/verify-guards`."),
    ] = GuardLimits()


class ProfileFinding(Answer):
    """What is weak in a verify profile, or does not work."""

    code: Annotated[
        str,
        one_of(tuple(SENTENCES)),
        Meta(description=ABOUT_CODE, examples=["long_life"]),
    ]
    values: Annotated[
        dict[str, str | int | list[str]],
        Meta(description=ABOUT_VALUES, examples=[{"life_seconds": 1200}]),
    ]
    text: Annotated[str, Meta(description="The sentence, in English, as in `warnings`.")]


class VerifyProfileView(Answer):
    """A verify profile."""

    id: str
    name: str
    application: str
    code_length: int
    alphabet: Annotated[str, one_of(codes.CHARACTERS)]
    life: int
    checks: int
    sends: int
    channels: list[ChannelStep]
    no_report_after: int
    sender: str | None
    template: str | None
    language: str | None
    languages: dict[str, str]
    test_numbers: list[TestNumber]
    formats: Formats
    guards: GuardLimits
    warnings: Annotated[list[str], Meta(description="What is weak in it, a sentence each.")]
    findings: Annotated[
        list[ProfileFinding],
        Meta(description="The warnings, for programs that make their own words of them."),
    ]
    test: bool
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: Time


class PreviewVerifyText(Body):
    """Which text of a profile to show."""

    language: Annotated[str, Meta(max_length=35, description="BCP 47.", examples=["en"])] | None = None
    app_hash: Annotated[str, Meta(max_length=11, description="As at a start.")] | None = None


class TextFinding(Answer):
    """What phones may not read of a text, or will not (`error`)."""

    code: Annotated[str, one_of(CODES)]
    level: Literal["error", "warning"]
    text: str
    words: Annotated[str, Meta(description="The words at fault; empty if it is the whole text.")]
    start: Annotated[int, Meta(description="Where they begin in `text`, in code points.")]
    end: int


class VerifyTextPreview(Answer):
    """The text of a profile in one language, with the mask of its code."""

    language: str
    template: str | None
    text: str
    encoding: Annotated[str, one_of(("gsm7", "ucs2"))]
    segments: int
    findings: list[TextFinding]


class VerifyProfileQuery(PageQuery):
    """`?limit=50&after=...`."""

    kind = ids.VERIFY_PROFILE


class StartVerification(Body):
    """A verification to start."""

    to: Annotated[_Address, Meta(examples=["+15551234567"])]
    profile: (
        Annotated[
            str, Meta(max_length=64, description="The id or name of a profile; by default the only one.")
        ]
        | None
    ) = None
    fallback_to: (
        Annotated[
            _Address,
            Meta(description="The address for the other channel: of email for a number, or a number."),
        ]
        | None
    ) = None
    channel: Annotated[Channel, Meta(description="The channel to begin with.")] | None = None
    language: Annotated[str, Meta(max_length=35, description="BCP 47.", examples=["en"])] | None = None
    code: (
        Annotated[
            str,
            Meta(
                max_length=codes.LONGEST_TYPED,
                description="A code of your own, 4 to 10 digits or letters. Check it here, or report what came of "
                "it: otherwise it is left out of the conversion.",
            ),
        ]
        | None
    ) = None
    reference: _Reference | None = None
    bind_to: (
        Annotated[BindTo, Meta(description="What the verification is for. Each check must name the same.")]
        | None
    ) = None
    user_ip: (
        Annotated[
            str,
            Meta(max_length=45, description="The address of your end user, for the guards against abuse."),
        ]
        | None
    ) = None
    device: (
        Annotated[str, Meta(max_length=100, description="Your id of the end user's device, for the guards.")]
        | None
    ) = None
    app_hash: (
        Annotated[
            str,
            Meta(
                max_length=11,
                description="The hash of the Android app that waits for the code, one of `formats.android_hashes` of "
                "the profile. The text then ends with it.",
            ),
        ]
        | None
    ) = None


class CheckVerification(Body):
    """A code to check."""

    code: _Typed
    bind_to: Annotated[BindTo, Meta(description="What the verification was bound to.")] | None = None


class CheckByAddress(CheckVerification, kw_only=True):
    """A code to check by who is verified."""

    to: Annotated[_Address, Meta(examples=["+15551234567"])]
    profile: (
        Annotated[
            str, Meta(max_length=64, description="The id or name of a profile; by default the only one.")
        ]
        | None
    ) = None


class ResendVerification(Body):
    """A send to ask for."""

    channel: (
        Annotated[Channel, Meta(description="Another channel of the profile; by default the one before.")]
        | None
    ) = None


class ReportVerification(Body):
    """What came of a code of your own that you checked yourself."""

    outcome: Annotated[
        Literal["approved", "not_approved"],
        Meta(description="Whether the person typed it. Both end the verification.", examples=["approved"]),
    ]


class VerificationSend(Answer):
    """One send of a verification, and what became of it."""

    number: int
    channel: Annotated[str, one_of(v.CHANNELS)]
    reason: Annotated[str, one_of(v.REASONS)]
    code_number: Annotated[
        int, Meta(description="Counts the codes: sends with one number have the same code.")
    ]
    message_id: Annotated[str | None, Meta(description="The text message; null for a mail.")]
    status: Annotated[
        str,
        one_of(v.SEND_STATUSES),
        Meta(description="That of its message; of a mail: queued, sent or failed."),
    ]
    error: Annotated[str, named("ErrorCode")] | None
    created_at: Time


class VerificationTold(Answer):
    """A verification as its events tell it: without addresses, and never with its code."""

    id: str
    profile_id: str
    status: Annotated[str, one_of(v.STATUSES)]
    channel: Annotated[str, one_of(v.CHANNELS)]
    country: Annotated[str | None, Meta(description="ISO 3166.")]
    network: Annotated[str | None, Meta(description="MCC and MNC, as far as they are known.")]
    language: Annotated[str | None, Meta(description="The language that was used.")]
    language_from: (
        Annotated[
            str,
            one_of(SOURCES),
            Meta(
                description="Where that language is from: the start asked for it, the number approved in it before, "
                "it is that of the country or of the profile, or of the words themselves (`default`)."
            ),
        ]
        | None
    )
    template: str | None
    reference: str | None
    guard: Annotated[str | None, Meta(description="The guard that holds or blocks it. Not for end users.")]
    reason: Annotated[
        str | None,
        Meta(
            description="Why it is held, blocked or failed; `reported` if you said how it ended. Not for end users."
        ),
    ]
    finding: Annotated[GuardFinding | None, Meta(description=ABOUT_FINDING)]
    public_reason: Annotated[
        str | None, Meta(description="What an end user may be told: `try_later`, or nothing.")
    ]
    own_code: Annotated[bool, Meta(description="Whether the code is the caller's.")]
    test_number: Annotated[bool, Meta(description="Whether the code is fixed and nothing is sent.")]
    test: bool
    attempts_left: Annotated[int, Meta(description="How many codes may still be typed.")]
    sends_left: int
    next_send_at: Annotated[Time | None, Meta(description="When the next send may be asked for.")]
    sends: list[VerificationSend]
    created_at: Time
    expires_at: Annotated[Time, Meta(description="When its code ends.")]
    ended_at: Time | None


class VerificationView(VerificationTold, kw_only=True):
    """A verification. It never shows its code."""

    to: Annotated[str | None, Meta(description="The number or address; null after a redaction.")]
    fallback_to: str | None
    bind_to: BindTo | None
    user_ip: str | None
    device: str | None


class StartedVerification(VerificationView, kw_only=True):
    """A verification, as its start or resend found or made it."""

    reused: Annotated[bool, Meta(description="Whether it was open before.")]
    sent: Annotated[bool, Meta(description="Whether a code was sent now.")]
    warnings: Annotated[list[str], Meta(description="What the guards warn of.")]
    reports: Annotated[list[GuardReport], Meta(description="What guards that only report would have done.")]


class GuardReport(Answer):
    """What a guard that only reports would have done."""

    guard: str
    action: str
    reason: str
    finding: Annotated[GuardFinding | None, Meta(description=ABOUT_FINDING)]


class VerificationDetail(VerificationView, kw_only=True):
    """A verification with its history."""

    history: list[VerificationStep]


class VerificationStep(Answer):
    """One step of a verification."""

    at: Time
    what: Annotated[str, one_of(v.STEPS)]
    send: Annotated[int | None, Meta(description="The number of the send that it is about.")]
    channel: Annotated[str, one_of(v.CHANNELS)] | None
    message_id: str | None
    code_number: int | None
    reason: str | None
    finding: Annotated[GuardFinding | None, Meta(description=ABOUT_FINDING)]
    error: Annotated[str, named("ErrorCode")] | None


class CheckedVerification(Answer):
    """What a check says."""

    outcome: Annotated[str, one_of(checking.ANSWERED)]
    approved: bool
    id: Annotated[str | None, Meta(description="The verification; null if there is none.")]
    status: Annotated[str, one_of(v.STATUSES)] | None
    attempts_left: int
    next_send_at: Time | None
    reference: str | None


class CanceledVerification(VerificationView, kw_only=True):
    """A canceled verification, and what became of its messages."""

    stopped: Annotated[list[str], Meta(description="The messages that no carrier had taken.")]
    gone: Annotated[list[str], Meta(description="The messages that were on their way or had ended.")]


class VerifyFigures(Answer, kw_only=True):
    """Verifications that began in a time and have ended, counted together."""

    hour: Time | UnsetType = UNSET
    day: Time | UnsetType = UNSET
    country: str | UnsetType | None = UNSET
    network: str | UnsetType | None = UNSET
    carrier: str | UnsetType | None = UNSET
    channel: str | UnsetType | None = UNSET
    profile: str | UnsetType | None = UNSET
    started: int
    sends: int
    approved: int
    failed: int
    exhausted: int
    expired: int
    canceled: int
    blocked: int
    unreported: Annotated[int, Meta(description="Own codes that nobody checked; part of `expired`.")]
    wrong: Annotated[int, Meta(description="Wrong codes that were typed.")]
    judged: Annotated[
        int,
        Meta(
            description="Those that say something of conversion: all but the blocked, canceled and unreported."
        ),
    ]
    conversion: Annotated[float | None, Meta(description="The share of `judged` that was approved.")]
    seconds_to_approval: Annotated[float | None, Meta(description="On average.")]


class VerifyReport(Answer, kw_only=True):
    """Figures of verifications."""

    start: Time
    end: Time
    data: list[VerifyFigures]


def encoded(answer: Any) -> bytes:
    """An answer as JSON."""
    return msgspec.json.encode(answer)
