"""Bulk calls for operators: cancel, requeue and reroute messages, and `/v1/jobs`.

Rules kept here:
- a filter needs at least one condition, and no condition may be empty: a script with an unset variable must not
  cancel every message of the platform;
- values are read as everywhere else: numbers in any notation, a country in either case;
- `dry_run` only counts and returns some ids; otherwise a job does the work, and the call returns at once.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty import numbers
from onesixty.core import ids
from onesixty.core.errors import CATALOGUE, Problem
from onesixty.http import moments, openapi
from onesixty.http.addresses import number_of
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body, named, negated
from onesixty.http.noting import author
from onesixty.http.paging import OrderedQuery, PageQuery, page_answer
from onesixty.http.scopes import Principal
from onesixty.http.structs import shown_fields
from onesixty.jobs import answers, bulk
from onesixty.jobs.bulk import Filter, Target
from onesixty.jobs.jobs import Job, Jobs, Progress
from onesixty.network.configs import Configs

Operator = Annotated[Principal, Depends(Requires("desk"))]
Named = Annotated[str | None, Field(min_length=1, max_length=100, description="A carrier's name or id.")]

Waiting = Literal["scheduled", "queued", "held"]
Class = Literal["otp", "transactional", "marketing"]
Country = Annotated[str, Field(pattern="^([A-Za-z]{2}|001)$")]
Network = Annotated[str, Field(pattern="^[0-9]{5,6}$")]
Short = Annotated[str, Field(min_length=1, max_length=50)]
Code = Annotated[str, Field(min_length=1, max_length=50, json_schema_extra=named("ErrorCode"))]
Address = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


def none_of(what: str, more: str = "") -> Any:
    """The condition that leaves out messages with any of its values."""
    return negated(f"messages {what}", more, repeat=False)


class FilterBody(Body):
    """Selects messages: all conditions must hold. Messages being sent or in a final status never match."""

    account: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    test: bool | None = None
    status: Waiting | None = None
    held_for: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=50,
            description="What a held message waits for: `outcome_unknown`, `review`. A requeue without it releases "
            "only those whose outcome is unknown.",
        ),
    ] = None
    to: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    sender: Annotated[str | None, Field(alias="from", min_length=1, max_length=64)] = None
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None
    tag: Annotated[str | None, Field(min_length=1, max_length=50)] = None
    reference: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    batch_id: Annotated[str | None, Field(min_length=1, max_length=40)] = None
    carrier: Named = None
    route: Named = None
    country: Annotated[Country | None, Field(description="ISO 3166, upper or lower case.")] = None
    network: Annotated[Network | None, Field(description="MCC and MNC of the recipient's range.")] = None
    error: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=50,
            description="An error code of the catalogue.",
            json_schema_extra=named("ErrorCode"),
        ),
    ] = None
    class_: Annotated[Class | None, Field(alias="class")] = None
    duplicates: Annotated[
        bool | None,
        Field(
            description="`true`: only messages that may have been sent more than once. `false`: only the others."
        ),
    ] = None
    status_not: Annotated[list[Waiting] | None, none_of("whose status is")] = None
    held_for_not: Annotated[list[Short] | None, none_of("that are held for", ", or not held")] = None
    to_not: Annotated[list[Address] | None, none_of("whose recipient, a whole number, is")] = None
    sender_not: Annotated[list[Address] | None, Field(alias="from_not"), none_of("whose sender is")] = None
    tag_not: Annotated[list[Short] | None, none_of("that have", " tags")] = None
    batch_id_not: Annotated[list[Short] | None, none_of("that are in", " batches, or in no batch")] = None
    carrier_not: Annotated[
        list[Name] | None, none_of("whose carrier, by name or id, is", ", or that have none yet")
    ] = None
    route_not: Annotated[
        list[Name] | None, none_of("whose route, by name or id, is", ", or that have none yet")
    ] = None
    country_not: Annotated[list[Country] | None, none_of("whose country is", ", or unknown")] = None
    network_not: Annotated[list[Network] | None, none_of("whose network is", ", or unknown")] = None
    error_not: Annotated[list[Code] | None, none_of("whose error code is", ", or that have none")] = None
    class_not: Annotated[list[Class] | None, none_of("whose class is")] = None


_LEFT_OUT: Final = tuple(name for name in FilterBody.model_fields if name.endswith("_not"))


class BulkBody(Body):
    """Which messages to work on. With `dry_run` they are only counted."""

    filter: FilterBody
    dry_run: bool = False


class JobQuery(OrderedQuery):
    """The query of `GET /v1/jobs`."""

    kind = ids.JOB


class SkippedQuery(PageQuery):
    """The query of `GET /v1/jobs/{id}/skipped`."""

    kind = ids.MESSAGE


class TargetBody(Body):
    """A route, or one carrier without a route."""

    route: Named = None
    carrier: Named = None


class RerouteBody(BulkBody):
    """Which messages to move, and where to."""

    to: TargetBody


def job_routes(configs: Configs, jobs: Jobs) -> openapi.Router:
    """`POST /v1/messages/cancel`, `/requeue`, `/reroute` and `/v1/jobs`."""
    router = openapi.Router("desk", "/v1")
    router.describe(answers.schemas)
    started: dict[int | str, dict[str, Any]] = {
        **openapi.answers(202, "Job", "The job was started."),
        **openapi.answers(200, "DryRun", "The messages were counted; nothing was changed."),
    }
    shown = openapi.answers(200, "Job", "The job.")

    async def carrier(name: str | None, param: str) -> str | None:
        return None if name is None else (await configs.named_carrier(name, param)).id

    async def route(name: str | None, param: str, *, gone: bool = False) -> str | None:
        """The id of a route. With `gone`, the id of a deleted route that messages still have is accepted."""
        if name is None:
            return None
        if gone and (ids.is_id(ids.ROUTE, name) or ids.is_id(ids.CARRIER, name)):
            return name
        return (await configs.named_route(name, param)).id

    async def filter_of(body: FilterBody) -> Filter:
        said = body.model_dump(exclude_none=True)
        if not said:
            raise Problem("invalid_field", "`filter` must have at least one condition.", param="filter")
        for name in _LEFT_OUT:
            said.pop(name, None)
        said["carrier"] = await carrier(body.carrier, "filter.carrier")
        said["route"] = await route(body.route, "filter.route", gone=True)
        for name in ("created_after", "created_before"):
            if name in said:
                said[name] = moments.of_body(said[name], f"filter.{name}")
        if body.to is not None:
            said["to"] = number_of(body.to, "filter.to").e164
        if body.sender is not None:
            said["sender"] = numbers.displayed(body.sender)
        if body.country is not None:
            said["country"] = body.country.upper()
        if body.error is not None:
            _check_code(body.error, "filter.error")
        return Filter(**said, **await left_out(body))

    async def left_out(body: FilterBody) -> dict[str, Any]:
        """The conditions that end in `_not`."""
        carriers, routes = body.carrier_not or (), body.route_not or ()
        for place, code in enumerate(body.error_not or ()):
            _check_code(code, f"filter.error_not[{place}]")
        return {
            **{name: tuple(getattr(body, name) or ()) for name in _LEFT_OUT},
            "carrier_not": tuple(
                [await carrier(name, f"filter.carrier_not[{place}]") for place, name in enumerate(carriers)]
            ),
            "route_not": tuple(
                [
                    await route(name, f"filter.route_not[{place}]", gone=True)
                    for place, name in enumerate(routes)
                ]
            ),
            "to_not": tuple(
                number_of(to, f"filter.to_not[{place}]").e164 for place, to in enumerate(body.to_not or ())
            ),
            "sender_not": tuple(map(numbers.displayed, body.sender_not or ())),
            "country_not": tuple(map(str.upper, body.country_not or ())),
        }

    async def run(
        request: Request, kind: str, caller: Principal, body: BulkBody, target: Target | None = None
    ) -> Response:
        wanted = await filter_of(body.filter)
        if body.dry_run:
            found = await jobs.look(kind, wanted)
            total = sum(found.counts.values())
            return json_answer(answers.DryRun(total=total, by_status=found.counts, sample=found.sample))
        job = await jobs.start(kind, wanted, target, caller.actor.who, author(request, caller))
        return json_answer(_view(job), 202)

    @router.post("/messages/cancel", status_code=202, responses=started)
    async def cancel_messages(request: Request, caller: Operator, body: BulkBody) -> Response:
        """Cancel all messages that match a filter and that no carrier has taken yet."""
        return await run(request, bulk.CANCEL, caller, body)

    @router.post("/messages/requeue", status_code=202, responses=started)
    async def requeue_messages(request: Request, caller: Operator, body: BulkBody) -> Response:
        """Release messages held for an unknown outcome, and retry now those that wait for their next attempt.

        What a rule holds is released only if `held_for` names it (`review`): it is judged again, and the rules that
        held it do not hold it again. Messages in a final status are not changed: send a failed message again as a new
        one.
        """
        return await run(request, bulk.REQUEUE, caller, body)

    @router.post("/messages/reroute", status_code=202, responses=started)
    async def reroute_messages(request: Request, caller: Operator, body: RerouteBody) -> Response:
        """Move waiting messages to another route or carrier.

        Held messages stay held; once requeued, they use the new route or carrier.
        """
        target = Target(await route(body.to.route, "to.route"), await carrier(body.to.carrier, "to.carrier"))
        if (target.route is None) == (target.carrier is None):
            raise Problem("invalid_field", "`to` must name either a route or a carrier.", param="to")
        return await run(request, bulk.REROUTE, caller, body, target)

    @router.get("/jobs", responses=openapi.answers(200, "JobList", "A page of jobs."))
    async def list_jobs(caller: Operator, query: Annotated[JobQuery, Query()]) -> Response:
        """List bulk jobs, newest first."""
        found, next_ = await jobs.list(query.limit, query.after, oldest_first=query.oldest_first)
        return json_answer(page_answer([_view(job) for job in found], next_))

    @router.get("/jobs/{id}", responses=shown)
    async def get_job(caller: Operator, id: str) -> Response:  # noqa: A002
        """Get a bulk job with its progress."""
        return json_answer(_view(await jobs.get(id)))

    @router.get("/jobs/{id}/skipped", responses=openapi.answers(200, "SkippedMessageList", "A page."))
    async def list_skipped_of_job(
        caller: Operator,
        id: str,  # noqa: A002
        query: Annotated[SkippedQuery, Query()],
    ) -> Response:
        """List the messages that a bulk job did not change, with the reasons.

        At most the first 10,000 are listed; the job counts all of them.
        """
        found, next_ = await jobs.skipped(id, query.limit, query.after)
        shown = [answers.SkippedMessage(message_id=one.message_id, reason=one.reason) for one in found]
        return json_answer(page_answer(shown, next_))

    @router.post("/jobs/{id}/stop", responses=shown)
    async def stop_job(request: Request, caller: Operator, id: str) -> Response:  # noqa: A002
        """Stop a bulk job. Changes already made are kept."""
        return json_answer(_view(await jobs.stop_job(id, author(request, caller))))

    return router


def _check_code(code: str, param: str) -> None:
    if code not in CATALOGUE:
        raise Problem("invalid_field", f"Unknown error code `{code}`.", param=param)


def _view(job: Job) -> answers.Job:
    progress = msgspec.json.decode(job.progress, type=Progress)
    wanted = msgspec.json.decode(job.filter, type=Filter)
    filter_ = answers.JobFilter(**shown_fields(answers.JobFilter, wanted))
    shown = shown_fields(answers.Job, job) | {"filter": filter_}
    to = msgspec.json.decode(job.target, type=answers.JobTarget) if job.target else None
    return answers.Job(to=to, total=progress.total, counts=progress.counts, **shown)
