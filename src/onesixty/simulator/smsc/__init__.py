"""A simulated SMSC over SMPP 3.4: for tests, for trying things out, and for benchmarks.

- `options`: what it can be told;
- `misbehaviours`: everything it can do wrong, one row each, by name;
- `conduct`: misbehaviour in the session (binds, unbinds, octets that are no PDU);
- `wire`: misbehaviour in the stream (pieces, pauses);
- `receipts`: delivery receipts as carriers write them;
- `server`: the SMSC itself; `fast`: a lean one for benchmarks; `run`: either of them until stopped.
"""

from onesixty.simulator.smsc.misbehaviours import CATALOGUE, Misbehaviour
from onesixty.simulator.smsc.options import SmscOptions
from onesixty.simulator.smsc.run import run_smsc
from onesixty.simulator.smsc.server import SimulatedSmsc

__all__ = ["CATALOGUE", "Misbehaviour", "SimulatedSmsc", "SmscOptions", "run_smsc"]
