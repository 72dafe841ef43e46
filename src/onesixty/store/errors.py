"""The end of the process, for what a store cannot survive."""

from __future__ import annotations

import os
import sys
from typing import Final

#: sysexits.h, EX_IOERR: an error occurred while doing I/O on some file.
EXIT_IO_ERROR: Final = 74


def exit_process(message: str) -> None:
    """Say why, and end at once: no handler may run that believes in what was not written."""
    sys.stderr.write(f"onesixty: {message}\n")
    sys.stderr.flush()
    os._exit(EXIT_IO_ERROR)
