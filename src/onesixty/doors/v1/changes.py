"""`PATCH /v1/messages/{id}`: what may be changed of a message that waits, and how a request says it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from onesixty.core.errors import Problem
from onesixty.doors.v1.options import header_of, octets_of
from onesixty.doors.v1.send import Tag
from onesixty.http.bodies import has_nul
from onesixty.http.validation import decode
from onesixty.messages.edits import Edit
from onesixty.text import LANGUAGE_CHOICES


class ChangeRequest(
    msgspec.Struct,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"sender": "from", "class_": "class"},
):
    """What to change; what is left out stays. The fields mean what they mean in a send."""

    sender: str | UnsetType = UNSET
    text: Annotated[str, Meta(description="Takes the place of octets, too.")] | UnsetType = UNSET
    binary: (
        Annotated[str, Meta(max_length=65536, description="Octets in base64, in place of the text.")]
        | UnsetType
    ) = UNSET
    encoding: (
        Annotated[
            Literal["auto", "gsm7", "ucs2"],
            Meta(description="Without a text: how the one that it has is sent."),
        ]
        | UnsetType
    ) = UNSET
    language: (
        Annotated[str, Meta(max_length=8, extra_json_schema={"enum": list(LANGUAGE_CHOICES)})] | UnsetType
    ) = UNSET
    transliterate: bool | UnsetType = UNSET
    max_segments: Annotated[int, Meta(ge=1, le=255)] | UnsetType = UNSET
    flash: bool | UnsetType = UNSET
    udh: Annotated[str, Meta(max_length=280)] | UnsetType | None = UNSET
    destination_port: Annotated[int, Meta(ge=0, le=65535)] | UnsetType = UNSET
    source_port: Annotated[int, Meta(ge=0, le=65535)] | UnsetType = UNSET
    scheduled_at: (
        Annotated[
            datetime, Meta(tz=True, description="Of a message that is scheduled; null sends it at once.")
        ]
        | UnsetType
        | None
    ) = UNSET
    valid_for: (
        Annotated[
            int,
            Meta(
                ge=1,
                description="Seconds from acceptance, or from `scheduled_at`. Left out, a message that is "
                "moved is valid for as long as before.",
            ),
        ]
        | UnsetType
    ) = UNSET
    priority: Annotated[int, Meta(ge=0, le=9)] | UnsetType = UNSET
    class_: Literal["otp", "transactional", "marketing"] | UnsetType = UNSET
    reference: Annotated[str, Meta(max_length=255, description="null takes it away.")] | UnsetType | None = (
        UNSET
    )
    tags: Annotated[list[Tag], Meta(max_length=10, description="All of them.")] | UnsetType = UNSET
    status_callback: (
        Annotated[str, Meta(max_length=2048, description="null takes it away.")] | UnsetType | None
    ) = UNSET
    on_unknown: Literal["resend", "hold"] | UnsetType = UNSET
    route: (
        Annotated[str, Meta(min_length=1, max_length=100, description="null lets the routes decide.")]
        | UnsetType
        | None
    ) = UNSET


_DECODE: Final = msgspec.json.Decoder(ChangeRequest).decode

#: Fields that the edit has under the same name and in the same form.
_SAME: Final = (
    *(
        "sender",
        "text",
        "encoding",
        "language",
        "transliterate",
        "max_segments",
        "flash",
        "valid_for",
        "priority",
    ),
    *("class_", "reference", "tags", "status_callback", "on_unknown", "route"),
)


def read_change(body: bytes) -> Edit:
    """The edit that a request asks for. Raises Problem."""
    request = decode(_DECODE, body)
    said: dict[str, Any] = msgspec.to_builtins(request)
    if not said:
        raise Problem("missing_field", "There is nothing to change: give at least one field.")
    if b"\\u0000" in body:
        for name, value in said.items():
            if has_nul(value):
                raise Problem("invalid_field", f"`{name}` holds the NUL character.", param=name)
    edit = Edit(**{name: getattr(request, name) for name in _SAME})
    if not isinstance(request.scheduled_at, UnsetType):
        at = request.scheduled_at
        edit.scheduled_at = None if at is None else int(at.timestamp() * 1000)
    if not isinstance(request.binary, UnsetType):
        for name in ("text", "encoding", "language", "transliterate"):
            if name in said:
                raise Problem("invalid_field", f"`{name}` and `binary` exclude each other.", param=name)
        edit.binary = octets_of(request.binary)
    if not said.keys().isdisjoint({"udh", "destination_port", "source_port"}):
        edit.udh = header_of(
            said.get("udh"), said.get("destination_port"), said.get("source_port"), "binary" not in said
        )
    return edit
