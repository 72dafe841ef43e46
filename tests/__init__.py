"""The test suite. A package, so that `tests.support` is always this one."""
