"""Every finding that a test of the doctor meets has the values that its code promises."""

from __future__ import annotations

from typing import Any, Self

import pytest

from onesixty.doctor import checks, database, machine, reach, traffic
from onesixty.doctor.codes import CODES, ITEMS


class Promised(checks.Finding):
    """A finding that refuses a code or a value that `codes` does not have."""

    def __new__(cls, *given: Any, **named: Any) -> Self:
        made = super().__new__(cls, *given, **named)
        assert set(made.values) == set(CODES[made.code]), made.code
        items = [one for value in made.values.values() if isinstance(value, list) for one in value]
        for item in items:
            if isinstance(item, dict):
                assert {*item} - {"state"} == set(ITEMS[item["state"]]), made.code
        return made


@pytest.fixture(autouse=True)
def promised(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (checks, database, machine, reach, traffic):
        monkeypatch.setattr(module, "Finding", Promised)
