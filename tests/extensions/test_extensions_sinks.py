"""Sinks of extensions: each event that one asks for reaches it, once it is taken, and none that was redacted."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from onesixty.core.tenant import Tenant
from onesixty.extensions import Again, Event, GiveUp, Sink, SinkExtension, SinkSettings
from onesixty.extensions.deliveries import Deliveries, Receiver
from onesixty.extensions.loading import Extension, ExtensionError, Extensions, load
from onesixty.ops.settings import Settings
from tests.support.extensions import found_in, install
from tests.support.message_path import ACCOUNT, Node
from tests.support.waiting import wait_until_async

NewNode = Callable[..., Awaitable[Node]]

#: Another account.
OTHER = "acc_no_otp"


class Collector(Sink):
    """Keeps the events that it takes. `error` is raised in place of that."""

    def __init__(self) -> None:
        self.taken: list[Event] = []
        self.tries: list[int] = []
        self.error: Exception | None = None
        self.life: list[str] = []

    async def deliver(self, event: Event) -> None:
        self.tries.append(event.tries)
        if self.error is not None:
            raise self.error
        self.taken.append(event)

    async def start(self) -> None:
        self.life.append("start")

    async def stop(self) -> None:
        self.life.append("stop")

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.taken]


EXTENSION = SinkExtension(api=1, make=lambda settings, host: Collector())


def loaded(**sinks: tuple[Collector, SinkSettings]) -> Extensions:
    return Extensions(
        Extension(name, "sink", "acme", "1.0", SinkExtension(api=1, make=lambda s, h, it=sink: it), settings)
        for name, (sink, settings) in sinks.items()
    )


async def rows(node: Node) -> list[tuple[Any, ...]]:
    """The rows of the queue: lane, status, tries."""
    found = await node.store.fetch("work_waiting", sink="extension", lane="one", now=10**15, count=100)
    return [(row[1], row[8], row[9]) for row in found]


async def test_a_sink_gets_every_event_as_webhooks_get_it(engine_url: str, new_node: NewNode) -> None:
    sink = Collector()
    node = await new_node(engine_url, extensions=loaded(one=(sink, SinkSettings())))
    message = await node.sent("hello")
    await wait_until_async(lambda: sink.taken, what="the event")
    (event,) = sink.taken
    assert (event.type, event.account_id, event.message_id) == ("message.sent", ACCOUNT, message.id)
    body = json.loads(event.body)
    assert (body["id"], body["data"]["text"]) == (event.id, "hello")
    node.receipt(f"{node.carrier.id}-1")
    await wait_until_async(lambda: len(sink.taken) == 2, what="the report")
    assert sink.types == ["message.sent", "message.delivered"]
    await node.installed.stop(1)
    assert sink.life == ["start", "stop"]
    assert await rows(node) == [], "what is delivered leaves no row"


async def test_it_gets_only_what_its_settings_choose(new_node: NewNode) -> None:
    all_, some, account, test = Collector(), Collector(), Collector(), Collector()
    node = await new_node(
        extensions=loaded(
            all=(all_, SinkSettings()),
            some=(some, SinkSettings(events=("message.delivered",))),
            account=(account, SinkSettings(accounts=(OTHER,))),
            test=(test, SinkSettings(mode="test")),
        )
    )
    await node.sent("hello")
    node.receipt(f"{node.carrier.id}-1")
    await node.sent("of another", account_id=OTHER)
    await wait_until_async(lambda: len(all_.taken) == 3 and some.taken and account.taken, what="all")
    assert some.types == ["message.delivered"]
    assert [event.account_id for event in account.taken] == [OTHER]
    assert test.taken == []


async def test_a_sink_that_cannot_take_an_event_gets_it_again(new_node: NewNode) -> None:
    sink, other = Collector(), Collector()
    node = await new_node(extensions=loaded(one=(sink, SinkSettings()), two=(other, SinkSettings())))
    for error in (Again("busy"), KeyError("secret")):
        sink.error = error
        await node.sent("hello")
    await wait_until_async(lambda: len(sink.tries) == 2 and len(other.taken) == 2, what="two attempts")
    assert await _until_rows(node, 2) == [("one", 1, 0), ("one", 1, 0)]
    assert node.installed.usage["one"].failed == 2
    sink.error = None
    node.clock.advance(60)
    await wait_until_async(lambda: len(sink.taken) == 2, timeout=20, what="the second attempts")
    assert sink.tries == [0, 0, 1, 1]


async def test_a_sink_may_give_an_event_up(new_node: NewNode) -> None:
    sink = Collector()
    node = await new_node(extensions=loaded(one=(sink, SinkSettings())))
    sink.error = GiveUp("never")
    await node.sent("hello")
    await wait_until_async(lambda: node.installed.usage["one"].refused, what="the attempt")
    assert await _until_rows(node, 0) == []


async def test_a_redacted_event_goes_out_redacted(new_node: NewNode) -> None:
    sink = Collector()
    sink.error = Again("busy")
    node = await new_node(extensions=loaded(one=(sink, SinkSettings(events=("message.sent",)))))
    message = await node.sent("hello")
    node.receipt(f"{node.carrier.id}-1")
    await node.until_status(message, "delivered")
    await _until_rows(node, 1)
    await node.control.redact(Tenant(ACCOUNT, False), message.id)
    sink.error = None
    node.clock.advance(60)
    await wait_until_async(lambda: sink.taken, timeout=20, what="the second attempt")
    assert b"hello" not in sink.taken[0].body
    assert b"redacted_at" in sink.taken[0].body


async def test_an_event_that_is_redacted_while_it_is_read_goes_out_redacted(
    new_node: NewNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Collector()
    sink.error = Again("busy")
    node = await new_node(extensions=loaded(one=(sink, SinkSettings(events=("message.sent",)))))
    message = await node.sent("hello")
    node.receipt(f"{node.carrier.id}-1")
    await node.until_status(message, "delivered")
    await _until_rows(node, 1)
    fetch = node.store.fetch

    async def read(statement: str, **params: Any) -> Any:
        found = await fetch(statement, **params)
        if statement == "events_bodies":
            monkeypatch.undo()
            await node.control.redact(Tenant(ACCOUNT, False), message.id)
        return found

    monkeypatch.setattr(node.store, "fetch", read)
    sink.error = None
    node.clock.advance(60)
    await wait_until_async(lambda: sink.taken, timeout=20, what="the second attempt")
    assert b"hello" not in sink.taken[0].body
    assert b"redacted_at" in sink.taken[0].body


async def test_what_nobody_takes_ends(new_node: NewNode) -> None:
    sink = Collector()
    sink.error = Again("busy")
    node = await new_node(extensions=loaded(one=(sink, SinkSettings())))
    await node.sent("hello")
    await _until_rows(node, 1)
    now = node.clock.now_ms() + 73 * 3_600_000
    await node.store.execute("extension_events_expire", now=now)
    assert await rows(node) == []


def test_the_choice_is_asked_once_and_remembered() -> None:
    asked: list[str] = []

    class Asked(SinkSettings, frozen=True, kw_only=True):
        def wants(self, type_: str, account_id: str, test: bool) -> bool:
            asked.append(type_)
            return True

    receivers = {"one": Receiver(Collector(), Asked(), None)}  # type: ignore[arg-type]

    class Ids:
        def new(self, kind: str) -> str:
            return f"{kind}_1"

    deliveries = Deliveries(receivers, Ids(), lambda lane: 7)  # type: ignore[arg-type]
    for _ in range(3):
        ((statement, row),) = deliveries.of("evt_1", "message.sent", Tenant(ACCOUNT, False), 5)
    assert asked == ["message.sent"]
    assert (statement, row) == (
        "extension_event_insert",
        ("dlv_1", "evt_1", ACCOUNT, "one", 7, 5, 5 + 72 * 3_600_000),
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            {"events": ["message.send"]},
            r"\[extensions.one\]: Unknown event type message.send. The types are: message\.",
        ),
        ({"mode": "both"}, r"\[extensions.one\]: `mode`"),
    ],
)
def test_a_choice_that_does_not_exist_stops_the_start(
    table: dict[str, Any], said: str, tmp_path: Any
) -> None:
    install(tmp_path, {}, {"sinks:one": "tests.extensions.test_extensions_sinks:EXTENSION"})
    with pytest.raises(ExtensionError, match=said):
        load(Settings(extensions={"one": table}), found_in(tmp_path))


async def _until_rows(node: Node, count: int) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []

    async def look() -> bool:
        nonlocal found
        found = await rows(node)
        return len(found) == count and all(claim <= 0 for _, _, claim in found)

    await wait_until_async(look, what=f"{count} rows")
    return found
