"""Settings of carriers: what is wrong is refused, and the error names the field."""

import random
from typing import Any

import msgspec
import pytest

from onesixty.carriers.registry import BUILT_IN
from onesixty.carriers.settings import MASK, decode
from onesixty.core.clock import SystemClock
from onesixty.core.contracts import CarrierConfig
from onesixty.core.errors import Problem

SMPP: dict[str, Any] = {"host": "smsc.example.net", "system_id": "onesixty", "password": "secret"}


@pytest.mark.parametrize(
    ("type_", "changes", "code", "param"),
    [
        ("simulator", {"loss": 2}, "invalid_field", "settings.loss"),
        ("simulator", {"latency": 2}, "unknown_field", "settings.latency"),
        ("simulator", {"window": 0}, "invalid_field", "settings.window"),
        ("simulator", {"refuse_code": "nope"}, "invalid_field", "settings.refuse_code"),
        ("smpp", {"port": 0}, "invalid_field", "settings.port"),
        ("smpp", {"port": "2775"}, "invalid_field", "settings.port"),
        ("smpp", {"host": ""}, "invalid_field", "settings.host"),
        ("smpp", {"host": "smsc\n"}, "invalid_field", "settings.host"),
        ("smpp", {"system_id": "x" * 16}, "invalid_field", "settings.system_id"),
        ("smpp", {"password": "x" * 65}, "invalid_field", "settings.password"),
        ("smpp", {"password": "pässwort"}, "invalid_field", "settings.password"),
        ("smpp", {"bind": "both"}, "invalid_field", "settings.bind"),
        ("smpp", {"receivers": 1}, "invalid_field", "settings.receivers"),
        ("smpp", {"windows": 10}, "unknown_field", "settings.windows"),
        ("smpp", {"throughput": -1}, "invalid_field", "settings.throughput"),
        ("smpp", {"alphabet": "ebcdic"}, "invalid_field", "settings.alphabet"),
        ("smpp", {"eight_bit": True}, "invalid_field", "settings.eight_bit"),
        ("smpp", {"concatenation": "glue"}, "invalid_field", "settings.concatenation"),
        ("smpp", {"source_ton": 256}, "invalid_field", "settings.source_ton"),
        ("smpp", {"reconnect_min_s": 60}, "invalid_field", "settings.reconnect_max_s"),
        ("smpp", {"receipt_timezone": "Mars/Olympus"}, "invalid_field", "settings.receipt_timezone"),
        ("smpp", {"tls": True, "tls_ca_file": "/nowhere/ca.pem"}, "invalid_field", "settings.tls_ca_file"),
        ("smpp", {"command_status": {"1025": "x"}}, "invalid_field", "settings.command_status.1025"),
        ("smpp", {"command_status": {"x": "carrier_busy"}}, "invalid_field", "settings.command_status.x"),
        ("smpp", {"command_status": {"0": "carrier_busy"}}, "invalid_field", "settings.command_status.0"),
    ],
)
def test_an_error_names_its_field(type_: str, changes: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(Problem) as caught:
        BUILT_IN.validate(type_, (SMPP if type_ == "smpp" else {}) | changes)
    assert (caught.value.code, caught.value.param) == (code, param)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"port": "2775"}, "`port` must be an integer, not a string."),
        ({"throughput": -1}, "`throughput` must be a number of at least 0."),
        ({"bind": "both"}, "`bind` must be one of the documented values, not 'both'."),
        ({"windows": 10}, "Unknown field `windows`. Did you mean `window`?"),
    ],
)
def test_an_error_has_the_words_of_the_api(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Problem) as caught:
        BUILT_IN.validate("smpp", SMPP | changes)
    assert caught.value.detail == says


def test_a_missing_field_and_an_unknown_type_are_named() -> None:
    with pytest.raises(Problem) as caught:
        BUILT_IN.validate("smpp", {"system_id": "x"})
    assert (caught.value.code, caught.value.param) == ("missing_field", "settings.host")
    with pytest.raises(Problem, match="simulator, sinch, smpp") as caught:
        BUILT_IN.validate("pigeon", {})
    assert (caught.value.code, caught.value.param) == ("invalid_field", "type")


class Span(msgspec.Struct):
    """Settings of an installed connector, whose fields depend on each other."""

    least: int = 0
    most: int = 1

    def __post_init__(self) -> None:
        if self.least > self.most:
            raise ValueError("`least` is more than `most`")


def test_a_fault_of_the_settings_as_a_whole_names_no_field() -> None:
    with pytest.raises(Problem) as caught:
        decode({"least": 2}, Span)
    assert (caught.value.param, caught.value.detail) == ("settings", "`least` is more than `most`.")


def test_settings_that_mean_the_same_are_the_same() -> None:
    """A carrier is replaced only when its settings changed."""
    spelt_out = SMPP | {"port": 2775, "bind": "transceiver", "window": 10, "throughput": 0}
    assert BUILT_IN.validate("smpp", spelt_out) == BUILT_IN.validate("smpp", SMPP) == SMPP


def test_a_password_longer_than_its_field_is_kept_whole() -> None:
    assert BUILT_IN.validate("smpp", SMPP | {"password": "x" * 40})["password"] == "x" * 40


def test_the_password_is_not_shown() -> None:
    shown = BUILT_IN.public("smpp", SMPP)
    assert shown["password"] == MASK
    assert shown["window"] == 10
    assert BUILT_IN.public("smpp", {"host": "h", "system_id": "s"})["password"] == ""


def test_building_names_the_carrier_of_a_bad_row() -> None:
    row = CarrierConfig(
        id="car_1", name="acme", type="smpp", settings='{"host": 7}', enabled=True, version=1, created_at=0
    )
    with pytest.raises(Problem) as caught:
        BUILT_IN.build(row, clock=SystemClock(), random=random.Random(1))
    assert caught.value.param == "carriers.acme.host"
    assert not BUILT_IN.is_simulated("smpp")
