"""Runs one migration in its own process, `python -m onesixty.store.migrations URL`: see `migrate_apart`."""

from __future__ import annotations

import asyncio
import sqlite3
import sys

from onesixty.store.migrations import SchemaError, migrate


def main() -> int:
    """Migrate the SQLite file at the URL of the one argument. Print the reason of a failure on the error output."""
    try:
        asyncio.run(migrate(sys.argv[1]))
    except (SchemaError, sqlite3.Error, OSError) as error:
        sys.stderr.write(str(error))
        return 1
    return 0


sys.exit(main())
