"""The catalogue of the simulated SMSC's misbehaviours, from `misbehaviours.toml`, by the names of their options.

A row changes one thing: the behaviour of the network (settings of `Behaviour`), the form of ids or receipts, how
octets are sent, how the session is conducted, or a rule of the session that is ignored. Rows can be combined
(`--misbehave fragmented --misbehave lower_case`); if two rows change the same thing, the later one wins.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from onesixty.core.clock import Random
from onesixty.simulator.smsc import conduct, receipts, wire
from onesixty.simulator.smsc.conduct import Conduct, Injects

#: (form of a message's number in the answer, its form in the receipt).
IdForms = tuple[Callable[[int], str], Callable[[int], str]]

#: The ways to write a message's number.
ID_FORMS: Final[dict[str, Callable[[int], str]]] = {
    "decimal": str,
    "hex": "{:x}".format,
    "upper": "{:X}".format,
    "padded": "{:020}".format,
    "long": "{:f>64x}".format,
}


class Misbehaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the catalogue. Its texts name functions and classes of the modules `receipts`, `wire` and
    `conduct`."""

    about: str
    behaviour: dict[str, float | str] = {}
    #: How the answer writes the id, and how the receipt writes it, from `ID_FORMS`.
    ids: tuple[str, str] | None = None
    #: How receipts are written: the name of a function in `receipts`.
    style: str | None = None
    #: How octets are sent: the name of a class in `wire`.
    tamper: str | None = None
    #: How the session is conducted: the name of a class in `conduct`, or of a function there whose octets are sent.
    conduct: str | None = None
    injects: str | None = None
    answers_enquire_link: bool = True
    first_segment_fails: bool = False
    expired_first: bool = False

    def id_forms(self) -> IdForms | None:
        """How ids are written, if this row sets it."""
        return None if self.ids is None else (ID_FORMS[self.ids[0]], ID_FORMS[self.ids[1]])

    def writes(self) -> receipts.Style | None:
        """Return how receipts are written, if this row sets it."""
        style: receipts.Style | None = _named(receipts, self.style)
        return style

    def tampers(self) -> wire.Tamper | None:
        """Return the transport that octets pass through, if this row sets it."""
        tamper: wire.Tamper | None = _named(wire, self.tamper)
        return tamper

    def conducts(self, every: int, random: Random) -> Conduct | None:
        """Return how the session is conducted, if this row sets it."""
        make = _named(conduct, self.conduct)
        if self.injects is not None:
            make = partial(Injects, octets=_named(conduct, self.injects))
        return None if make is None else make(every, random)


def _named(module: object, name: str | None) -> Any:
    return None if name is None else getattr(module, name)


def _catalogue() -> dict[str, Misbehaviour]:
    said = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(said, type=dict[str, Misbehaviour])


CATALOGUE: Final = _catalogue()


def chosen(names: tuple[str, ...]) -> list[Misbehaviour]:
    """Return the rows with these names. Raises ValueError naming one that does not exist."""
    for name in names:
        if name not in CATALOGUE:
            raise ValueError(f"unknown misbehaviour {name!r}; the misbehaviours are: {', '.join(CATALOGUE)}")
    return [CATALOGUE[name] for name in names]
