"""A trace of refused requests, so that support can find out why something was not accepted.

- `refusal`: one row, and how it is shown;
- `trace`: takes refusals from the doors and writes a bounded number of them;
- `service`: finds refusals, and redacts numbers in them;
- `endpoints`: `/v1/refusals`;
- `feature`: the trace as a feature of a node.
"""

from onesixty.refusals.refusal import Refusal
from onesixty.refusals.service import Refusals
from onesixty.refusals.trace import Trace

__all__ = ["Refusal", "Refusals", "Trace"]
