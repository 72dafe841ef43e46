"""What `/v1/keys` and `/v1/accounts` answer, for the document. The views of `keys` and `account` write it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Mode = Literal["live", "test"]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Amount = Annotated[str, Field(description="A decimal string.", examples=["0.0075"])]


class KeyView(BaseModel):
    """A key, without its secret."""

    id: str
    account_id: str
    name: str
    hint: Annotated[str, Field(description="What to know it by.", examples=["os_live_...wxyz"])]
    mode: Mode
    scopes: list[str]
    requests_per_second: Annotated[int | None, Field(description="Its own limit; null: that of the account.")]
    created_at: Moment
    revoked_at: Moment | None
    last_used_at: Annotated[Moment | None, Field(description="To within ten minutes.")]


class KeyMade(KeyView):
    """A key just made."""

    secret: Annotated[str, Field(description="The key itself. It is shown this once.")]


class KeyList(BaseModel):
    """A page of keys."""

    data: list[KeyView]
    next: Annotated[str | None, Field(description="`after` of the next page; null at the end.")]


class AccountView(BaseModel):
    """An account."""

    id: str
    name: str
    currency: Annotated[str, Field(description="ISO 4217.")]
    price_per_segment: Amount
    requests_per_second: Annotated[int, Field(description="For each of its keys.")]
    may_use_otp: bool
    state: Annotated[
        Literal["active", "suspended"], Field(description="Nothing new is accepted of a suspended account.")
    ]
    created_at: Moment


class OwnAccount(AccountView):
    """The account of the key that asks."""

    mode: Annotated[Mode, Field(description="That of the key.")]


class AccountMade(AccountView):
    """An account just made, with its first keys."""

    keys: list[KeyMade]


class AccountList(BaseModel):
    """A page of accounts."""

    data: list[AccountView]
    next: Annotated[str | None, Field(description="`after` of the next page; null at the end.")]
