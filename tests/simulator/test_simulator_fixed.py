"""The table of numbers with a fixed fate, and its page."""

from pathlib import Path

import pytest

from onesixty import numbers
from onesixty.carriers.smpp.statuses import CODES
from onesixty.core import outcomes, statuses
from onesixty.core.errors import CATALOGUE
from onesixty.simulator.behaviour import RECEIPT_ERROR
from onesixty.simulator.fixed import GROUPS, PREFIX, FixedNumber, fixed_numbers

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "fixed-numbers.md"


def test_they_are_possible_numbers_that_cannot_be_assigned() -> None:
    for row in fixed_numbers().values():
        number = numbers.parse(row.number)
        assert (number.e164, number.country, number.valid) == (row.number, "US", False)
        assert row.number.startswith(PREFIX)


def test_what_they_name_exists() -> None:
    for row in fixed_numbers().values():
        assert row.group in GROUPS
        assert row.ends in statuses.TERMINAL
        assert row.error is None or row.error in CATALOGUE
        codes = {answer.code for answer in row.answers} - {None}
        assert codes <= CATALOGUE.keys()
        assert {state for _, state in (*row.receipts, *(row.rest_receipts or ()))} <= RECEIPT_ERROR.keys()


def test_every_error_that_a_carrier_gives_has_a_number() -> None:
    given = {row.error for row in fixed_numbers().values()} | {
        a.code for row in fixed_numbers().values() for a in row.answers
    }
    named = {code for code in CATALOGUE for row in fixed_numbers().values() if f"`{code}`" in row.about}
    refusals = {code for code in CODES if code in CATALOGUE}
    receipts = {code for _, code in statuses.MESSAGE_STATE.values() if code is not None}
    rest = {"partially_refused", "carrier_cannot_carry", "receipt_timeout", "validity_passed"}
    assert refusals | receipts | rest <= given | named


@pytest.mark.parametrize("row", fixed_numbers().values(), ids=lambda row: row.number[-2:])
def test_a_fate_is_one_of_the_five_outcomes(row: FixedNumber) -> None:
    for segment, tries in ((0, 1), (0, 2), (1, 1), (1, 9)):
        fate = row.fate(segment, tries, 0.02)
        assert fate.kind in (
            outcomes.ACCEPTED, outcomes.THROTTLED, outcomes.RETRYABLE, outcomes.PERMANENT, outcomes.UNKNOWN,
        )  # fmt: skip
        assert bool(fate.receipts) <= (fate.kind in (outcomes.ACCEPTED, outcomes.UNKNOWN))
        assert all(plan.delay >= 0 for plan in fate.receipts)


def page() -> str:
    """The tables of the page."""
    lines = []
    for group, title in GROUPS.items():
        lines += [f"## {title}", "", "| number | what happens | ends | error |", "|---|---|---|---|"]
        lines += [
            f"| `{row.number}` | {row.about} | {row.ends} | {f'`{row.error}`' if row.error else ''} |"
            for row in fixed_numbers().values()
            if row.group == group
        ]
        lines.append("")
    return "\n".join(lines)


def test_the_page_holds_the_table() -> None:
    """What `page` makes stands in docs/reference/fixed-numbers.md as it is."""
    assert page().strip() in PAGE.read_text()
