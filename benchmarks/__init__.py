"""The benchmark: the whole path on this machine beside Kannel. `python -m benchmarks --help`."""
