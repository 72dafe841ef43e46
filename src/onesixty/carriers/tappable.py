"""What a carrier over SMPP has beside `Carrier`: its frames can be captured."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from onesixty.smpp.link import Tap


@runtime_checkable
class Tappable(Protocol):
    """A carrier over SMPP whose frames can be captured, a bind at a time."""

    @property
    def bind_names(self) -> tuple[str, ...]:
        """What its binds are called."""

    def set_tap(self, tap: Tap | None, bind: str | None = None) -> bool:
        """Let `tap` see every frame of one bind, or of all; None takes it away. False: no such bind."""
