"""What people do at the door, as notes for the audit log (`store.notes`).

Rules kept here:
- rows of sessions leave no entries of their own: a sign-in, a fresh proof and a sign-out each leave one, by its name;
- an address is a personal value. What somebody gave as a password or code is in no note;
- refusals of a user are bounded by the slow-down, and those for no user here by `Strangers`: nobody fills the log;
- a refused sign-in stands in the account in which the session would have begun; one for no user here, in the
  operator's. Nobody was proven, so onesixty is its actor.
"""

from __future__ import annotations

from typing import Final

from onesixty.core.clock import Clock
from onesixty.people.tables import Session, User
from onesixty.store.notes import Note
from onesixty.store.rows import By


def signed_in(by: By, user: User, session: Session) -> Note:
    """A session has begun."""
    personal = {"email": user.email, "agent": session.agent}
    details = {"method": session.method, "session_id": session.id}
    return Note(
        by=by, action="signed_in", object="user", object_id=user.id, details=details, personal=personal
    )


def refused(by: By, user: User | None, email: str, method: str, code: str) -> Note:
    """A sign-in was refused."""
    return Note(
        by=by,
        action="sign_in_refused",
        object="user",
        object_id="" if user is None else user.id,
        details={"method": method, "code": code},
        personal={"email": email} if email else {},
    )


def recovery_used(by: By, user: User, left: int) -> Note:
    """A recovery code was used; `left` are left."""
    personal = {"email": user.email}
    return Note(
        by=by,
        action="used",
        object="recovery_code",
        object_id=user.id,
        details={"left": left},
        personal=personal,
    )


def stepped_up(by: By, session: Session, method: str) -> Note:
    """The user of a session proved anew who they are."""
    return Note(
        by=by, action="stepped_up", object="session", object_id=session.id, details={"method": method}
    )


def signed_out(by: By, session: Session) -> Note:
    """One session was ended."""
    return Note(by=by, action="signed_out", object="session", object_id=session.id)


def signed_out_everywhere(by: By, user_id: str, email: str, sessions: int) -> Note:
    """All sessions of a user were ended."""
    return Note(
        by=by,
        action="signed_out_everywhere",
        object="user",
        object_id=user_id,
        details={"sessions": sessions},
        personal={"email": email} if email else {},
    )


#: So many refused sign-ins for no user here are noted in so many seconds, by each node.
STRANGERS: Final = 100
STRANGERS_SECONDS: Final = 3600.0


class Strangers:
    """Bounds the notes about sign-ins for no user here. The metrics and the log count all of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = STRANGERS
        self._until = clock.monotonic() + STRANGERS_SECONDS

    def take(self) -> bool:
        """Whether another one may be noted."""
        now = self._clock.monotonic()
        if now >= self._until:
            self._left, self._until = STRANGERS, now + STRANGERS_SECONDS
        self._left -= 1
        return self._left >= 0
