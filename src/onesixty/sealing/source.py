"""Where a node finds the instance secret: the setting `secret_key`, or the file `secret.key` in the data directory.

Rules kept here:
- the setting wins, and then the file is not read;
- only its owner may read the file (mode 0600). It is replaced as a whole: written under another name, fsynced,
  renamed. Nothing reads half a secret;
- while a secret is being replaced there are two, the wanted one first.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from onesixty.ops.secret_form import SECRET_FORM
from onesixty.store.record import sync_folder

if TYPE_CHECKING:
    from onesixty.ops.settings import Settings

FILE: Final = "secret.key"

_HEAD: Final = (
    "# The secret of this installation of onesixty. Values in the database are encrypted under it, and cannot be\n"
    "# read without it: keep a copy apart from the backups. All nodes of a database need the same secret.\n"
)


class SecretError(Exception):
    """The secret cannot be read or written, or is not the one of the database. The text says what to do."""


class Source(NamedTuple):
    """The secrets of the setting, or the file if there are none."""

    given: tuple[str, ...]
    path: Path

    @classmethod
    def of(cls, settings: Settings) -> Source:
        """The source that the settings name."""
        return cls(settings.secret_keys, settings.data_dir / FILE)

    @property
    def name(self) -> str:
        """How the source is called in texts for people."""
        return "ONESIXTY_SECRET_KEY" if self.given else str(self.path)

    def read(self) -> tuple[str, ...]:
        """The secrets, the wanted one first; none if there is no file. Raises SecretError."""
        if self.given:
            return self.given
        try:
            text = self.path.read_text(encoding="ascii")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not ASCII"
            raise SecretError(f"{self.path} cannot be read: {reason}") from None
        found = tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
        if not 1 <= len(found) <= 2 or not all(SECRET_FORM.fullmatch(secret) for secret in found):
            raise SecretError(
                f"{self.path} must hold one secret (two during a rotation), each on a line of its own: 32 to 512 "
                "characters of printable ASCII without spaces and commas"
            )
        return found

    def make(self) -> tuple[tuple[str, ...], bool]:
        """Make the file with a new secret, unless another process has made it meanwhile. Returns the secrets in it,
        and whether they are new. Raises SecretError."""
        made = self.write((new_secret(),), over=False)
        return self.read(), made

    def write(self, found: tuple[str, ...], *, over: bool = True) -> bool:
        """Write the file. Without `over`, returns False if there is one. Raises SecretError."""
        beside = self.path.with_name(f"{self.path.name}.new-{os.getpid()}")
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(_HEAD + "".join(f"{secret}\n" for secret in found))
                file.flush()
                os.fsync(file.fileno())
            if over:
                beside.rename(self.path)
            else:
                os.link(beside, self.path)
                beside.unlink()
            sync_folder(self.path.parent)
        except FileExistsError:
            beside.unlink()
            return False
        except OSError as error:
            raise SecretError(f"{self.path} cannot be written: {error.strerror}") from None
        return True

    def remove(self) -> None:
        """Remove the file, whose secret came into force nowhere."""
        self.path.unlink(missing_ok=True)


def new_secret() -> str:
    """A new secret: 256 bits."""
    return secrets.token_urlsafe(32)
