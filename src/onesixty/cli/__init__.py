"""The command line. `main` is the entry of the script `onesixty` and of `python -m onesixty`.

Each command is a module. What a command needs is imported when it runs, so that none waits for the parts of
another; the table of all commands is `commands.py`.
"""

from __future__ import annotations

import sys

#: What a shell says of a program that SIGINT ended.
INTERRUPTED = 130


def main() -> None:
    """Run the command that the process was called with, and exit with its status."""
    try:
        if sys.argv[1:] == ["serve"]:  # a node starts without the parser and the other commands
            from onesixty.cli.serve import serve

            serve()
        else:
            from onesixty.cli.commands import application

            application()(prog_name="onesixty")
    except KeyboardInterrupt:  # while a command is still being loaded: nothing to tell
        sys.exit(INTERRUPTED)
