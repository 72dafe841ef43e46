"""The body of `POST /v1/sms/send`. This struct alone defines its types and shapes, and the schema is made from it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from onesixty.doors.v1.templated import Language, TemplateName, Variables

Tag = Annotated[str, Meta(min_length=1, max_length=50)]
MaxSegments = Annotated[
    int,
    Meta(
        ge=1,
        le=255,
        description="Refuse the text if it needs more segments than this. Default: the setting `max_segments` "
        "(10).",
    ),
]


class PlainRequest(
    msgspec.Struct,
    kw_only=True,
    forbid_unknown_fields=True,
    gc=False,
    rename={"sender": "from", "class_": "class"},
):
    """The body of nearly every request: fields of `SendRequest` with the same types. Others are read as that."""

    sender: str
    to: str
    text: str
    class_: Literal["otp", "transactional", "marketing"] | None = None
    reference: Annotated[str, Meta(max_length=255)] | None = None


class SendRequest(
    msgspec.Struct,
    kw_only=True,
    forbid_unknown_fields=True,
    gc=False,
    omit_defaults=True,
    rename={"sender": "from", "class_": "class"},
):
    """A message to send. A field that is null counts as absent."""

    sender: (
        Annotated[
            str,
            Meta(
                description="A name of up to 11 characters, a number, or a short code. Required unless your account "
                "has a default sender for the recipient's country.",
                examples=["YourBrand"],
            ),
        ]
        | None
    ) = None
    to: Annotated[
        str,
        Meta(description="The number, in full with + or 00.", examples=["+15551234567"]),
    ]
    text: (
        Annotated[
            str,
            Meta(
                description="Any text. One segment holds 160 characters of GSM-7 or 70 of UCS-2. Required "
                "unless `template` or `binary` is given.",
                examples=["Your verification code is 482931"],
            ),
        ]
        | None
    ) = None
    scheduled_at: (
        Annotated[
            datetime,
            Meta(
                tz=True,
                description="When to send the message: RFC 3339 with a time zone, up to one year ahead.",
            ),
        ]
        | None
    ) = None
    valid_for: (
        Annotated[
            int,
            Meta(
                ge=1,
                description="Seconds within which the message must reach a carrier, from acceptance or "
                "`scheduled_at`; up to seven days. Default: that of your account, or else 300 for otp, 86400 for "
                "transactional, 172800 for marketing.",
            ),
        ]
        | None
    ) = None
    priority: Annotated[
        int,
        Meta(
            ge=0,
            le=9,
            description="Higher priorities are sent first, among messages of the same account and class.",
        ),
    ] = 0
    class_: (
        Annotated[
            Literal["otp", "transactional", "marketing"],
            Meta(
                description="The purpose of the message; determines its share of a carrier's throughput. Default: "
                "that of your account, or else transactional."
            ),
        ]
        | None
    ) = None
    encoding: Annotated[
        Literal["auto", "gsm7", "ucs2"],
        Meta(description="`auto` picks the cheapest encoding that keeps every character."),
    ] = "auto"
    transliterate: Annotated[
        bool,
        Meta(
            description="Replace characters that GSM-7 lacks by similar ones, if the whole text then fits "
            "GSM-7; `changes` in the answer lists the replacements."
        ),
    ] = False
    template: TemplateName | None = None
    language: Language | None = None
    variables: Variables | None = None
    max_segments: MaxSegments | None = None
    flash: Annotated[
        bool, Meta(description="Display the message at once and do not store it (message class 0).")
    ] = False
    binary: (
        Annotated[
            str,
            Meta(
                max_length=65536,
                description="Octets in base64, instead of `text`. One segment holds 140 octets.",
            ),
        ]
        | None
    ) = None
    udh: (
        Annotated[
            str,
            Meta(
                max_length=280,
                description="Your own user data header in hex, including its length octet. Headers for "
                "concatenation and shift tables are added.",
                examples=["06050415820000"],
            ),
        ]
        | None
    ) = None
    destination_port: (
        Annotated[int, Meta(ge=0, le=65535, description="The application port of the recipient.")] | None
    ) = None
    source_port: (
        Annotated[int, Meta(ge=0, le=65535, description="The application port of the sender. Default: 0.")]
        | None
    ) = None
    reference: Annotated[str, Meta(max_length=255, description="Your own id for the message.")] | None = None
    tags: Annotated[list[Tag], Meta(max_length=10, description="Labels for searching.")] | None = None
    status_callback: (
        Annotated[
            str,
            Meta(max_length=2048, description="A URL that gets this message's events, signed like webhooks."),
        ]
        | None
    ) = None
    on_unknown: (
        Annotated[
            Literal["resend", "hold"],
            Meta(
                description="What to do if a carrier's answer is not received: send the message again, or hold "
                "it. Default: resend; hold for marketing."
            ),
        ]
        | None
    ) = None
    route: (
        Annotated[str, Meta(min_length=1, max_length=100, description="The name or id of the route to use.")]
        | None
    ) = None
