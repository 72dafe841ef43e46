"""What each feature of the product adds to the demonstration: one file a feature, and its line in `FEATURES`.

A file has a function `plan(week)`, which says what happens when (`demo.week`), through the API alone. If it also
adds to the traffic that goes on while the demonstration runs, it has a function `going_on(scene)`, with a line in
`GOING_ON` (`demo.running`). In the order of their plans:

- `carriers`: simulated carriers with costs, a bad one among them, and routes;
- `accounts`: customers in a tree, their balances and limits;
- `keys`: keys for purposes, one revoked and one that ends;
- `people`: users with roles, sign-ins, invitations;
- `numbers`: numbers that accounts own, and ranges of networks;
- `webhooks`: endpoints, one of which fails;
- `profiles`: business profiles: verified, in review, rejected;
- `smpp`: SMPP credentials, programs that are bound, and a capture of what they send;
- `traffic`: what customers send; `texts`: the texts of it;
- `verify`: codes that people type, and an attack on a range of numbers;
- `templates`: texts with variables, in several states;
- `batches`: one text to many, some of it scheduled;
- `conversations`: incoming messages, replies, opt-outs;
- `held`: messages that wait for a person or for their time;
- `trials`: the sandbox: test messages, and requests that are refused;
- `outage`: a carrier goes down, another one refuses; alerts, pauses and bulk work follow;
- `saved_reports`: saved reports and their runs.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from onesixty.demo.features import (
    accounts,
    batches,
    carriers,
    conversations,
    held,
    keys,
    numbers,
    outage,
    people,
    profiles,
    saved_reports,
    smpp,
    templates,
    traffic,
    trials,
    verify,
    webhooks,
)
from onesixty.demo.scene import Scene
from onesixty.demo.week import Week

#: What features plan for the weeks, in this order.
FEATURES: Final[Sequence[Callable[[Week], None]]] = (
    carriers.plan,
    accounts.plan,
    keys.plan,
    people.plan,
    numbers.plan,
    webhooks.plan,
    profiles.plan,
    smpp.plan,
    traffic.plan,
    verify.plan,
    templates.plan,
    batches.plan,
    conversations.plan,
    held.plan,
    trials.plan,
    outage.plan,
    saved_reports.plan,
)

#: What goes on while the demonstration runs.
GOING_ON: Final[Sequence[Callable[[Scene], Coroutine[Any, Any, None]]]] = (
    traffic.going_on,
    verify.going_on,
    conversations.going_on,
    smpp.going_on,
)
