"""The certificate of the TLS listener. It is read again when its files change, so a renewal needs no restart."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

import structlog

#: Seconds between two looks at the files.
LOOK_EVERY: Final = 30.0


class Certificate:
    """A TLS context whose certificate follows its files. Open connections keep the old certificate."""

    def __init__(self, cert: Path, key: Path) -> None:
        """Raises OSError or ssl.SSLError if the files cannot be used."""
        self._cert = cert
        self._key = key
        self._log = structlog.get_logger("onesixty.smpp")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._seen = self._stamp()
        self.context.load_cert_chain(cert, key)

    def look(self) -> bool:
        """Load the files if they changed, and return whether they were loaded. Unusable files are logged,
        and the old certificate stays."""
        try:
            stamp = self._stamp()
            if stamp == self._seen:
                return False
            # Into a separate context first, because a half-finished renewal must not break the one in use.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._cert, self._key)
            self.context.load_cert_chain(self._cert, self._key)
        except (OSError, ssl.SSLError) as error:
            self._log.warning("certificate_unreadable", reason=str(error))
            return False
        self._seen = stamp
        self._log.info("certificate_loaded")
        return True

    def _stamp(self) -> tuple[int, ...]:
        return tuple(path.stat().st_mtime_ns for path in (self._cert, self._key))
