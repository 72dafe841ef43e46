"""Raises the limit of open files (and so connections) of this process to what the system allows.

Most systems start a process with a limit of 1024, which some hundred SMPP customers use up; then no connection
could be accepted any more, including HTTP.
"""

from __future__ import annotations

import resource
from typing import Final

#: Files that the rest of a node needs: database, carriers, HTTP clients, webhooks.
REST: Final = 400


def make_room(connections: int) -> int:
    """Raise the limit for this many connections besides the rest. Returns how many there is room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + REST
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return connections
    return max(1, min(connections, soft - REST))
