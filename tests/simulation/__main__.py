"""`python -m tests.simulation [--nodes] SEED`: replay one seed and print all that happened, then what does not hold.

With `--nodes` it is a seed of the cluster, of two or three nodes that stand still.
"""

import sys
import tempfile
from pathlib import Path

from tests.simulation.seeds import run_cluster_seed, run_seed, template


def main() -> int:
    seeds = [argument for argument in sys.argv[1:] if argument != "--nodes"]
    if len(seeds) != 1:
        print(__doc__)
        return 2
    run = run_cluster_seed if "--nodes" in sys.argv else run_seed
    with tempfile.TemporaryDirectory() as directory:
        result = run(seeds[0], template(), Path(directory))
    print("\n".join(result.world.trace))
    for crashing in () if "--nodes" in sys.argv else result.plan.crashes:
        print(crashing)
    print("\n".join(result.complaints) or "every promise held")
    return 1 if result.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
