"""The states of a verification, as a table of moves: from where to where, and by whom.

Rules kept here:
- an account submits its profile and may withdraw it. Only an operator decides;
- an operator may verify a profile in any state, for example after a check outside onesixty;
- what was submitted or verified is not changed behind the back of who decides: `OPEN` are the states in which an
  account may change what is verified.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from onesixty.core.errors import Problem

State = Literal["unverified", "submitted", "in_review", "verified", "rejected", "expired"]
Decision = Literal["review", "verify", "reject", "expire"]

UNVERIFIED: Final[State] = "unverified"
SUBMITTED: Final[State] = "submitted"
IN_REVIEW: Final[State] = "in_review"
VERIFIED: Final[State] = "verified"
REJECTED: Final[State] = "rejected"
EXPIRED: Final[State] = "expired"
STATES: Final[tuple[State, ...]] = (UNVERIFIED, SUBMITTED, IN_REVIEW, VERIFIED, REJECTED, EXPIRED)

#: In these an account may change its profile and its documents.
OPEN: Final[frozenset[State]] = frozenset({UNVERIFIED, REJECTED, EXPIRED})

ACCOUNT: Final = "account"
OPERATOR: Final = "operator"
#: The end of a verification comes by itself.
TIME: Final = "time"


class Move(NamedTuple):
    """A row of the table."""

    name: str
    by: tuple[str, ...]
    before: frozenset[State]
    after: State


_MOVES: Final = (
    Move("submit", (ACCOUNT,), OPEN, SUBMITTED),
    Move("withdraw", (ACCOUNT,), frozenset({SUBMITTED, IN_REVIEW, VERIFIED}), UNVERIFIED),
    Move("review", (OPERATOR,), frozenset({SUBMITTED}), IN_REVIEW),
    Move("verify", (OPERATOR,), frozenset(STATES), VERIFIED),
    Move("reject", (OPERATOR,), frozenset({SUBMITTED, IN_REVIEW, VERIFIED}), REJECTED),
    Move("expire", (OPERATOR, TIME), frozenset({VERIFIED}), EXPIRED),
)
MOVES: Final[dict[str, Move]] = {move.name: move for move in _MOVES}


def after(move: str, state: State) -> State:
    """The state after a move. Raises Problem `verification_state` if it is not possible in this state."""
    row = MOVES[move]
    if state not in row.before:
        raise Problem("verification_state", f"The profile is `{state}`.", extra={"state": state})
    return row.after
