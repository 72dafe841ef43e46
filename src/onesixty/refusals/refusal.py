"""A refusal: a row of the table `refusals`.

A refused request makes no message, so this row is the only trace of it. It holds no text. The time of a refusal is
part of its id.
"""

from __future__ import annotations

from typing import Any

import msgspec

from onesixty.core.tenant import Tenant


class Refusal(msgspec.Struct, kw_only=True, frozen=True):
    """A row. The order of the fields is the order of the columns.

    `door` is the door of the request (`v1`, `smpp`), `operation` the call (`POST /v1/sms/send`, `submit_sm`),
    `caller` the key or SMPP credential. `answer` is the HTTP status or the name of the command_status. `rule` is
    the validation step that refused. `sender` and `recipient` are as a message would show them, or as received if
    they are invalid. `count` is how many refusals the row stands for: more than one if there were too many to keep
    each.
    """

    id: str
    account_id: str
    test: bool
    door: str
    operation: str
    request_id: str
    caller: str
    answer: str
    code: str
    param: str | None
    rule: str
    detail: str | None
    sender: str | None
    recipient: str | None
    count: int = 1
    redacted_at: int | None = None

    @property
    def tenant(self) -> Tenant:
        """The account and mode of the refusal."""
        return Tenant(self.account_id, self.test)


def insert_row(refusal: Refusal) -> tuple[Any, ...]:
    """The params of `refusal_insert`."""
    return msgspec.structs.astuple(refusal)


def from_row(row: tuple[Any, ...]) -> Refusal:
    """A row of `refusals_list` as a refusal."""
    refusal = Refusal(**dict(zip(Refusal.__struct_fields__, row, strict=True)))
    return msgspec.structs.replace(refusal, test=bool(refusal.test))
