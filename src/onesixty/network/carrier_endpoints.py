"""`/v1/carriers`, for operators: the configuration and state of carriers.

Rules kept here:
- the connector validates a carrier's settings (`carriers.registry`); every fault names its field;
- secrets are never returned: they are masked, and a PATCH that sends a mask back leaves the secret unchanged;
- a PATCH that changes the destination (another host, URL, or certificate check) must give the secrets again: a key
  that may change an address must not learn hidden secrets by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from onesixty.carriers.registry import Connectors
from onesixty.core import ids, money
from onesixty.core.contracts import CarrierConfig, CarrierState
from onesixty.http.amounts import Amount, Currency, micros_of
from onesixty.http.idempotency import Idempotency
from onesixty.http.merge_patch import merged
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Time, shown_fields
from onesixty.network.configs import Configs, Cost, changed_carrier
from onesixty.network.running import RunningCarriers
from onesixty.pauses.in_force import PausesInForce
from onesixty.store.rows import By

Name = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,99}$",
        description="Letters, digits, dots, dashes, underscores.",
    ),
]
Settings = Annotated[dict[str, Any], Meta(description="The settings of the connector.")]
CostPerSegment = Annotated[
    Amount, Meta(description="What the carrier takes for a segment: a decimal string. Attempts keep it.")
]


class NewCarrierBody(Body):
    """A new carrier."""

    name: Name
    type: Annotated[str, Meta(max_length=50, description="The connector.", examples=["smpp", "simulator"])]
    settings: Settings = msgspec.field(default_factory=dict)
    enabled: bool = True
    cost_per_segment: CostPerSegment = "0.00"
    currency: Currency = "EUR"


class CarrierFields(Body):
    """The fields of a carrier that can be changed."""

    name: Name
    settings: Settings = msgspec.field(default_factory=dict)
    enabled: bool = True
    cost_per_segment: CostPerSegment = "0.00"
    currency: Currency = "EUR"


class Carrier(Answer):
    """A carrier: a connection to a network or provider."""

    id: str
    name: str
    type: str
    channel: Annotated[
        str, Meta(description="The channel of the messages that it carries.", examples=["sms"])
    ]
    settings: Annotated[
        dict[str, Any], Meta(description="The settings of the connector; secrets are masked.")
    ]
    enabled: bool
    cost_per_segment: CostPerSegment
    currency: Annotated[str, Meta(description="The currency of the cost, ISO 4217.")]
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: Time
    state: CarrierState | None
    paused: Annotated[str | None, Meta(description="`pause` or `drain` if an operator stopped it.")]


class CarrierQuery(PageQuery):
    """The query of `GET /v1/carriers`."""

    kind = ids.CARRIER


class Carriers(Resource[CarrierConfig, NewCarrierBody, CarrierFields, Carrier]):
    """`/v1/carriers`."""

    path, tag, one, many, scope = "/v1/carriers", "carriers", "carrier", "carriers", "carriers"
    new, fields, shown, query = NewCarrierBody, CarrierFields, Carrier, CarrierQuery
    change_name = "CarrierChangeBody"
    about = ByVerb(
        make="Create a carrier.\n\nIt connects at once if it is enabled.",
        list="List carriers, oldest first, with their state.",
        get="Get a carrier, by id or name.",
        change="Change a carrier.\n\nIt reconnects only if its settings changed.",
        remove="Delete a carrier that no route uses.",
    )

    def __init__(
        self,
        configs: Configs,
        connectors: Connectors,
        running: RunningCarriers,
        pauses: PausesInForce,
    ) -> None:
        super().__init__(configs.carrier_rows)
        self._configs = configs
        self._connectors = connectors
        self._running = running
        self._pauses = pauses

    async def made(self, body: NewCarrierBody, caller: Principal) -> Made:
        settings = self._connectors.validate(body.type, body.settings)
        await self._running.refuse_loop(settings)
        return Made(
            self._configs.new_carrier(body.name, body.type, settings, enabled=body.enabled, cost=_cost(body))
        )

    def fields_of(self, row: CarrierConfig) -> CarrierFields:
        return CarrierFields(
            name=row.name,
            settings=msgspec.json.decode(row.settings),
            enabled=row.enabled,
            cost_per_segment=money.to_text(row.cost_per_segment),
            currency=row.currency,
        )

    async def changed(
        self, row: CarrierConfig, fields: CarrierFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        settings: dict[str, Any] = msgspec.json.decode(row.settings)
        if "settings" in said:
            settings = changed_settings(self._connectors, row.type, settings, said["settings"])
            await self._running.refuse_loop(settings)
        return Changed(
            changed_carrier(
                row, name=fields.name, settings=settings, enabled=fields.enabled, cost=_cost(fields)
            )
        )

    async def remove(self, row: CarrierConfig, caller: Principal, by: By) -> None:
        await self._configs.remove_carrier(row, by)

    def view(self, row: CarrierConfig, caller: Principal) -> Carrier:
        settings = self._connectors.public(row.type, msgspec.json.decode(row.settings))
        shown = shown_fields(Carrier, row)
        shown |= {
            "channel": self._connectors.channel_of(row.type),
            "settings": settings,
            "cost_per_segment": money.to_text(row.cost_per_segment),
        }
        return Carrier(state=self._running.state(row.id), paused=self._pauses.mode(row.id), **shown)


def changed_settings(
    connectors: Connectors, type_: str, before: dict[str, Any], patch: dict[str, Any] | None
) -> dict[str, Any]:
    """The settings with a patch applied, ignoring values that only repeat a mask. Raises Problem."""
    masked = connectors.public(type_, before)
    said = {
        name: value
        for name, value in (patch or {}).items()
        if not (name in before and value == masked.get(name) != before[name])
    }
    settings = {} if patch is None else merged(before, said)
    settings = connectors.validate(type_, settings)
    given = {name for name, value in said.items() if value is not None}
    connectors.check_secrets(type_, before, settings, given)
    return settings


def _cost(said: NewCarrierBody | CarrierFields) -> Cost:
    return Cost(micros_of(said.cost_per_segment, "cost_per_segment"), said.currency)


def carrier_routes(
    configs: Configs,
    connectors: Connectors,
    running: RunningCarriers,
    pauses: PausesInForce,
    idempotency: Idempotency,
) -> Router:
    """`/v1/carriers`."""
    return routes(Carriers(configs, connectors, running, pauses), idempotency)
