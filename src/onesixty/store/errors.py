"""Ends the process after a failure that a store cannot survive."""

from __future__ import annotations

import os
import sys
from typing import Final

#: sysexits.h, EX_IOERR: an error occurred while doing I/O on some file.
EXIT_IO_ERROR: Final = 74


def exit_process(message: str) -> None:
    """Print the reason and end at once. No exit handler may run, since it would act on data that was never
    written."""
    sys.stderr.write(f"onesixty: {message}\n")
    sys.stderr.flush()
    os._exit(EXIT_IO_ERROR)
