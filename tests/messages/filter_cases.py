"""Random messages and queries, and by plain rules which messages pass: what all who judge filters are held to.

The engines are compared with it in `test_messages_filters.py`. The console judges messages as they come, by itself:
its unit tests read the cases of `web/tests/filters.json`, which `python -m tests.messages.filter_cases` writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Final, cast

from onesixty.channels.sms.view import sms_view
from onesixty.core import ids, statuses
from onesixty.core.actor import Actor
from onesixty.core.message import CLASSES, Message
from onesixty.core.tenant import Tenant
from onesixty.doors.v1.filters import FilterQuery
from onesixty.http.scopes import Principal
from onesixty.messages.queries import Filters
from onesixty.network.configs import Configs

FILE: Final = Path(__file__).resolve().parents[2] / "web" / "tests" / "filters.json"
ACCOUNT: Final = "acc_one"
BEGAN: Final = 1_795_390_000_000

_NUMBERS: Final = ("+15551234567", "+4915112345678", "+4915112349999")
#: The values that messages have, and that are asked for. None is a message without one.
VALUES: Final[dict[str, tuple[str | None, ...]]] = {
    "status": statuses.ALL,
    "class": CLASSES,
    "country": (None, "DE", "US", "001"),
    "network": (None, "26201", "310410"),
    "to": _NUMBERS,
    "from": ("Acme", "Shop", *_NUMBERS[:2]),
    "sender_shown": ("Acme", "Other", "+4915112345678"),
    "direction": ("outbound", "inbound"),
    "tag": ("a", "b", 'quo"te', "50%"),
    "batch_id": (None, "bat_1", "bat_2"),
    "error_code": (None, "undeliverable", "no_route"),
    "held_for": (None, "outcome_unknown", "review"),
    "carrier": (None, "car_01h455vb4pex5vsknk084sn02q", "car_01h455vb4pex5vsknk084sn02r"),
    "route": (None, "rte_01h455vb4pex5vsknk084sn02q", "rte_01h455vb4pex5vsknk084sn02r"),
}
#: The filters of which an empty value means messages without one.
EMPTY: Final = ("country", "network", "error_code")
#: The filters that the console leaves to the API: messages do not tell their carrier or route.
UNTOLD: Final = ("carrier", "route")
#: What a message needs so that filters can judge it.
TOLD: Final = (
    *("id", "status", "class", "direction", "country", "network", "from", "to", "sender_used", "reference"),
    *("tags", "batch_id", "error", "held_for", "duplicates", "created_at"),
)

Query = dict[str, str | list[str]]


def messages(random: Random, count: int) -> list[Message]:
    """Messages of one account, one a second."""
    found = []
    for place in range(count):
        tags = random.sample(VALUES["tag"], random.choice((0, 0, 1, 2)))
        at = BEGAN + 1000 * place
        value = {name: random.choice(values) for name, values in VALUES.items()}
        found.append(
            Message(
                id=ids.derived(ids.MESSAGE, ids.lowest_at(ids.BATCH, at), place),
                account_id=ACCOUNT,
                test=False,
                direction=random.choice(("outbound", "outbound", "inbound")),
                sender=value["from"] or "",
                sender_used=random.choice((None, None, "Other")),
                recipient=random.choice(_NUMBERS),
                text="hello",
                encoding="gsm7",
                segments=1,
                class_=value["class"] or "",
                country=value["country"],
                network=value["network"],
                reference=random.choice((None, "order-1", "order-2")),
                tags=json.dumps(tags, separators=(",", ":"), ensure_ascii=False) if tags else None,
                batch_id=value["batch_id"],
                created_at=at,
                expires_at=at + 1000,
                status=value["status"] or "",
                route_id=value["route"],
                carrier_id=value["carrier"],
                duplicates=random.choice((0, 0, 0, 1)),
                error_code=value["error_code"],
                held_for=value["held_for"],
            )
        )
    return found


def query(random: Random, *, told: bool = False) -> Query:
    """What a list is asked for. With `told`, only what a message tells of itself."""
    asked: Query = {}
    for name, values in VALUES.items():
        if told and name in UNTOLD:
            continue
        said = [value or "" for value in values if value is not None or name in EMPTY]
        if random.random() < 0.07:
            few = random.randint(1, 4) if name == "status" else 1
            asked[name] = random.sample(said, few) if name == "status" else random.choice(said)
        if random.random() < 0.15:
            asked[f"{name}_not"] = random.sample(said, random.randint(1, min(3, len(said))))
    others: dict[str, tuple[str, ...]] = {
        "number": ("4915", "+1555", "349999"),
        "reference_prefix": ("order-", "order-2", "x"),
        "duplicates": ("true", "false"),
        "created_after": (_time(10), _time(30)),
        "created_before": (_time(20), _time(40)),
    }
    for name, choices in others.items():
        if random.random() < 0.03:
            asked[name] = random.choice(choices)
    return asked


def _time(second: int) -> str:
    return sms_view(messages(Random(0), second + 1)[second])["created_at"]


async def filters_of(asked: Query) -> Filters:
    """The filters of a query, as the API reads it for an operator. Ids of carriers and routes are taken as they are,
    so no names are looked up."""
    operator = Principal(Tenant(ACCOUNT, False), Actor("key", "key_1"), frozenset({"carriers"}), 1)
    return await FilterQuery.model_validate(asked).filters(operator, cast("Configs", None))


def passes(asked: Query, message: Message) -> bool:
    """Whether a message passes a query."""
    tags = json.loads(message.tags or "[]")
    shown = message.sender
    if message.direction == "inbound":
        shown = message.recipient
    elif message.status not in ("scheduled", "queued", "held"):
        shown = message.sender_used or message.sender
    own: dict[str, list[str]] = {
        "status": [message.status],
        "class": [message.class_],
        "country": [message.country or ""],
        "network": [message.network or ""],
        "to": [message.recipient],
        "from": [message.sender],
        "tag": tags,
        "batch_id": [message.batch_id or ""],
        "error_code": [message.error_code or ""],
        "held_for": [message.held_for or ""],
        "carrier": [message.carrier_id or ""],
        "route": [message.route_id or ""],
        "direction": [message.direction],
        "sender_shown": [shown],
        "duplicates": ["true" if message.duplicates else "false"],
    }
    at = sms_view(message)["created_at"]
    for name, said in asked.items():
        wanted = said if isinstance(said, list) else [said]
        if name == "number":
            part = wanted[0].removeprefix("+")
            good = part in message.recipient or part in message.sender
        elif name == "reference_prefix":
            good = (message.reference or "").startswith(wanted[0])
        elif name == "created_after":
            good = at >= wanted[0]
        elif name == "created_before":
            good = at < wanted[0]
        elif name.endswith("_not"):
            good = not set(own[name.removesuffix("_not")]) & set(wanted)
        else:
            good = bool(set(own[name]) & set(wanted))
        if not good:
            return False
    return True


def _told(message: Message) -> dict[str, object]:
    view = sms_view(message)
    error = None if message.error_code is None else {"code": message.error_code}
    return {name: error if name == "error" else view[name] for name in TOLD}


def document() -> str:
    """The cases for the console: messages as the API shows them, queries, and the places of messages that pass."""
    random = Random(160)
    known = messages(random, 40)
    views = [_told(message) for message in known]
    asked = [query(random, told=True) for _ in range(120)]
    cases = [
        {"query": each, "passing": [place for place, message in enumerate(known) if passes(each, message)]}
        for each in asked
    ]
    lines = [
        ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in rows) for rows in (views, cases)
    ]
    return '{{\n"messages": [\n{}\n],\n"cases": [\n{}\n]\n}}\n'.format(*lines)


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
