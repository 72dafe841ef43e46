"""An optional part of an SMPP carrier's contract, beside `Carrier`: its frames can be captured."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from onesixty.smpp.link import Tap


@runtime_checkable
class Tappable(Protocol):
    """A carrier over SMPP whose frames can be captured, for one bind or for all."""

    @property
    def bind_names(self) -> tuple[str, ...]:
        """The names of its binds."""

    def set_tap(self, tap: Tap | None, bind: str | None = None) -> bool:
        """Show every frame of one bind, or of all, to `tap`; None removes it. Returns False if there is no such
        bind."""
