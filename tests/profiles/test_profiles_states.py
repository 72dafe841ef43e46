"""The table of moves, and who makes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.errors import Problem
from onesixty.profiles.states import ACCOUNT, MOVES, OPEN, OPERATOR, STATES, TIME, VERIFIED, after


def test_an_account_never_verifies_itself() -> None:
    """And only `submit` brings a profile to an operator."""
    for move in MOVES.values():
        assert move.by
        if ACCOUNT in move.by:
            assert move.after not in ("verified", "in_review", "rejected")
            assert OPERATOR not in move.by
    assert [move.name for move in MOVES.values() if TIME in move.by] == ["expire"]
    assert {move.after for move in MOVES.values()} == set(STATES)


@given(
    st.lists(st.sampled_from([m for m in MOVES if ACCOUNT in MOVES[m].by]), max_size=8),
    st.sampled_from(STATES),
)
def test_what_accounts_do_leads_no_unverified_profile_to_verified(moves: list[str], state: str) -> None:
    now = state
    for move in moves:
        if now in MOVES[move].before:
            now = after(move, now)  # type: ignore[arg-type]
        else:
            with pytest.raises(Problem, match="verification_state"):
                after(move, now)  # type: ignore[arg-type]
    assert now != VERIFIED or state == VERIFIED


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_way_out(state: str) -> None:
    assert any(state in move.before and move.after != state for move in MOVES.values())
    assert (state in MOVES["submit"].before) == (state in OPEN)
