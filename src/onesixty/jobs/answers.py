"""The answers of bulk job calls."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from onesixty.core import statuses
from onesixty.core.message import CLASSES
from onesixty.http.openapi import Schema, of_struct
from onesixty.http.structs import Answer, Time, named, one_of
from onesixty.jobs.bulk import REASONS, STATUSES
from onesixty.jobs.jobs import DONE, FAILED, RUNNING, STOPPED


class DryRun(Answer):
    """How many messages a job would change."""

    total: int
    by_status: dict[str, int]
    sample: Annotated[list[str], Meta(description="The ids of some of the messages.")]


class JobFilter(
    Answer,
    omit_defaults=True,
    rename={"sender": "from", "sender_not": "from_not", "class_": "class"},
):
    """The conditions of a job, all of which hold. Carrier and route are ids."""

    account: str | None = None
    test: bool | None = None
    status: Annotated[str, one_of(statuses.ALL)] | None = None
    held_for: str | None = None
    to: str | None = None
    sender: str | None = None
    created_after: Time | None = None
    created_before: Time | None = None
    tag: str | None = None
    reference: str | None = None
    batch_id: str | None = None
    carrier: str | None = None
    route: str | None = None
    country: str | None = None
    network: str | None = None
    error: Annotated[str, named("ErrorCode")] | None = None
    class_: Annotated[str, one_of(CLASSES)] | None = None
    duplicates: bool | None = None
    status_not: tuple[Annotated[str, one_of(statuses.ALL)], ...] = ()
    held_for_not: tuple[str, ...] = ()
    to_not: tuple[str, ...] = ()
    sender_not: tuple[str, ...] = ()
    tag_not: tuple[str, ...] = ()
    batch_id_not: tuple[str, ...] = ()
    carrier_not: tuple[str, ...] = ()
    route_not: tuple[str, ...] = ()
    country_not: tuple[str, ...] = ()
    network_not: tuple[str, ...] = ()
    error_not: tuple[Annotated[str, named("ErrorCode")], ...] = ()
    class_not: tuple[Annotated[str, one_of(CLASSES)], ...] = ()


class JobTarget(Answer, omit_defaults=True):
    """Where a job moves messages: a route or a carrier, by id."""

    route: str | None = None
    carrier: str | None = None


class Job(Answer):
    """A bulk job and its progress."""

    id: str
    kind: Annotated[str, one_of(STATUSES)]
    status: Annotated[str, one_of((RUNNING, DONE, STOPPED, FAILED))]
    filter: Annotated[JobFilter, Meta(description="Which messages it changes.")]
    to: Annotated[JobTarget | None, Meta(description="For a reroute: the new route or carrier.")]
    total: Annotated[int, Meta(description="How many messages matched when the job began.")]
    counts: Annotated[
        dict[str, int],
        Meta(
            description="Counts by result: `done`; `skipped` (already being sent, or nothing to do); or the error "
            "code of a refusal. `GET /v1/jobs/{id}/skipped` lists what was not done."
        ),
    ]
    made_by: str
    created_at: Time
    done_at: Time | None


class SkippedMessage(Answer):
    """A message that a job did not change."""

    message_id: str
    reason: Annotated[
        str,
        Meta(
            description="; ".join(f"`{name}`: {about}" for name, about in REASONS.items())
            + "; or the error code of a refusal."
        ),
    ]


def schemas() -> dict[str, Schema]:
    """The schemas, for the OpenAPI document."""
    return of_struct(DryRun, pages=[Job, SkippedMessage])
