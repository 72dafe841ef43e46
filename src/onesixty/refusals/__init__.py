"""Refusals leave a trace: what was not accepted, for whoever has to find out why.

- `refusal`: one row, and how it is shown;
- `trace`: takes refusals from the doors and writes a bounded number of them;
- `service`: finds them again, and takes a number out of them;
- `endpoints`: `/v1/refusals`.
"""

from onesixty.refusals.refusal import Refusal
from onesixty.refusals.service import Refusals
from onesixty.refusals.trace import Trace

__all__ = ["Refusal", "Refusals", "Trace"]
