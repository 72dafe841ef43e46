"""Notes for the audit log (`store.notes`) about what a caller did over HTTP that changed no row of a resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from onesixty.http.call import SCOPE_KEY
from onesixty.http.resource import by_of
from onesixty.http.scopes import Principal
from onesixty.store.notes import Note
from onesixty.store.notes import Notes as Notes  # noqa: PLC0414  (for doors, which know no store)
from onesixty.store.rows import By


def author(request: Request, caller: Principal) -> By:
    """Who makes a change, and from where."""
    return by_of(request.scope[SCOPE_KEY], caller)


def in_log_of(by: By, account_id: str) -> By:
    """The author of a note in the log of this account, which an operator may name."""
    if by.account_id == account_id:
        return by
    return by._replace(account_id=account_id, home=by.home or by.account_id)


def noted(
    request: Request,
    caller: Principal,
    action: str,
    about: str,
    about_id: str = "",
    *,
    details: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
    test: bool | None = None,
    account_id: str | None = None,
) -> Note:
    """A note about what a caller did to the thing `about_id` of the kind `about`. It stands in the log of the account
    in which the caller acts, or in that of `account_id`, which an operator may name."""
    by = author(request, caller)
    return Note(
        by=by if account_id is None else in_log_of(by, account_id),
        action=action,
        object=about,
        object_id=about_id,
        details=details or {},
        personal=personal or {},
        test=test,
    )
