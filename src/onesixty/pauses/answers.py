"""The answers of calls about pauses; probes answer `probes.ProbeResult`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from onesixty.http.openapi import Schema, of_struct
from onesixty.http.structs import Answer, Time, one_of
from onesixty.pauses.pauses import KINDS, MODES
from onesixty.pauses.probes import ProbeResult


class Pause(Answer):
    """A pause or drain in force."""

    id: str
    kind: Annotated[str, one_of(KINDS)]
    value: Annotated[str, Meta(description="The subject by name.")]
    subject: Annotated[str, Meta(description="The subject by id, if it has one.")]
    mode: Annotated[str, one_of(MODES)]
    reason: str | None
    made_by: Annotated[str, Meta(description="The id of the key or user that made the request.")]
    created_at: Time
    ends_at: Annotated[
        Time | None, Meta(description="When it ends by itself; null: when somebody resumes it.")
    ]


def schemas() -> dict[str, Schema]:
    """The schemas, for the OpenAPI document."""
    return of_struct(ProbeResult, pages=[Pause])
