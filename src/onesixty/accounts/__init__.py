"""Accounts and their API keys: who sends, in which mode, with which scopes, at which price.

- `account`, `tables`: the account and its settings, and the tables;
- `keys`: the format of a key, and how one is generated;
- `service`: creates, lists, finds, changes and revokes; makes the operator's account at the first start;
- `reach`: which accounts' keys and credentials a caller may manage;
- `bodies`, `endpoints`: `/v1/keys` and `/v1/accounts`;
- `feature`: all of it as a feature of a node.
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
