"""The command line. `main` is the entry of the script `onesixty` and of `python -m onesixty`.

Each command is a module. What a command needs is imported when it runs, so that none waits for the parts of
another.

- `commands`: the table of all commands;
- `init`, `serve`, `migrate`, `version`: set a node up and run it; `demo`: a demonstration;
- `key`, `local_keys`: keys and accounts, over a running server or in the database itself;
- `user`, `local_people`: users, over a running server or in the database itself;
- `document`: documents of business profiles;
- `send`, `search`, `tail`: messages and events;
- `resources`, `resource_tables`: commands made from the API, as `resources.toml` lists them; `export`: those that
  write a list to a file;
- `carrier`, `capture`: a link to a carrier, and its traffic;
- `extension`: packages that extend onesixty; `verify`: hashes of Android apps;
- `doctor`: checks of the installation;
- `backup`, `restore`, `audit`: the database;
- `audit_log`: exports of the log of changes; `secret`: the instance secret;
- `simulate`, `scenario`, `handset`, `load`: simulated carriers, their handsets, and traffic to measure with;
  `attack`: attacks on verifications;
- `client`, `database`: what commands work on: a running server, or the database of this node;
- `console`, `output`, `progress`: what commands print.
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
