"""What `POST /v1/sms/send` takes: the single truth of its types and shapes, of which the schema is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from onesixty.text import LANGUAGE_CHOICES

Tag = Annotated[str, Meta(min_length=1, max_length=50)]
MaxSegments = Annotated[
    int,
    Meta(
        ge=1,
        le=255,
        description="Refuse the text if it needs more segments. Default: that of the installation (10).",
    ),
]


class SendRequest(
    msgspec.Struct,
    kw_only=True,
    forbid_unknown_fields=True,
    gc=False,
    omit_defaults=True,
    rename={"sender": "from", "class_": "class"},
):
    """One message to send. A field that is null is a field that was left out."""

    sender: Annotated[
        str,
        Meta(
            description="A name of up to 11 characters, a number, or a short code.",
            examples=["YourBrand"],
        ),
    ]
    to: Annotated[
        str,
        Meta(description="The number, in full with + or 00.", examples=["+15551234567"]),
    ]
    text: (
        Annotated[
            str,
            Meta(
                description="Any text. 160 characters of GSM-7 or 70 of UCS-2 are one segment. Required, but "
                "with `binary`.",
                examples=["Your verification code is 482931"],
            ),
        ]
        | None
    ) = None
    scheduled_at: (
        Annotated[
            datetime,
            Meta(tz=True, description="When to send it: RFC 3339 with a zone, up to a year ahead."),
        ]
        | None
    ) = None
    valid_for: (
        Annotated[
            int,
            Meta(
                ge=1,
                description="Seconds in which it has to reach a carrier, from acceptance or `scheduled_at`; "
                "up to seven days. Default: 300 for otp, 86400 for transactional, 172800 for marketing.",
            ),
        ]
        | None
    ) = None
    priority: Annotated[
        int,
        Meta(ge=0, le=9, description="Higher goes first, among messages of one account and class."),
    ] = 0
    class_: (
        Annotated[
            Literal["otp", "transactional", "marketing"],
            Meta(description="What it is for; decides its share of a carrier. Default: transactional."),
        ]
        | None
    ) = None
    encoding: Annotated[
        Literal["auto", "gsm7", "ucs2"],
        Meta(description="`auto` takes the cheapest that keeps every character."),
    ] = "auto"
    transliterate: Annotated[
        bool,
        Meta(
            description="Replace characters that GSM-7 lacks by their look-alikes, if the whole text is GSM-7 "
            "then; `changes` in the answer says what was replaced."
        ),
    ] = False
    language: (
        Annotated[
            str,
            Meta(
                description="Use the national shift tables of this language (ISO 639-1), or with `auto` of any, "
                "where that makes fewer segments. Default: none.",
                max_length=8,
                extra_json_schema={"enum": list(LANGUAGE_CHOICES)},
            ),
        ]
        | None
    ) = None
    max_segments: MaxSegments | None = None
    flash: Annotated[bool, Meta(description="Show it at once and do not keep it (message class 0).")] = False
    binary: (
        Annotated[
            str,
            Meta(max_length=65536, description="Octets in base64, in place of `text`: 140 are one segment."),
        ]
        | None
    ) = None
    udh: (
        Annotated[
            str,
            Meta(
                max_length=280,
                description="A user data header of your own in hex, with its length octet. The headers of "
                "concatenation and shift tables are added to it.",
                examples=["06050415820000"],
            ),
        ]
        | None
    ) = None
    destination_port: (
        Annotated[int, Meta(ge=0, le=65535, description="The application port that it goes to.")] | None
    ) = None
    source_port: (
        Annotated[
            int, Meta(ge=0, le=65535, description="The application port that it comes from. Default: 0.")
        ]
        | None
    ) = None
    reference: Annotated[str, Meta(max_length=255, description="Your own id for it.")] | None = None
    tags: Annotated[list[Tag], Meta(max_length=10, description="Words to find it by.")] | None = None
    status_callback: (
        Annotated[
            str,
            Meta(
                max_length=2048, description="A URL that gets this message's events, signed as webhooks are."
            ),
        ]
        | None
    ) = None
    on_unknown: (
        Annotated[
            Literal["resend", "hold"],
            Meta(
                description="When a carrier's answer was never seen: send it again, or hold it. "
                "Default: resend, for marketing hold."
            ),
        ]
        | None
    ) = None
    route: (
        Annotated[str, Meta(min_length=1, max_length=100, description="The name or id of a route to take.")]
        | None
    ) = None
