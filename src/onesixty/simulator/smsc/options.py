"""The options of a simulated SMSC: where it listens, who may bind, how its network behaves, and its misbehaviours."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from onesixty.simulator.behaviour import Behaviour, Milliseconds

IdForm = Literal["hex", "decimal"]


class SmscOptions(Behaviour, kw_only=True, forbid_unknown_fields=True):
    """Options of `onesixty simulate smsc`. Port 0 takes any that is free."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 2776
    #: The system_id and password that may bind; an empty system_id lets any peer bind.
    system_id: str = ""
    password: str = ""
    #: deliver_sm that may wait for their answer on each connection.
    window: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 100
    #: The form of the message's id in the answer to submit_sm.
    id_form: IdForm = "hex"
    #: Names from the catalogue of misbehaviours, and how often repeated ones occur (every n-th submit_sm).
    misbehave: tuple[str, ...] = ()
    every: Annotated[int, msgspec.Meta(ge=1)] = 10
    #: The time after which a receipt that was not acknowledged is offered again.
    repeat_ms: Milliseconds = 1000
    #: How many received submit_sm are kept for inspection.
    record: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    #: Use the lean SMSC for benchmarks: it accepts everything at once, and has no misbehaviours.
    fast: bool = False
