"""`python -m tests.simulation [--nodes] SEED`: replay one seed and print all that happened, then what does not hold.

With `--nodes` it is a seed of the cluster, of two or three nodes that stand still.
"""

import sys
import tempfile
from pathlib import Path

from tests.simulation.seeds import run_seed, template


def main() -> int:
    seeds = [argument for argument in sys.argv[1:] if argument != "--nodes"]
    if len(seeds) != 1:
        print(__doc__)
        return 2
    nodes = "--nodes" in sys.argv
    with tempfile.TemporaryDirectory() as directory:
        result = run_seed(seeds[0], template(), Path(directory), nodes=nodes)
    print("\n".join(result.world.trace))
    for crashing in () if nodes else result.plan.crashes:
        print(crashing)
    print("\n".join(result.complaints) or "every promise held")
    return 1 if result.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
