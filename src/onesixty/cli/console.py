"""Output and exit of all commands: results go to standard output, errors to standard error.

Text written by others, such as the text of a message, never reaches a terminal as a control sequence.

Exit statuses: 0 done; 1 it failed, or a check found something; 2 the command or a setting is wrong; 3 the
database is damaged or has lost something, and a person has to decide. For a command that calls a server also: 4
the key lacks the permission, 5 not found, 6 a conflict, 7 try again later, 8 no server answers.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from pathlib import Path

    from onesixty.ops.settings import Settings

FAILED: Final = 1
MISUSED: Final = 2
DAMAGED: Final = 3
FORBIDDEN: Final = 4
NOT_FOUND: Final = 5
CONFLICT: Final = 6
LATER: Final = 7
UNREACHABLE: Final = 8


#: Characters that a terminal interprets instead of showing them; an SMS may hold them. Tabs and line ends are
#: harmless.
_CONTROL: Final = {
    code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"
}


def visible(text: str) -> str:
    """Escape the control characters of `text` as JSON does, so that JSON stays valid."""
    return text.translate(_CONTROL)


def say(text: str = "") -> None:
    """Print a line for the caller. It is never wrapped, because it may be copied."""
    sys.stdout.write(f"{visible(text)}\n")
    sys.stdout.flush()


def program() -> str:
    """Return how to call this program again, as far as it can tell: `.venv/bin/onesixty` after `make run`."""
    called = sys.argv[0]
    return called if called.endswith("onesixty") else "onesixty"


def fail(message: str, status: int = FAILED) -> NoReturn:
    """Print an error on standard error and exit with `status`."""
    sys.stdout.flush()
    sys.stderr.write(f"onesixty: {visible(message)}\n")
    raise SystemExit(status)


def private_file(path: Path) -> int:
    """Create a new file that only its owner may read, because it holds secrets or texts of people. Returns its
    descriptor.

    Raises OSError, also if the file exists already.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def read_settings() -> Settings:
    """Return the settings of this process, or exit with status 2 and a message that names the setting."""
    from onesixty.ops import settings

    try:
        return settings.load()
    except settings.SettingsError as error:
        fail(str(error), MISUSED)
