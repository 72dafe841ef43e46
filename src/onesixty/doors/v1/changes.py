"""`PATCH /v1/messages/{id}`: which fields of a waiting message may change, and how a request is read.

The body is a merge patch (`http.merge_patch`) of the fields of a send: null removes a field, or restores the default
that a send has. `from` cannot be cleared, nor can `text` and `binary` together.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from onesixty.channels.sms.orders import TextEdit
from onesixty.core.errors import Problem
from onesixty.doors.v1.options import header_of, octets_of
from onesixty.doors.v1.send_request import Tag
from onesixty.doors.v1.templated import Language, TemplateName, Variables, check_class, worded_for
from onesixty.http import merge_patch
from onesixty.http.validation import decode
from onesixty.templates.sending import Sending


class ChangeRequest(
    msgspec.Struct,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"sender": "from", "class_": "class"},
):
    """A JSON merge patch: absent fields keep their values; null clears a field or restores its default. The fields
    have the same meaning as in a send.
    """

    sender: str | UnsetType = UNSET
    text: (
        Annotated[str, Meta(description="The new text; also replaces binary content.")] | UnsetType | None
    ) = UNSET
    binary: (
        Annotated[str, Meta(max_length=65536, description="New octets in base64; replaces the text.")]
        | UnsetType
        | None
    ) = UNSET
    encoding: (
        Annotated[
            Literal["auto", "gsm7", "ucs2"],
            Meta(description="Without `text`: the new encoding of the current text. null: `auto`."),
        ]
        | UnsetType
        | None
    ) = UNSET
    template: (
        Annotated[TemplateName, Meta(description="A template to make the new text from.")] | UnsetType
    ) = UNSET
    language: Language | UnsetType | None = UNSET
    variables: Variables | UnsetType = UNSET
    transliterate: bool | UnsetType | None = UNSET
    max_segments: Annotated[int, Meta(ge=1, le=255)] | UnsetType | None = UNSET
    flash: bool | UnsetType | None = UNSET
    udh: Annotated[str, Meta(max_length=280)] | UnsetType | None = UNSET
    destination_port: Annotated[int, Meta(ge=0, le=65535)] | UnsetType | None = UNSET
    source_port: Annotated[int, Meta(ge=0, le=65535)] | UnsetType | None = UNSET
    scheduled_at: (
        Annotated[datetime, Meta(tz=True, description="Only for a scheduled message; null sends it at once.")]
        | UnsetType
        | None
    ) = UNSET
    valid_for: (
        Annotated[
            int,
            Meta(
                ge=1,
                description="Seconds from acceptance, or from `scheduled_at`; null: the default of its class. "
                "If absent, a rescheduled message keeps its validity period.",
            ),
        ]
        | UnsetType
        | None
    ) = UNSET
    priority: Annotated[int, Meta(ge=0, le=9, description="null: 0.")] | UnsetType | None = UNSET
    class_: (
        Annotated[Literal["otp", "transactional", "marketing"], Meta(description="null: transactional.")]
        | UnsetType
        | None
    ) = UNSET
    reference: Annotated[str, Meta(max_length=255, description="null clears it.")] | UnsetType | None = UNSET
    tags: (
        Annotated[list[Tag], Meta(max_length=10, description="The complete new list of tags.")]
        | UnsetType
        | None
    ) = UNSET
    status_callback: (
        Annotated[str, Meta(max_length=2048, description="null clears it.")] | UnsetType | None
    ) = UNSET
    on_unknown: (
        Annotated[Literal["resend", "hold"], Meta(description="null: the default of its class.")]
        | UnsetType
        | None
    ) = UNSET
    route: (
        Annotated[str, Meta(min_length=1, max_length=100, description="null: the routes decide.")]
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


#: The defaults that null restores, for fields whose default is not None.
_DEFAULTS: Final[dict[str, Any]] = {
    "encoding": "auto",
    "transliterate": False,
    "flash": False,
    "priority": 0,
    "class_": "transactional",
    "tags": [],
}


def read_change(body: bytes, account_id: str, templates: Sending) -> TextEdit | None:
    """The edit that a request asks for; None if it changes nothing. `account_id` is the account of the message, whose
    templates it may use. Raises Problem."""
    patch = merge_patch.read(body)
    cleared = {name for name, value in patch.items() if value is None}
    if "from" in cleared:
        raise merge_patch.cannot_be_cleared("from")
    for name, other in (("text", "binary"), ("binary", "text")):
        if name in cleared and patch.get(other) is None:
            raise merge_patch.cannot_be_cleared(name)
        if name in cleared:
            del patch[name]  # the other one replaces it
    request = decode(_DECODE, msgspec.json.encode(patch), members=False)
    said: dict[str, Any] = msgspec.to_builtins(request)
    if not said:
        return None
    edit = TextEdit(**{name: _cleared(name, getattr(request, name)) for name in _SAME})
    if not isinstance(request.scheduled_at, UnsetType):
        at = request.scheduled_at
        edit.scheduled_at = None if at is None else int(at.timestamp() * 1000)
    if isinstance(request.binary, str):
        for name in ("text", "encoding", "language", "transliterate"):
            if said.get(name) is not None:
                raise Problem("invalid_field", f"`{name}` and `binary` are mutually exclusive.", param=name)
        edit.binary = octets_of(request.binary)
    if not said.keys().isdisjoint({"template", "variables"}):
        _reword(edit, request, account_id, templates)
    if not said.keys().isdisjoint({"udh", "destination_port", "source_port"}):
        edit.udh = header_of(
            said.get("udh"), said.get("destination_port"), said.get("source_port"), "binary" not in said
        )
    return edit


def _reword(edit: TextEdit, request: ChangeRequest, account_id: str, templates: Sending) -> None:
    """Set the text of an edit from a template. Raises Problem."""
    if isinstance(request.template, UnsetType):
        raise Problem("missing_field", "`variables` need a `template`.", param="template")
    for name in ("text", "binary"):
        if isinstance(getattr(request, name), str):
            raise Problem("invalid_field", f"`{name}` and `template` are mutually exclusive.", param=name)
    language = request.language if isinstance(request.language, str) else None
    variables = {} if isinstance(request.variables, UnsetType) else request.variables
    worded = worded_for(templates, account_id, request.template, language, variables)
    check_class(edit.class_ if isinstance(edit.class_, str) else None, worded)
    edit.text, edit.language, edit.class_ = worded.text, UNSET, worded.class_
    edit.made_from = worded.made_from


def _cleared(name: str, value: Any) -> Any:
    return _DEFAULTS.get(name) if value is None else value
