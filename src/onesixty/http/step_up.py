"""What a session may do only soon after its user proved who they are: a password or a passkey in the last 15 minutes.

A browser that somebody leaves open, or a cookie that somebody stole, must not be enough to take over an account or to
carry its data away. Keys are not asked: a program has nobody to ask.
"""

from __future__ import annotations

from typing import Final

_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_READS: Final = frozenset({"GET", "HEAD"})

#: Methods and the beginning of paths.
_GUARDED: Final[tuple[tuple[frozenset[str], str], ...]] = (
    # who may come in, and with which rights
    (_WRITES, "/v1/keys"),
    (_WRITES, "/v1/smpp-credentials"),
    (_WRITES, "/v1/users"),
    (_WRITES, "/v1/invitations"),
    (_WRITES, "/v1/me/"),
    # secrets of others
    (_WRITES, "/v1/carriers"),
    (_READS | _WRITES, "/v1/webhooks/callback-secret"),
    # what is sent away from now on
    (_WRITES, "/v1/reports/saved"),
)
#: What carries the data of many people away in one file.
_EXPORT: Final = "/export"
#: What is deleted or redacted does not come back.
_GONE: Final = ("/redact",)
#: A user always ends sessions, and can prove who they are. Saved views and preferences hold nothing that could not be
#: typed again.
_FREE: Final = ("/v1/sessions", "/v1/me/step-up", "/v1/me/preferences", "/v1/saved-views")


def needs_fresh(method: str, path: str) -> bool:
    """Whether a session needs a fresh proof for this request."""
    if path.startswith(_FREE):
        return False
    if method == "DELETE" or (method in _WRITES and path.endswith(_GONE)):
        return True
    if method in _READS and path.endswith(_EXPORT):
        return True
    return any(method in methods and path.startswith(start) for methods, start in _GUARDED)
