"""The answers of bulk job calls."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from onesixty.http.openapi import Schema, of_struct
from onesixty.http.structs import Answer, Time, one_of
from onesixty.jobs.bulk import STATUSES
from onesixty.jobs.jobs import DONE, FAILED, RUNNING, STOPPED


class DryRun(Answer):
    """How many messages a job would change."""

    total: int
    by_status: dict[str, int]
    sample: Annotated[list[str], Meta(description="The ids of some of the messages.")]


class Job(Answer):
    """A bulk job and its progress."""

    id: str
    kind: Annotated[str, one_of(STATUSES)]
    status: Annotated[str, one_of((RUNNING, DONE, STOPPED, FAILED))]
    filter: dict[str, Any]
    to: Annotated[dict[str, Any] | None, Meta(description="For a reroute: the new route or carrier, by id.")]
    total: Annotated[int, Meta(description="How many messages matched when the job began.")]
    counts: Annotated[
        dict[str, int],
        Meta(
            description="Counts by result: `done`; `skipped` (already being sent, or nothing to do); or the error "
            "code of a refusal."
        ),
    ]
    made_by: str
    created_at: Time
    done_at: Time | None


def schemas() -> dict[str, Schema]:
    """The schemas, for the OpenAPI document."""
    return of_struct(DryRun, pages=[Job])
