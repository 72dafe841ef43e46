"""The catalogue of what the simulated SMSC can do wrong, out of `misbehaviours.toml`: by the name of its option.

A row changes one thing: how the network behaves (settings of `Behaviour`), how ids or receipts are written,
how octets go out, how the session is conducted, or which rule of the session is left out. Rows can be combined
(`--misbehave fragmented --misbehave lower_case`); of two rows that change the same thing the later wins.
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

#: (the answer's form of a number, the receipt's form of it).
IdForms = tuple[Callable[[int], str], Callable[[int], str]]

#: How a message's number can be written.
ID_FORMS: Final[dict[str, Callable[[int], str]]] = {
    "decimal": str,
    "hex": "{:x}".format,
    "upper": "{:X}".format,
    "padded": "{:020}".format,
    "long": "{:f>64x}".format,
}


class Misbehaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row. What it names of `conduct`, `wire` and `receipts` is there under that name."""

    about: str
    behaviour: dict[str, float | str] = {}
    #: How the answer writes the id, and how the receipt does, of `ID_FORMS`.
    ids: tuple[str, str] | None = None
    #: How receipts are written: a function of `receipts`.
    style: str | None = None
    #: How octets go out: a class of `wire`.
    tamper: str | None = None
    #: How the session is conducted: a class of `conduct`; or the function there whose octets are sent.
    conduct: str | None = None
    injects: str | None = None
    answers_enquire_link: bool = True
    first_segment_fails: bool = False
    expired_first: bool = False

    def id_forms(self) -> IdForms | None:
        """How ids are written, if this row says so."""
        return None if self.ids is None else (ID_FORMS[self.ids[0]], ID_FORMS[self.ids[1]])

    def writes(self) -> receipts.Style | None:
        """How receipts are written, if this row says so."""
        style: receipts.Style | None = _named(receipts, self.style)
        return style

    def tampers(self) -> wire.Tamper | None:
        """What octets go out through, if this row says so."""
        tamper: wire.Tamper | None = _named(wire, self.tamper)
        return tamper

    def conducts(self, every: int, random: Random) -> Conduct | None:
        """How the session is conducted, if this row says so."""
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
    """The rows of these names. Raises ValueError naming one that does not exist."""
    for name in names:
        if name not in CATALOGUE:
            raise ValueError(f"unknown misbehaviour {name!r}; the misbehaviours are: {', '.join(CATALOGUE)}")
    return [CATALOGUE[name] for name in names]
