"""Whether the addresses to listen on can be had: asked before the database is touched and before keys are made.

Rules kept here: what is wrong names the setting and the address; the listeners themselves are opened last, and one
that was taken in between fails the start as well, only later.
"""

from __future__ import annotations

import socket
from typing import Final

from onesixty.ops.settings import parse_address, variable_of

#: Settings that hold an address to listen on, or nothing.
LISTENS: Final = ("http_listen", "metrics_listen", "smpp_listen", "smpp_tls_listen")


def check_free(setting: str, listen: str) -> None:
    """Raises OSError for an address that cannot be listened on. Port 0 and an empty setting always can."""
    if not listen:
        return
    address = parse_address(listen)
    if not address.port:
        return
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.host, address.port))
            probe.listen(1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"{variable_of(setting)}: cannot listen on {address}: {reason}") from None
