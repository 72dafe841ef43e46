"""`onesixty version`."""

from __future__ import annotations

from onesixty import __version__
from onesixty.cli.console import say


def version() -> None:
    """Print the version."""
    say(f"onesixty {__version__}")
