"""Where the steps of extensions stand among the steps of onesixty.

Rules kept here:
- the order of onesixty's own steps never changes;
- a step stands directly before the first step that its `before` names, else directly after the last one that its
  `after` names and the extensions' steps there;
- else it stands where the message is complete (`DEFAULT`), or at the end if it judges hops;
- steps of the same place are in the order of their names, so that two nodes with the same packages judge alike;
- a place that does not exist, or that contradicts itself, stops the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from onesixty.extensions.loading import ExtensionError
from onesixty.messages.drafts import Step

#: The step before which steps stand that declare no place.
DEFAULT: Final = "price"


class Placed(NamedTuple):
    """A step with the names between which it stands. `about` is its extension, for errors."""

    step: Step
    before: tuple[str, ...]
    after: tuple[str, ...]
    about: str


def place(standard: Sequence[Step], added: Sequence[Placed]) -> tuple[Step, ...]:
    """All steps in their order. Raises ExtensionError."""
    steps = list(standard)
    own = [step.name for step in standard]
    names = set(own)
    for one in added:
        if one.step.name in names:
            raise ExtensionError(f"{one.about}: another step has the name {one.step.name}")
        names.add(one.step.name)
    for one in added:
        for name in (*one.before, *one.after):
            if name not in names:
                known = ", ".join(own)
                raise ExtensionError(f"{one.about}: there is no step {name}. The steps of onesixty: {known}")
    left = sorted(added, key=lambda one: one.step.name)
    while left:
        there = {step.name: index for index, step in enumerate(steps)}
        ready = next((one for one in left if all(name in there for name in (*one.before, *one.after))), None)
        if ready is None:
            raise ExtensionError(f"{left[0].about}: its `before` and `after` lead in a circle")
        left.remove(ready)
        steps.insert(_index(ready, there, own), ready.step)
    return tuple(steps)


def _index(one: Placed, there: dict[str, int], own: Sequence[str]) -> int:
    """The index for a step among the steps that are `there`, of which `own` are onesixty's."""
    lowest = max((there[name] + 1 for name in one.after), default=0)
    highest = min((there[name] for name in one.before), default=len(there))
    if lowest > highest:
        before, after = ", ".join(one.before), ", ".join(one.after)
        raise ExtensionError(f"{one.about}: no place is both before {before} and after {after}")
    if one.before:
        return highest
    if not one.after:
        return len(there) if one.step.judges_hops else there[DEFAULT]
    return min((there[name] for name in own if there[name] >= lowest), default=len(there))
