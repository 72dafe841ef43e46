"""Accounts and their API keys: who sends, in which mode, with which scopes, at which price.

- `account`: the account and its settings;
- `keys`: what a key looks like, and how one is made;
- `service`: make, list, find, change and revoke, and what the first start makes;
- `reach`: whose keys and credentials a caller may make and see;
- `routes`: `/v1/keys` and `/v1/accounts`.
"""

from onesixty.accounts.account import Account, AccountSettings
from onesixty.accounts.keys import Key, NewKey
from onesixty.accounts.service import Accounts, bootstrap, ensure_admin_key

__all__ = [
    "Account",
    "AccountSettings",
    "Accounts",
    "Key",
    "NewKey",
    "bootstrap",
    "ensure_admin_key",
]
