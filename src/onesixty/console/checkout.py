"""Whether onesixty runs from its repository, and what becomes of the console's build there.

`make run` builds the console beside the node (`scripts/console-beside`). The script notes in a file what it does:
`building PID` while it builds, `failed` after a build that failed. A note of a process that is gone counts as none.
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Final

#: The place of the note under the root of the repository.
NOTE: Final = Path("build") / "console.state"


class Progress(Enum):
    """What becomes of the build."""

    NO_CHECKOUT = "no checkout"
    NONE = "none"
    BUILDING = "building"
    FAILED = "failed"


def root_of(package: Path) -> Path | None:
    """The root of the repository that the folder of the package is in; None if it is installed elsewhere."""
    root = package.parent.parent
    there = all((root / name).is_file() for name in ("Makefile", "pyproject.toml"))
    return root if there and package.parent.name == "src" else None


def progress(root: Path | None) -> Progress:
    """What the note says."""
    if root is None:
        return Progress.NO_CHECKOUT
    try:
        word, _, pid = (root / NOTE).read_text(encoding="utf-8")[:100].strip().partition(" ")
    except (OSError, UnicodeDecodeError):
        return Progress.NONE
    if word == "building" and _runs(pid):
        return Progress.BUILDING
    return Progress.FAILED if word == "failed" else Progress.NONE


def _runs(pid: str) -> bool:
    if not (pid.isascii() and pid.isdigit() and 1 < int(pid) < 1 << 31):
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs, as another user's
        return True
    return True
