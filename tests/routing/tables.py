"""Tables of routes and messages to put to them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from onesixty.channels.registry import standard
from onesixty.core.contracts import CarrierConfig, RouteConfig
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.routing.router import Router


class Clock:
    """Time that stands still until it is set. It begins on a Monday at noon UTC."""

    def __init__(self) -> None:
        self.ms = 1_795_435_200_000

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


def carrier(id_: str, *, enabled: bool = True) -> CarrierConfig:
    return CarrierConfig(
        id=id_, name=id_, type="smpp", settings="{}", enabled=enabled, version=1, created_at=0
    )


def route(
    name: str,
    *carriers: Any,
    enabled: bool = True,
    created_at: int = 0,
    priority: int = 100,
    **match: Any,
) -> RouteConfig:
    return RouteConfig(
        id=f"rte_{name}",
        name=name,
        carriers=msgspec.json.encode(list(carriers)).decode(),
        match=msgspec.json.encode(match).decode(),
        priority=priority,
        enabled=enabled,
        version=1,
        created_at=created_at,
    )


def over(hops: Iterable[Hop]) -> tuple[str, ...]:
    """The carriers of hops, in their order."""
    return tuple(hop.carrier_id for hop in hops)


def share(carrier_id: str, order: int, weight: int = 1) -> dict[str, Any]:
    return {"carrier": carrier_id, "order": order, "weight": weight}


def router(
    *rows: RouteConfig | CarrierConfig,
    simulated: tuple[str, ...] = (),
    clock: Clock | None = None,
    **settings: Any,
) -> Router:
    table = Router(clock or Clock(), standard(), **settings)
    table.load(
        [row for row in rows if isinstance(row, RouteConfig)],
        [row for row in rows if isinstance(row, CarrierConfig)],
        simulated,
    )
    return table


def message(id_: str = "msg_1", **fields: Any) -> Message:
    values: dict[str, Any] = {
        "account_id": "acc_one", "test": False, "sender": "Acme", "recipient": "+15551234567", "text": "hello",
        "encoding": "gsm7", "segments": 1, "class_": "transactional", "country": "US", "created_at": 0,
        "expires_at": 1, "status": "queued",
    }  # fmt: skip
    if "tags" in fields:
        fields["tags"] = msgspec.json.encode(fields["tags"]).decode()
    return Message(id=id_, **(values | fields))
