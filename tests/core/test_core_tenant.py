"""The tenant: what it sees, and what a statement gets of it."""

import pytest

from onesixty.core.tenant import Reach, Tenant

LIVE, TEST = Tenant("acc_1", False), Tenant("acc_1", True)
OTHER = Tenant("acc_2", True)


@pytest.mark.parametrize(
    ("asks", "owns", "seen"),
    [
        (LIVE, LIVE, True),
        (LIVE, TEST, True),
        (TEST, TEST, True),
        (TEST, LIVE, False),
        (LIVE, OTHER, False),
        (TEST, OTHER, False),
    ],
)
def test_what_is_set_up_is_seen_in_both_modes_with_live_keys_and_in_the_test_mode_with_test_keys(
    asks: Tenant, owns: Tenant, seen: bool
) -> None:
    assert asks.setup.covers(owns) is seen
    assert asks.own.covers(owns) is (asks == owns)


def test_operators_see_all_accounts() -> None:
    assert LIVE.setup.in_all_accounts == Reach()
    assert Reach().covers(OTHER)
    assert TEST.setup.in_all_accounts.covers(OTHER)
    assert not TEST.setup.in_all_accounts.covers(LIVE)


def test_a_statement_gets_the_two_columns() -> None:
    assert LIVE.params == {"account_id": "acc_1", "test": 0}
    assert TEST.params == {"account_id": "acc_1", "test": 1}
    assert (LIVE.mode, TEST.mode) == ("live", "test")
