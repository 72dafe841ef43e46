"""When a certificate ends: that of a PEM file, and that of a server.

The server's certificate is verified as every client does it, so a chain that is incomplete is found too.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Final

#: Seconds for a connection.
_PATIENCE: Final = 5.0


class CertificateError(Exception):
    """A certificate cannot be read, or a client would refuse it. The text gives the reason."""


def end_of_file(path: Path) -> float:
    """The end of the first certificate of a PEM file, as seconds since the epoch. Raises CertificateError."""
    from cryptography import (
        x509,  # imported here, because most installations have no certificate of their own
    )

    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.timestamp()
    except OSError as error:
        raise CertificateError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise CertificateError(f"{path} is not a certificate in PEM") from None


async def end_of_server(host: str, port: int) -> float:
    """The end of the certificate that a server shows, as seconds since the epoch. Raises CertificateError."""
    try:
        async with asyncio.timeout(_PATIENCE):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        raise CertificateError(f"clients refuse the certificate of {host}: {error.verify_message}") from None
    except (OSError, TimeoutError) as error:
        reason = getattr(error, "strerror", None) or "no answer"
        raise CertificateError(f"{host}:{port} cannot be reached: {reason}") from None
    try:
        shown = writer.get_extra_info("peercert")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return float(ssl.cert_time_to_seconds(shown["notAfter"]))
