"""The sentences for the fields of a request, and suggestions for unknown names.

`ops.invalid` has the fault of a value as a predicate (`must be a string, not a list`). `sentence` puts the field in
front, so that the same fault always reads the same; other faults are shown after the field and a colon.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

#: Other APIs' names of our fields, in lower case without `_` and `-`.
_ALIASES: Final = {
    "body": "text",
    "message": "text",
    "content": "text",
    "sms": "text",
    "sender": "from",
    "senderid": "from",
    "source": "from",
    "originator": "from",
    "recipient": "to",
    "recipients": "to",
    "destination": "to",
    "phone": "to",
    "number": "to",
    "msisdn": "to",
    "callbackurl": "status_callback",
    "callback": "status_callback",
    "dlrurl": "status_callback",
    "validityperiod": "valid_for",
    "ttl": "valid_for",
    "sendat": "scheduled_at",
    "schedule": "scheduled_at",
    "clientref": "reference",
    "messages": "text",
}


def sentence(param: str, fault: str) -> str:
    """The sentence about a field (empty for the body as a whole): `tags[1]` must be a string, not an integer."""
    if fault.startswith("must "):
        return f"`{param}` {fault}." if param else f"The body {fault}."
    return f"`{param}`: {fault}." if param else f"{fault[:1].upper()}{fault[1:]}."


def unknown_field(param: str, hint: str = "") -> str:
    """The sentence for a field that an endpoint does not have."""
    return f"Unknown field `{param}`.{hint}"


def suggestion(name: str, fields: Sequence[str]) -> str:
    """` Did you mean ...?` if `name` resembles one of `fields`, or is another API's name for one; otherwise empty."""
    folded = _fold(name)
    by_fold = {_fold(field): field for field in fields}
    alias = _ALIASES.get(folded)
    if folded in by_fold:
        found = by_fold[folded]
    elif alias in fields:
        found = str(alias)
    else:
        near = get_close_matches(folded[:64], by_fold, n=1, cutoff=0.75)
        if not near:
            return ""
        found = by_fold[near[0]]
    return f" Did you mean `{found}`?"


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
