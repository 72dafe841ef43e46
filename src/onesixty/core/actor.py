"""Who does something: a key, a user, the command line, the settings file, or onesixty itself.

Rules kept here:
- a key and a user are named by their id; the others have no id, or one that only explains them;
- `text` is how an actor is written where one column or field holds it: `key:key_...`, `user:usr_...`, `cli`;
- `who` is what answers show as the maker of something: the id where there is one.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Kind = Literal["key", "user", "cli", "settings", "onesixty"]


class Actor(NamedTuple):
    """Who does something. Equal actors are the same one."""

    kind: Kind
    id: str = ""

    @property
    def text(self) -> str:
        """The kind, and the id where there is one."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    @property
    def who(self) -> str:
        """The id, or the kind of an actor without one."""
        return self.id or self.kind


#: A command on the machine of the database, without the API.
CLI: Final = Actor("cli")
#: The settings file, which a start turns into rows.
SETTINGS: Final = Actor("settings")
#: What onesixty does on its own, such as the accounts and keys of the first start.
ONESIXTY: Final = Actor("onesixty")
