"""The tables of accounts and their keys."""

from __future__ import annotations

from typing import Final

from onesixty.accounts.account import Account
from onesixty.accounts.keys import Key
from onesixty.core import ids
from onesixty.store.table import TEXT, WHOLE, Condition, Table, Unique, text_part

ACCOUNTS: Final = Table(
    "accounts",
    Account,
    prefix=ids.ACCOUNT,
    fixed=("currency", "operator", "parent_id"),
    filters=("parent_id",),
    unique=(Unique("accounts_operator", ("operator",), "An operator's account already exists.", "operator"),),
    tells="accounts",
)
#: The state of a key or an SMPP credential at a time.
IN_STATE: Final = Condition(
    TEXT,
    "CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= :now THEN 'expired' ELSE 'active' END "
    "= :state",
    {"now": WHOLE},
)
#: The last uses of a key have statements of their own (`key_used`, `key_previous_used`).
KEYS: Final = Table(
    "keys",
    Key,
    prefix=ids.KEY,
    owner=("account_id", "test"),
    fixed=("account_id", "test", "scopes", "last_used_at", "last_used_from"),
    filters=("scopes",),
    conditions={"named": text_part("name", "named"), "state": IN_STATE},
    secrets=("hash", "previous_hash"),
)
TABLES: Final = (ACCOUNTS, KEYS)
