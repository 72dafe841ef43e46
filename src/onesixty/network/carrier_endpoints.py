"""`/v1/carriers`, for operators: the links to carriers, how they are set and how they are.

Rules kept here:
- what a carrier's settings may be is the connector's to say (`validate`); every fault names its field;
- secrets are never shown again: they are masked, and a PATCH that sends a mask back changes nothing of it;
- a PATCH that leads elsewhere (another host, URL, or check of the certificate) has to give the secrets again: a key
  that may change an address does not learn by it what was hidden from it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from onesixty.core import times
from onesixty.core.contracts import CarrierConfig
from onesixty.core.errors import Problem
from onesixty.http import openapi
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.scopes import Principal
from onesixty.network.configs import Configs

Operator = Annotated[Principal, Depends(Requires("carriers"))]
Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,99}$",
        description="Letters, digits, dots, dashes, underscores.",
    ),
]


class Connectors(NamedTuple):
    """What the routes need of `carriers`.

    `validate(type, settings)` gives the settings' normal form or raises Problem; `public(type, settings)` shows
    them with secrets masked; `check_secrets(type, before, after, said)` raises Problem where a secret that was not
    `said` again would go elsewhere; `state(carrier_id)` tells how a running carrier is, None if it does not run;
    `mode(carrier_id)` whether it is paused or drained; `refuse(settings)` raises Problem for an address that leads
    back here.
    """

    validate: Callable[[str, Mapping[str, object]], dict[str, Any]]
    public: Callable[[str, Mapping[str, object]], dict[str, Any]]
    check_secrets: Callable[[str, Mapping[str, object], Mapping[str, object], Collection[str]], None]
    state: Callable[[str], object | None]
    mode: Callable[[str], str | None]
    refuse: Callable[[Mapping[str, object]], Awaitable[None]]


class NewCarrierBody(Body):
    """A carrier to make."""

    name: Name
    type: Annotated[str, Field(max_length=50, description="The connector.", examples=["smpp", "simulator"])]
    settings: Annotated[dict[str, Any], Field(description="As the connector defines them.")] = Field(
        default_factory=dict
    )
    enabled: bool = True


class CarrierChangeBody(Body):
    """What to change; what is left out stays. In `settings`, null sets a field back to its default."""

    name: Name | None = None
    settings: dict[str, Any] | None = None
    enabled: bool | None = None


def carrier_routes(configs: Configs, connectors: Connectors) -> APIRouter:
    """`/v1/carriers`."""
    router = APIRouter(prefix="/v1/carriers", tags=["carriers"])
    shown = openapi.answers(200, "Carrier", "The carrier as it is now.")

    def view(config: CarrierConfig) -> dict[str, Any]:
        return {
            "id": config.id,
            "name": config.name,
            "type": config.type,
            "settings": connectors.public(config.type, msgspec.json.decode(config.settings)),
            "enabled": config.enabled,
            "version": config.version,
            "created_at": times.to_text(config.created_at),
            "state": connectors.state(config.id),
            "paused": connectors.mode(config.id),
        }

    async def find(id_or_name: str) -> CarrierConfig:
        config = await configs.carrier(id_or_name)
        if config is None:
            raise Problem("not_found", "There is no such carrier.")
        return config

    @router.post("", status_code=201, responses=openapi.answers(201, "Carrier", "It was made."))
    async def create_carrier(caller: Operator, body: NewCarrierBody) -> Response:
        """Make a carrier.

        It connects at once if it is enabled.
        """
        settings = connectors.validate(body.type, body.settings)
        await connectors.refuse(settings)
        config = await configs.add_carrier(body.name, body.type, settings, enabled=body.enabled)
        return json_answer(view(config), 201)

    @router.get("", responses=openapi.answers(200, "CarrierList", "All of them."))
    async def list_carriers(caller: Operator) -> Response:
        """List carriers, all of them, with their state."""
        return json_answer({"data": [view(config) for config in await configs.carriers()], "next": None})

    @router.get("/{id}", responses=shown)
    async def get_carrier(caller: Operator, id: str) -> Response:  # noqa: A002
        """Read a carrier, by id or name."""
        return json_answer(view(await find(id)))

    @router.patch("/{id}", responses=shown)
    async def change_carrier(caller: Operator, id: str, body: CarrierChangeBody) -> Response:  # noqa: A002
        """Change a carrier.

        Its binds are made anew only if its settings changed.
        """
        config = await find(id)
        settings: dict[str, Any] = msgspec.json.decode(config.settings)
        if body.settings is not None:
            before, said = dict(settings), set[str]()
            shown = connectors.public(config.type, settings)
            for name, value in body.settings.items():
                if value is None:
                    settings.pop(name, None)
                elif not (name in settings and value == shown.get(name) != settings[name]):
                    settings[name] = value
                    said.add(name)
            settings = connectors.validate(config.type, settings)
            connectors.check_secrets(config.type, before, settings, said)
            await connectors.refuse(settings)
        changed = await configs.change_carrier(
            config,
            name=config.name if body.name is None else body.name,
            settings=settings,
            enabled=config.enabled if body.enabled is None else body.enabled,
        )
        return json_answer(view(changed))

    @router.delete("/{id}", status_code=204)
    async def delete_carrier(caller: Operator, id: str) -> Response:  # noqa: A002
        """Delete a carrier that no route names."""
        await configs.remove_carrier(await find(id))
        return empty_answer()

    return router
