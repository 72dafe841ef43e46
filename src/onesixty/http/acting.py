"""The request headers that say where a caller acts and why, and their entries in the OpenAPI document.

Rules kept here:
- `Onesixty-Account` is a parameter of every operation with a scope, `Onesixty-Mode` of those that are open to a test
  key, and `Onesixty-Reason` of those that change something;
- a key has one mode. If it names another one, it is refused: a test that is sent by a live key would cost.
"""

from __future__ import annotations

from typing import Any, Final

from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.http.call import LONGEST_REASON, Call
from onesixty.http.scopes import SCOPES

ACCOUNT: Final = "Onesixty-Account"
MODE: Final = "Onesixty-Mode"
REASON: Final = "Onesixty-Reason"

_MODE: Final = MODE.lower().encode()
_MODES: Final = {b"live": False, b"test": True}

#: The entries of `components.parameters`, by name.
PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "Account": {
        "name": ACCOUNT,
        "in": "header",
        "required": False,
        "description": "The account to act in: one below that of the caller, which needs the scope "
        "`subaccounts:enter`; for a user, also another one of theirs. Default: the account of the key, or that in "
        "which the session began.",
        "schema": {"type": "string", "examples": ["acc_01h455vb4pex5vsknk084sn02q"]},
    },
    "Mode": {
        "name": MODE,
        "in": "header",
        "required": False,
        "description": "The mode in which a session acts. A key has a mode of its own, and is refused "
        "(`wrong_mode`) if it names the other one.",
        "schema": {"type": "string", "enum": ["live", "test"], "default": "live"},
    },
    "Reason": {
        "name": REASON,
        "in": "header",
        "required": False,
        "description": "Why the change is made, for the audit log.",
        "schema": {"type": "string", "maxLength": LONGEST_REASON},
    },
}


def parameters_of(scope: str | None, method: str) -> list[dict[str, str]]:
    """The references to the entries that an operation takes. None: it needs no scope."""
    names = ["Account"]
    if scope is None or not SCOPES[scope].live_only:
        names.append("Mode")
    if method != "get":
        names.append("Reason")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def named_mode(call: Call) -> bool | None:
    """Whether the mode that a call names is the test mode; None if it names none. Raises Problem
    `invalid_parameter`."""
    named = call.header(_MODE)
    if named is None:
        return None
    test = _MODES.get(named)
    if test is None:
        raise Problem("invalid_parameter", f"`{MODE}` must be `live` or `test`.", param=MODE)
    return test


def check_mode(call: Call, tenant: Tenant) -> None:
    """Raise Problem `invalid_parameter` or `wrong_mode` if a call names another mode than the one it acts in."""
    test = named_mode(call)
    if test is not None and test != tenant.test:
        raise Problem(
            "wrong_mode", f"This is a {tenant.mode} key; `{MODE}` names the other mode.", param=MODE
        )
