"""How many files (and so connections) this process may have open: raised to what the system allows.

Most systems start a process with room for 1024, which some hundred SMPP customers use up; then nothing could be
accepted any more, HTTP included.
"""

from __future__ import annotations

import resource
from typing import Final

#: What the rest of a node needs: database, carriers, HTTP clients, webhooks.
REST: Final = 400


def make_room(connections: int) -> int:
    """Raise the limit for so many connections beside the rest; how many there is room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + REST
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return connections
    return max(1, min(connections, soft - REST))
