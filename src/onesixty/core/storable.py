"""Text as a database accepts it."""

from __future__ import annotations


def storable(written: str) -> str:
    """The text without NUL and without lone surrogates."""
    if "\0" in written:
        written = written.replace("\0", "�")
    return written if written.isascii() else written.encode("utf-8", "replace").decode()
