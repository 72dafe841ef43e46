"""Who takes part in the demonstration. It is kept in the demonstration's folder, so that traffic can go on later."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

#: The file in the folder of a demonstration. A folder without it is not one.
FILE: Final = "demo.json"


class Customer(msgspec.Struct):
    """An account with its keys. `numbers` are its own; people reply to them. `passwords` are those of its SMPP
    credentials, by system_id."""

    id: str
    name: str
    live: str
    test: str
    numbers: list[str] = []
    passwords: dict[str, str] = {}


class Person(msgspec.Struct):
    """A user. `cookie` is the session in which the user works while the weeks are played."""

    email: str
    name: str
    cookie: str = ""


class Cast(msgspec.Struct):
    """Everybody, by a short name. `key` is the operator's live key."""

    seed: int
    key: str = ""
    test_key: str = ""
    email: str = ""
    password: str = ""
    customers: dict[str, Customer] = {}
    people: dict[str, Person] = {}
    #: When the failing receiver began to fail, by host, in epoch ms.
    failing: dict[str, int] = {}

    def save(self, folder: Path) -> None:
        """Write the file."""
        path = folder / FILE
        path.touch(mode=0o600)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2))


def read(folder: Path) -> Cast:
    """Read the file. Raises OSError, or ValueError if it is no file of this version."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Cast)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{FILE} cannot be read: {error}") from None
