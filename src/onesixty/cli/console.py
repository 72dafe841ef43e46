"""What all commands say and how they end: answers on standard output, complaints on standard error.

What others wrote, such as the text of a message, never reaches a terminal as a command to it.

Exit statuses: 0 done; 1 it did not work, or a check found something; 2 the command or a setting is wrong; 3 the
database is damaged or has lost something, and a person has to decide; and of a command that calls a server: 4 the key
may not, 5 not found, 6 a conflict, 7 try again later, 8 no server answers.
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


#: Characters that a terminal obeys instead of showing them; an SMS may hold them. Tabs and ends of lines do no harm.
_CONTROL: Final = {
    code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"
}


def visible(text: str) -> str:
    """`text` with its control characters written as JSON writes them, so that JSON stays what it is."""
    return text.translate(_CONTROL)


def say(text: str = "") -> None:
    """A line for whoever called. Never wrapped: what is printed may be pasted."""
    sys.stdout.write(f"{visible(text)}\n")
    sys.stdout.flush()


def program() -> str:
    """How to call this program again, as far as one can tell: `.venv/bin/onesixty` after `make run`."""
    called = sys.argv[0]
    return called if called.endswith("onesixty") else "onesixty"


def fail(message: str, status: int = FAILED) -> NoReturn:
    """Say what is wrong on standard error and end with `status`."""
    sys.stdout.flush()
    sys.stderr.write(f"onesixty: {visible(message)}\n")
    raise SystemExit(status)


def private_file(path: Path) -> int:
    """The descriptor of a new file that its owner alone may read: it holds secrets, or what people wrote.

    Raises OSError, also if there is one already.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def read_settings() -> Settings:
    """The settings of this process, or the end with status 2 and the message that names the setting."""
    from onesixty.ops import settings

    try:
        return settings.load()
    except settings.SettingsError as error:
        fail(str(error), MISUSED)
