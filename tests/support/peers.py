"""Foreign programs that tests talk to. What is not installed skips its tests, and the summary says why."""

import shutil
from pathlib import Path

import pytest

from tests.support.postgres import ROOT

NODE_PEERS = ROOT / "tests" / "interop" / "node"


def require_program(name: str, package: str) -> str:
    """The path of a program of Debian's `package`; skips the test where it is missing."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed (package {package}; scripts/setup-interop installs it)")
    return found


def require_node_smpp() -> tuple[str, Path]:
    """Node and the directory in which `require("smpp")` works; skips the test where either is missing."""
    node = require_program("node", "nodejs")
    if not (NODE_PEERS / "node_modules" / "smpp").is_dir():
        pytest.skip("node's smpp is not installed (scripts/setup-interop installs it)")
    return node, NODE_PEERS
