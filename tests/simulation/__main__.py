"""`python -m tests.simulation SEED`: replay one seed and print all that happened, then what does not hold."""

import sys
import tempfile
from pathlib import Path

from tests.simulation.seeds import run_seed, template


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory() as directory:
        result = run_seed(sys.argv[1], template(), Path(directory))
    print("\n".join(result.world.trace))
    for crashing in result.plan.crashes:
        print(crashing)
    print("\n".join(result.complaints) or "every promise held")
    return 1 if result.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
