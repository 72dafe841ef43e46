"""Accounts and their API keys: who sends, in which mode, with which scopes, at which price.

- `account`, `tables`: the account and its settings, and the tables;
- `tree`: who is above whom, and what follows from it: states, rights, limits;
- `keys`: the format of a key, and how one is generated; `restrictions`: to what a key can be restricted;
- `service`: creates, lists, finds, changes and revokes; makes the operator's account at the first start;
- `reach`: which accounts' keys and credentials a caller may manage;
- `acting`: in which account a caller acts (`Onesixty-Account`);
- `key_bodies`, `key_endpoints`: `/v1/keys`;
- `bodies`, `forms`: what requests and answers of accounts hold, and what they may say;
- `endpoints`, `account_endpoints`: `/v1/account`; `/v1/accounts` and `/v1/subaccounts`;
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
