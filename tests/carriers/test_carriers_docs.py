"""The reference lists every setting, every status of the table and every misbehaviour."""

from pathlib import Path

import pytest

from onesixty.carriers.registry import BUILT_IN
from onesixty.carriers.smpp import statuses
from onesixty.simulator.behaviour import Behaviour
from onesixty.simulator.smsc import CATALOGUE, SmscOptions
from onesixty.smpp.constants import STATUSES

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
CARRIERS = (REFERENCE / "carriers.md").read_text()
HTTP_CARRIERS = (REFERENCE / "http-carriers.md").read_text()
SIMULATOR = (REFERENCE / "simulator.md").read_text()


@pytest.mark.parametrize("type_", BUILT_IN.types)
def test_every_setting_is_documented(type_: str) -> None:
    section = HTTP_CARRIERS
    if type_ in ("smpp", "simulator"):
        section = CARRIERS.split("\n## SMPP\n" if type_ == "smpp" else "\n## Simulator\n")[1]
    missing = [
        name for name in BUILT_IN.connector(type_).settings.__struct_fields__ if f"`{name}`" not in section
    ]
    assert not missing


def test_every_status_and_code_is_documented() -> None:
    for status, code in statuses.TABLE.items():
        name = STATUSES[status].name if status in STATUSES else f"0x{status:X}"
        row = next(line for line in CARRIERS.splitlines() if name in line and line.startswith("| "))
        assert f"`{code}`" in row
    assert all(f"`{code}`" in CARRIERS for code in statuses.CODES)


def test_every_option_and_misbehaviour_is_documented() -> None:
    own = set(SmscOptions.__struct_fields__) - set(Behaviour.__struct_fields__)
    assert all(f"`{name}`" in SIMULATOR for name in own)
    assert all(f"| `{name}` | {row.about} |" in SIMULATOR for name, row in CATALOGUE.items())
