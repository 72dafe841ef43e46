"""Checks that the addresses to listen on are available, before the database is changed and keys are created.

Rules kept here: errors name the setting and the address. The listeners are opened last; if another program takes an
address in between, the start fails then.
"""

from __future__ import annotations

import socket
from typing import Final

from onesixty.ops.settings import parse_address, variable_of

#: Settings with an address to listen on; they may be empty.
LISTENS: Final = ("http_listen", "metrics_listen", "smpp_listen", "smpp_tls_listen")


def check_free(setting: str, listen: str) -> None:
    """Raise OSError for an unavailable address. Port 0 and an empty setting are always available."""
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
