"""`onesixty init`: writes a settings file that explains every setting, and makes the database and the first keys.

`serve` does not need it: without a file the defaults apply, and its first start makes the database and the keys.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from onesixty.cli.console import fail, private_file, program, read_settings, say

#: Every setting, commented out with its default.
TEMPLATE: Final = Path(__file__).with_name("template.toml")


def init() -> None:
    """Write a commented onesixty.toml, create the database and print the first keys.

    Existing files are not changed.
    """
    path = Path(os.environ.get("ONESIXTY_CONFIG") or "onesixty.toml")
    try:
        # Only its owner may read it, because it will hold passwords of carriers.
        handle = private_file(path)
    except FileExistsError:
        say(f"{path} already exists and was not changed")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    else:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
        say(f"wrote {path}: it contains every setting, commented out at its default")

    settings = read_settings()
    from onesixty.cli import database, local_keys
    from onesixty.cli.serve import show_keys

    try:
        # Only its owner may read it, too, because every message is stored in it.
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fail(f"the data directory cannot be created: {error}")
    database.migrate(settings)
    keys = local_keys.first_keys(settings)
    say(f"database ready: {_shown(settings.effective_database_url)}")
    if keys:
        show_keys(keys)
        say()
        say(f"Start the server: {program()} serve")
    else:
        say(f"The database already has keys. Create another one: {program()} key create --local")


def _shown(url: str) -> str:
    """Return the URL without its credentials."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
