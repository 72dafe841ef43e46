"""The tables of accounts and their keys."""

from __future__ import annotations

from typing import Final

from onesixty.accounts.account import Account
from onesixty.accounts.keys import Key
from onesixty.core import ids
from onesixty.store.table import Table, Unique

ACCOUNTS: Final = Table(
    "accounts",
    Account,
    prefix=ids.ACCOUNT,
    fixed=("currency", "operator"),
    unique=(Unique("accounts_operator", ("operator",), "An operator's account already exists.", "operator"),),
    tells="accounts",
)
#: A key changes only when it is revoked; its last use has a statement of its own (`key_used`).
KEYS: Final = Table(
    "keys",
    Key,
    prefix=ids.KEY,
    owner=("account_id", "test"),
    fixed=("account_id", "name", "hash", "hint", "test", "scopes", "last_used_at", "requests_per_second"),
)
TABLES: Final = (ACCOUNTS, KEYS)
