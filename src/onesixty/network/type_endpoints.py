"""`/v1/carrier-types` and `/v1/carriers/check`, for operators: the forms of carriers, and a check before one is kept.

Rules kept here:
- the form of a type comes from the type's own settings (`carriers.forms`);
- a check makes its own connections: it disturbs no running carrier, and nothing of it is kept;
- a check of a changed carrier may leave out its secrets, or send their masks; if the change leads to another host,
  the secrets must be given again, as with a PATCH;
- a real message is sent only for those who may also probe (`desk`), and the audit log says so.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from onesixty.carriers.forms import form
from onesixty.carriers.http.profiles import PROFILES
from onesixty.carriers.registry import CONNECTORS, Connectors
from onesixty.core.contracts import (
    STEPS,
    CarrierConfig,
    Checkable,
    CheckableByUse,
    CheckOptions,
    Finding,
)
from onesixty.core.errors import Problem
from onesixty.http import openapi, structs
from onesixty.http.addresses import number_of
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires, reads
from onesixty.http.call import SCOPE_KEY
from onesixty.http.noting import noted
from onesixty.http.openapi import json_body
from onesixty.http.paging import page_answer
from onesixty.http.scopes import Principal, check_scope
from onesixty.http.structs import Answer, Body, one_of
from onesixty.kit.context import Context
from onesixty.network.carrier_endpoints import Settings, changed_settings
from onesixty.network.configs import Configs
from onesixty.network.running import RunningCarriers
from onesixty.store.notes import LONGEST, Notes

Operator = Annotated[Principal, Depends(Requires("carriers"))]

#: Seconds for a check, and how many run at a time.
LIMIT: Final = 90.0
MOST: Final = 4
#: The id of a carrier that is only checked.
_ID: Final = "car_check"


class CarrierType(Answer):
    """A type of carriers, and the form of its settings."""

    type: Annotated[str, Meta(examples=["smpp"])]
    source: Annotated[
        str,
        one_of(("built_in", "profile", "extension")),
        Meta(description="`profile`: a provider over HTTP. `extension`: an installed package."),
    ]
    channel: Annotated[str, Meta(description="The channel of the messages that it carries.")]
    simulated: Annotated[bool, Meta(description="Whether nothing leaves the machine.")]
    secrets: Annotated[list[str], Meta(description="The settings that are never shown again.")]
    settings: Annotated[
        dict[str, Any],
        Meta(
            description="JSON Schema (2020-12) of the settings. Each has a `title` and `x-group`, most a "
            "`description`; `x-secret` marks secrets; `x-groups` names the groups in the order of a form."
        ),
    ]


class CheckBody(Body):
    """What to check: a carrier, a carrier with changed settings, or a type with settings."""

    carrier: (
        Annotated[
            str, Meta(max_length=100, description="A carrier by name or id. `settings` change its own.")
        ]
        | None
    ) = None
    type: Annotated[str, Meta(max_length=50, description="The type, without a carrier.")] | None = None
    settings: Settings = msgspec.field(default_factory=dict)
    window: Annotated[bool, Meta(description="Also test the window: as many enquiries at once (SMPP).")] = (
        False
    )
    to: (
        Annotated[
            str,
            Meta(
                max_length=64,
                description="Also send one real message to this number (SMPP). Needs the scope `desk`, too.",
            ),
        ]
        | None
    ) = None
    sender: Annotated[str, Meta(max_length=64, description="The sender of that message.")] = msgspec.field(
        default="onesixty", name="from"
    )
    text: Annotated[str, Meta(max_length=1600, description="Its text.")] = (
        "Test message of onesixty carrier check."
    )
    wait_seconds: Annotated[
        float, Meta(ge=0, le=60, description="How long to wait for its delivery report.")
    ] = 20.0


class CheckFinding(Answer):
    """One thing that a check found."""

    level: Annotated[str, one_of(("ok", "note", "warning", "error"))]
    step: (
        Annotated[
            str,
            one_of(STEPS),
            Meta(description="The part of the check. Connectors of extensions may name none."),
        ]
        | None
    )
    what: Annotated[str, Meta(description="A sentence. An error says what to do; settings are in backticks.")]
    facts: Annotated[
        dict[str, float | str] | None, Meta(description="Measurements by name; times in seconds.")
    ]


class CarrierCheck(Answer):
    """The result of a check."""

    ok: Annotated[bool, Meta(description="Whether nothing is wrong.")]
    carrier: Annotated[str | None, Meta(description="The name of the carrier that was checked.")]
    type: str
    findings: list[CheckFinding]


class Checks:
    """Checks carriers with connections of their own."""

    def __init__(
        self, node: Context, *, configs: Configs, connectors: Connectors, running: RunningCarriers
    ) -> None:
        self._node = node
        self._configs = configs
        self._connectors = connectors
        self._running = running
        self._free = MOST

    async def check(self, body: CheckBody) -> tuple[CarrierConfig, CarrierCheck]:
        """Check what the body names. Raises Problem."""
        config = await self._config(body)
        if self._free == 0:
            raise Problem("rate_limited", f"At most {MOST} checks run at a time.", retry_after=10)
        self._free -= 1
        try:
            findings = await self._findings(config, _options(body))
        finally:
            self._free += 1
        return config, CarrierCheck(
            ok=all(finding.level != "error" for finding in findings),
            carrier=config.name or None,
            type=config.type,
            findings=[_finding(one) for one in findings],
        )

    async def _config(self, body: CheckBody) -> CarrierConfig:
        """The carrier as it is to be checked."""
        if (body.carrier is None) == (body.type is None):
            raise Problem("invalid_field", "Give either `carrier` or `type`.", param="carrier")
        if body.carrier is not None:
            config = await self._configs.named_carrier(body.carrier, "carrier")
            if not body.settings:
                return config
            before: dict[str, Any] = msgspec.json.decode(config.settings)
            settings = changed_settings(self._connectors, config.type, before, body.settings)
            await self._running.refuse_loop(settings)
            return msgspec.structs.replace(config, settings=msgspec.json.encode(settings).decode())
        assert body.type is not None
        settings = self._connectors.validate(body.type, body.settings)
        await self._running.refuse_loop(settings)
        return CarrierConfig(
            id=_ID,
            name="",
            type=body.type,
            settings=msgspec.json.encode(settings).decode(),
            enabled=True,
            version=1,
            created_at=self._node.clock.now_ms(),
        )

    async def _findings(self, config: CarrierConfig, options: CheckOptions) -> list[Finding]:
        node = self._node
        carrier = self._connectors.build(
            config, clock=node.clock, random=node.random, public_url=node.settings.effective_public_url
        )
        try:
            async with asyncio.timeout(LIMIT):
                if isinstance(carrier, CheckableByUse):
                    return await carrier.check_with(options)
                if isinstance(carrier, Checkable):
                    found = await carrier.check()
                    if options.to is not None:
                        what = f"A check of type {config.type} cannot send a message: send a probe."
                        found = [*found, Finding("note", what)]
                    return found
        except TimeoutError:
            return [Finding("error", f"The check did not end within {LIMIT:.0f} seconds.")]
        what = f"A carrier of type {config.type} makes no connection, so there is nothing to check."
        return [Finding("note", what)]


def _finding(found: Finding) -> CheckFinding:
    step = found.step if found.step in STEPS else None
    return CheckFinding(level=found.level, step=step, what=found.what, facts=found.facts)


def _options(body: CheckBody) -> CheckOptions:
    to = None if body.to is None else number_of(body.to, "to").e164
    return CheckOptions(
        to=to, sender=body.sender, text=body.text, receipt_s=body.wait_seconds, window=body.window
    )


_DECODE_CHECK: Final = msgspec.json.Decoder(CheckBody).decode
Checker = Annotated[Principal, Depends(Requires("carriers", reads(_DECODE_CHECK)))]


def type_routes(connectors: Connectors, checks: Checks, notes: Notes) -> openapi.Router:
    """The routes."""
    router = openapi.Router("carriers", "/v1")
    router.describe(lambda: openapi.of_struct(CheckBody, CarrierCheck, pages=[CarrierType]))

    @router.get("/carrier-types", responses=openapi.answers(200, "CarrierTypeList", "All types."))
    async def list_carrier_types(_: Operator) -> Response:
        """List the types of carriers of the node that answers, with the forms of their settings.

        Types of extensions are among them.
        """
        return json_answer(page_answer([_view(connectors, type_) for type_ in connectors.types], None))

    @router.post(
        "/carriers/check",
        responses=openapi.answers(200, "CarrierCheck", "What was found."),
        openapi_extra=json_body("CheckBody"),
    )
    async def check_carrier(request: Request, caller: Checker) -> Response:
        """Connect to a carrier, measure, and tell what works and what is wrong.

        The check makes its own connections, also for settings that are not kept yet. It may take a minute.
        """
        body = structs.read(_DECODE_CHECK, request.scope[SCOPE_KEY].body)
        if body.to is not None:
            check_scope(caller, "desk")
        config, result = await checks.check(body)
        about = "" if config.id == _ID else config.id
        personal = (
            {} if body.to is None else {"from": body.sender, "to": body.to, "text": body.text[:LONGEST]}
        )
        await notes.record(
            noted(
                request,
                caller,
                "checked",
                "carrier",
                about,
                details={"type": config.type, "ok": result.ok},
                personal=personal,
            )
        )
        return json_answer(result)

    return router


def _view(connectors: Connectors, type_: str) -> CarrierType:
    connector = connectors.connector(type_)
    source = "built_in" if type_ in CONNECTORS else "profile" if type_ in PROFILES else "extension"
    return CarrierType(
        type=type_,
        source=source,
        channel=connector.channel,
        simulated=connector.simulated,
        secrets=list(connector.secrets),
        settings=form(type_, connector),
    )
