"""The watch: when an alert is raised, that it is raised once, and when it ends."""

import msgspec
import pytest
from msgspec.structs import replace

from onesixty.alerts.rules import RULES, Reading
from onesixty.alerts.service import Alerts
from onesixty.alerts.tables import Override
from onesixty.alerts.watch import FIRING, RESOLVED
from onesixty.mail.mails import Mail
from tests.alerts.conftest import World

DOWN = Reading("carrier_down", "acme", 0)
UP = Reading("carrier_down", "acme", 2)


async def test_an_alert_is_raised_once_its_trouble_has_lasted(world: World) -> None:
    await world.look(0, DOWN)
    await world.look(59, DOWN)
    assert world.told == []
    await world.look(1, DOWN)
    await world.look(15, DOWN)
    assert world.told == [(FIRING, "carrier_down", "acme")]
    (alert,) = await world.open_alerts()
    assert (alert.severity, alert.summary, alert.value) == ("critical", "Carrier acme has no bind.", "0")
    assert alert.started_at == world.clock.ms - 75_000


async def test_trouble_that_pauses_begins_anew(world: World) -> None:
    await world.look(0, DOWN)
    await world.look(50, UP)
    await world.look(15, DOWN)
    await world.look(50, DOWN)
    assert world.told == []


async def test_an_alert_ends_when_all_has_been_well_for_a_while(world: World) -> None:
    await world.look(0, DOWN)
    await world.look(60, DOWN)
    await world.look(15, UP)
    await world.look(30, DOWN)
    await world.look(15, UP)
    await world.look(59, UP)
    assert [type_ for type_, _, _ in world.told] == [FIRING], "one that flickers is told once"
    await world.look(1, UP)
    assert [type_ for type_, _, _ in world.told] == [FIRING, RESOLVED]
    assert await world.open_alerts() == []


async def test_a_subject_that_is_gone_resolves_its_alert(world: World) -> None:
    await world.look(0, DOWN)
    await world.look(60, DOWN)
    await world.look(15)
    await world.look(60)
    assert world.told[-1] == (RESOLVED, "carrier_down", "acme")


async def test_a_restart_or_another_node_raises_nothing_twice(world: World) -> None:
    other = world.another_watch()
    await world.look(0, DOWN)
    await world.look(0, DOWN, watch=other)
    await world.look(60, DOWN)
    await world.look(0, DOWN, watch=other)
    assert len(await world.open_alerts()) == 1
    events = await world.store.fetch(
        "events_bodies", ids=[row[0] for row in await world.store.fetch("alerts_open")]
    )
    assert events == []
    assert len(await world.mails()) == 1, "what the loser would have told is not told"
    restarted = world.another_watch()
    await world.look(0, UP, watch=restarted)
    await world.look(60, UP, watch=restarted)
    assert world.told[-1] == (RESOLVED, "carrier_down", "acme")


async def test_each_subject_has_its_own_alert(world: World) -> None:
    readings = [Reading("bind_down", name, 1) for name in ("acme", "bell")]
    await world.look(0, *readings)
    await world.look(300, *readings)
    assert {subject for _, _, subject in world.told} == {"acme", "bell"}


async def test_an_operator_changes_mutes_and_switches_off(world: World) -> None:
    rules = Alerts(world.store, world.clock, world.ids, world.watch).overrides
    muted = Override(
        name="oldest_queued", threshold_micros=10_000_000, for_seconds=0, muted_until=world.clock.ms + 30_000,
        version=1,
    )  # fmt: skip
    waiting = Reading("oldest_queued", "acme", 11)
    await rules.add(muted)
    await world.look(0, waiting)
    assert world.told == []
    await world.look(31, waiting)
    assert world.told == [(FIRING, "oldest_queued", "acme")]
    await rules.change(muted, replace(muted, enabled=False, muted_until=None))
    await world.look(15, waiting)
    assert world.told[-1] == (RESOLVED, "oldest_queued", "acme"), "at once: nobody watches it any more"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
async def test_every_rule_can_be_breached_and_read(world: World, rule: object) -> None:
    assert rule in RULES.values()
    row = next(row for row in RULES.values() if row is rule)
    value = row.threshold if row.breached == "above" else row.threshold - 0.5
    reading = Reading(row.name, "acme to DE", value)
    await world.look(0, reading)
    await world.look(row.for_seconds, reading)
    (alert,) = await world.open_alerts()
    assert "acme to DE" in alert.summary
    assert "{" not in alert.summary
    mail = msgspec.json.decode((await world.mails())[0].body or "", type=Mail)
    assert row.action in mail.text
    assert msgspec.json.encode(alert)
