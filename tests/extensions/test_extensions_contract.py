"""The contract of extensions: its names stay, and it needs nothing that a node sets up."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from onesixty import extensions
from onesixty.carriers.simulator import SimulatorCarrier, SimulatorSettings
from onesixty.core.outcomes import Outcome
from onesixty.extensions import API_VERSION, Host, testing
from onesixty.extensions.contract import SUPPORTED
from onesixty.messages import drafts

#: Version 1. A name that is taken away needs a new version; a name that is added needs a line here.
NAMES = """
API_VERSION Host NoSettings
CARRIER Draft EDIT Hop Message Moment Problem RELEASE SEND Step StepExtension
Acknowledge CallbackAnswer CallbackRequest Callbacks Carrier CarrierHost CarrierReceipt CarrierState Checkable
ConnectorExtension Finding HostTurn InboundMessage Net Outcome ReadsErrors Refusal Rendered Seams Segments
Submission invalid render_message
Again Event GiveUp Sink SinkExtension SinkSettings
"""
TESTING = "NOW RecordingHost check_connector draft event message seams until"


def test_the_names_of_version_1_stay() -> None:
    assert API_VERSION == 1
    assert {1} == SUPPORTED
    assert sorted(extensions.__all__) == sorted(NAMES.split())
    assert sorted(testing.__all__) == sorted(TESTING.split())


def test_every_name_exists_and_is_explained() -> None:
    for module in (extensions, testing):
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                assert inspect.getdoc(value), f"{name} has no docstring"


def test_it_is_imported_alone_and_without_warnings() -> None:
    code = "import onesixty.extensions, onesixty.extensions.testing"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=50)


def test_a_step_of_an_extension_judges_like_any_other() -> None:
    assert issubclass(extensions.Step, drafts.Step)
    members = {name for name in vars(drafts.Step) if not name.startswith("_")}
    assert members == {
        "again", "depends_on", "judge", "judges_hops", "read", "reads", "version",
    }, "what is new in a step belongs to the contract: WatchedStep has to pass it on"  # fmt: skip


def test_a_draft_for_tests_is_a_draft() -> None:
    made = testing.draft("hello", moment=extensions.CARRIER, carriers=("car_a",), sender="Other")
    assert (made.moment, made.message.sender, made.message.segments) == ("carrier", "Other", 1)
    assert [hop.carrier_id for hop in made.hops] == ["car_a"]
    assert Host().clock.now_ms() > 0


async def test_the_check_of_connectors_passes_one_of_onesixty() -> None:
    given = testing.seams()
    settings = SimulatorSettings(latency_ms=5, latency_jitter_ms=0)
    carrier = SimulatorCarrier("car_sim", settings, clock=given.clock, random=given.random)
    host = await testing.check_connector(carrier)
    assert len(host.outcomes) > 3


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"capacity": lambda self: 5}, "not started"),
        (
            {"submit": lambda self, submission: self._host.outcome(submission, 0, Outcome("accepted"))},
            "in vain",
        ),
    ],
)
async def test_the_check_of_connectors_finds_what_breaks_the_contract(
    broken: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing, "PATIENCE", 0.2)
    given = testing.seams()
    settings = SimulatorSettings(latency_ms=5, latency_jitter_ms=0)
    made = type("Broken", (SimulatorCarrier,), broken)
    carrier = made("car_sim", settings, clock=given.clock, random=given.random)
    with pytest.raises(AssertionError, match=said):
        await testing.check_connector(carrier)
    await carrier.stop(0)
