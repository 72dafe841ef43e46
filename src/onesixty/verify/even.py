"""When a check that did not approve is answered: a fixed time after it came, so that no clock tells what it was.

A wrong code, an expired one and one of no verification take the same way (`verify.checking`), but an unknown one has
nothing to word. Whoever measured often enough would find out who is being verified.

Rules kept here:
- the answer waits until a whole number of `GRAIN_S` has passed since the check came. Nearly every check is read,
  written and worded within the first one, whatever it is;
- an approval does not wait, unless a check that is answered with it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from onesixty.verify import verification as v
from onesixty.verify.checking import Result

#: Seconds. Longer than a check takes on a machine that is not overloaded, and too short to be felt.
GRAIN_S: Final = 0.025


def now() -> float:
    """When a check came, for `wait`."""
    return asyncio.get_running_loop().time()


async def wait(came: float, results: Sequence[Result | Exception]) -> None:
    """Wait until checks that came at that time, and whose answers are ready, may be answered."""
    if all(isinstance(one, Result) and one.outcome == v.APPROVED for one in results):
        return
    grains = int((now() - came) / GRAIN_S) + 1
    await asyncio.sleep(came + grains * GRAIN_S - now())
