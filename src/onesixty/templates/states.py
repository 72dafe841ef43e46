"""The states of a version of a template, as a table of moves.

Rules kept here:
- a version that was submitted or approved stays as it is. A change of an approved one begins the next version;
- an approved version takes the place of the one before it, which is retired;
- a message keeps the version that it was made of, so an approved version is never removed.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from onesixty.core.errors import Problem

State = Literal["draft", "submitted", "approved", "retired"]
Decision = Literal["approve", "reject"]

DRAFT: Final[State] = "draft"
SUBMITTED: Final[State] = "submitted"
APPROVED: Final[State] = "approved"
RETIRED: Final[State] = "retired"
STATES: Final[tuple[State, ...]] = (DRAFT, SUBMITTED, APPROVED, RETIRED)


class Move(NamedTuple):
    """A row of the table."""

    name: str
    before: frozenset[State]
    after: State


_MOVES: Final = (
    Move("submit", frozenset({DRAFT, RETIRED}), SUBMITTED),
    Move("withdraw", frozenset({SUBMITTED}), DRAFT),
    Move("approve", frozenset({SUBMITTED}), APPROVED),
    Move("reject", frozenset({SUBMITTED}), DRAFT),
    Move("retire", frozenset({APPROVED}), RETIRED),
)
MOVES: Final[dict[str, Move]] = {move.name: move for move in _MOVES}


def after(move: str, state: State) -> State:
    """Return the state after a move. Raises Problem `template_state` if it is not possible in this state."""
    row = MOVES[move]
    if state not in row.before:
        raise refusal(f"The newest version of the template is `{state}`.", state)
    return row.after


def refusal(detail: str, state: State) -> Problem:
    """The refusal of what a state does not allow."""
    return Problem("template_state", detail, extra={"state": state})
