"""`/v1/sandbox`: handsets to read and to reply from, fixed test numbers, scenarios.

Rules kept here:
- a key sees the handsets of its account and mode; `all` shows an operator with a live key those of all accounts;
- a message from a handset arrives over its simulated carrier like any incoming message;
- scenarios affect all accounts, so they are for operators.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec
from fastapi import Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty import numbers
from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http import openapi, validation
from onesixty.http.addresses import number_of
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.noting import noted
from onesixty.http.paging import PageQuery, cut, page_answer
from onesixty.http.scopes import Principal, check_scope
from onesixty.http.structs import shown_fields
from onesixty.kit.observer import Observer
from onesixty.sandbox import answers
from onesixty.simulator.fixed import FixedNumber, fixed_numbers
from onesixty.simulator.handsets import RECEIVED, Handset, Shown
from onesixty.simulator.sandbox import Sandbox
from onesixty.simulator.scenario import Scenario, check
from onesixty.simulator.stage import Busy, Stage, Status
from onesixty.store.notes import Notes

Caller = Annotated[Principal, Depends(Requires("sandbox"))]
Operator = Annotated[Principal, Depends(Requires("carriers"))]
All = Annotated[bool, Field(description="Handsets of all accounts; for operators with a live key.")]

#: The place of a message: when its latest part came, and its number.
_PLACE: Final = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")
_decode: Final = msgspec.json.Decoder(Scenario).decode


class HandsetQuery(PageQuery):
    """Which handsets."""

    all: All = False


class HandsetMessageQuery(HandsetQuery):
    """Which messages of a handset."""

    @classmethod
    def is_cursor(cls, value: str) -> bool:
        """See PageQuery."""
        return _PLACE.fullmatch(value) is not None


class HandsetMessageBody(Body):
    """A message to send from a handset."""

    to: Annotated[str | None, Field(min_length=2, max_length=20)] = Field(
        default=None,
        description="A number or short code. Default: the last sender that wrote to the handset.",
    )
    text: Annotated[str, Field(min_length=1, max_length=2000)]


def sandbox_routes(sandbox: Sandbox, stage: Stage, names: Observer, notes: Notes) -> openapi.Router:
    """`/v1/sandbox`. `names` gives the names of carriers."""
    router = openapi.Router("sandbox", "/v1/sandbox")
    router.describe(answers.schemas)
    handsets = sandbox.handsets
    played = openapi.answers(200, "ScenarioStatus", "The scenario and its state.")

    def seen(caller: Principal, everybody: bool) -> Tenant | None:
        if everybody:
            check_scope(caller, "carriers")
            return None
        return caller.tenant

    @router.get("/handsets", responses=openapi.answers(200, "HandsetList", "The most recently used first."))
    async def list_handsets(caller: Caller, query: Annotated[HandsetQuery, Query()]) -> Response:
        """List handsets that simulated carriers have reached.

        A handset appears once it has received or sent a message. The latest thousand are kept.
        """
        found = handsets.every(seen(caller, query.all))
        if query.after is not None:
            places = [place for place, one in enumerate(found, 1) if _cursor(one) == query.after]
            if not places:
                raise Problem(
                    "invalid_parameter",
                    "`after` must be the `next` of a previous page of this list.",
                    param="after",
                )
            found = found[places[0] :]
        page = found[: query.limit]
        next_ = _cursor(page[-1]) if len(found) > query.limit else None
        return json_answer(page_answer([_handset(one, names) for one in page], next_))

    @router.get(
        "/handsets/{number:path}/messages",
        responses=openapi.answers(200, "HandsetMessageList", "Newest first."),
    )
    async def list_handset_messages(
        caller: Caller, number: str, query: Annotated[HandsetMessageQuery, Query()]
    ) -> Response:
        """List the messages that a handset received and sent, as the handset shows them.

        Long messages are joined by the headers of their parts. A message moves to the front with each part that
        arrives. The latest 500 messages of a handset are kept, and 50,000 of all handsets.
        """
        e164 = _number(number).e164
        owner = seen(caller, query.all)
        before = None if query.after is None else tuple(map(int, query.after.split("-")))
        found = [
            (one, handset)
            for handset in handsets.every(owner)
            if handset.number == e164
            for one in handset.joined()
            if before is None or one.place < before
        ]
        found.sort(key=lambda row: row[0].place, reverse=True)
        page, next_ = cut(found, query.limit, lambda row: "-".join(map(str, row[0].place)))
        return json_answer(page_answer([_message(one.shown(), of, names) for one, of in page], next_))

    @router.post(
        "/handsets/{number:path}/messages",
        status_code=202,
        responses=openapi.answers(202, "HandsetMessage", "The message was sent by the handset."),
    )
    async def send_from_handset(caller: Caller, number: str, body: HandsetMessageBody) -> Response:
        """Send a message from a handset.

        It arrives like any incoming message; a long one arrives in several parts.
        """
        parsed = _number(number)
        owner = caller.tenant
        handset = handsets.find(owner, parsed.e164)
        to = body.to or (handset and _who_wrote_last(handset))
        if not to:
            raise Problem(
                "missing_field", "`to` is missing: this handset has not received a message yet.", param="to"
            )
        handset = handset or handsets.get(owner, parsed.e164, parsed.country)
        carrier = sandbox.carrier_of(handset)
        if carrier is None:
            raise Problem("unavailable", "No simulated carrier is running.", retry_after=5)
        try:
            carrier.send(handset, to, body.text)
        except ValueError as error:
            raise Problem("invalid_field", str(error), param="to" if body.to else None) from None
        return json_answer(_message(handset.messages()[-1], handset, names), 202)

    @router.get("/numbers", responses=openapi.answers(200, "FixedNumberList", "All fixed test numbers."))
    async def list_fixed_numbers(caller: Caller) -> Response:
        """List the fixed test numbers."""
        rows = fixed_numbers().values()
        shown = [_fixed(row) for row in rows]
        return json_answer(page_answer(shown, None))

    @router.post(
        "/scenario",
        status_code=202,
        responses=openapi.answers(202, "ScenarioStatus", "The scenario was started."),
        openapi_extra=openapi.json_body("Scenario"),
    )
    async def play_scenario(caller: Operator, request: Request) -> Response:
        """Play a scenario on the simulated carriers.

        One scenario can play at a time. `traffic` and `carriers` are refused here; they are for fast runs on the
        command line.
        """
        scenario = validation.decode(_decode, await request.body())
        for name in ("traffic", "carriers"):
            if getattr(scenario, name):
                raise Problem(
                    "invalid_field", f"`{name}` is only for fast runs on the command line.", param=name
                )
        try:
            status = stage.begin(check(scenario), caller.tenant)
        except Busy:
            raise Problem("conflict", "Another scenario is playing. Stop it first.") from None
        except ValueError as error:
            raise Problem("invalid_field", f"{str(error).rstrip('.')}.", param="steps") from None
        details = {"steps": len(status.steps)}
        await notes.record(noted(request, caller, "started", "scenario", details=details))
        return json_answer(_status(status), 202)

    @router.get("/scenario", responses=played)
    async def read_scenario(caller: Operator) -> Response:
        """Get the scenario that is playing or was played last."""
        return json_answer(_status(_played(stage.status)))

    @router.post("/scenario/stop", responses=played)
    async def stop_scenario(request: Request, caller: Operator) -> Response:
        """Stop the scenario.

        All simulated carriers behave as configured again when this call returns.
        """
        status = _played(await stage.stop())
        await notes.record(noted(request, caller, "stopped", "scenario"))
        return json_answer(_status(status))

    return router


def _number(raw: str) -> numbers.Number:
    """The number of a handset. The plus may be omitted, because URLs require it to be escaped."""
    text = raw.strip()
    return number_of(text if text.startswith(("+", "00")) else f"+{text}", "number")


def _cursor(handset: Handset) -> str:
    owner = handset.owner
    return f"{owner.account_id}-{int(owner.test)}-{handset.number.removeprefix('+')}"


def _who_wrote_last(handset: Handset) -> str | None:
    return next((one.sender for one in reversed(handset.entries) if one.direction == RECEIVED), None)


def _handset(handset: Handset, names: Observer) -> answers.Handset:
    return answers.Handset(
        number=handset.number,
        country=handset.country,
        network=handset.network.code,
        network_name=handset.network.name,
        carrier=names.carrier_name(handset.carrier_id) if handset.carrier_id else None,
        messages=len(handset.entries),
        last_at=times.to_text(handset.last_at) if handset.entries else None,
        account_id=handset.owner.account_id,
        test=handset.owner.test,
    )


def _message(one: Shown, handset: Handset, names: Observer) -> answers.HandsetMessage:
    return answers.HandsetMessage(
        to=one.recipient,
        missing_parts=one.total - one.parts,
        carrier=names.carrier_name(one.carrier_id),
        account_id=handset.owner.account_id,
        test=handset.owner.test,
        **shown_fields(answers.HandsetMessage, one) | {"parts": one.total},
    )


def _fixed(row: FixedNumber) -> answers.FixedNumber:
    """A fixed number. Its text marks names with backticks for the documentation page; JSON has no use for them."""
    fields = shown_fields(answers.FixedNumber, row)
    return answers.FixedNumber(**fields | {"about": row.about.replace("`", "")})


def _played(status: Status | None) -> Status:
    if status is None:
        raise Problem("not_found", "No scenario has been played since this node started.")
    return status


def _status(status: Status) -> answers.ScenarioStatus:
    steps = [answers.ScenarioStep(**shown_fields(answers.ScenarioStep, step)) for step in status.steps]
    return answers.ScenarioStatus(**shown_fields(answers.ScenarioStatus, status) | {"steps": steps})
