"""Billing: the price of a message, the ledger that records it, and the credit of accounts.

- `flat`: what a change of a message writes into the ledger;
- `movements`: what the ledger tells in the history of a message;
- `purse`: what a node holds of an account's credit, in memory;
- `credit_rows`: credit in the database: slices, loose rows, the count of the history;
- `credit`: the hold of messages between the two;
- `limits`: the row of an account's limit follows the account;
- `tables`, `adjustments`: top-ups and corrections, and `/v1/adjustments`;
- `balance`: `GET /v1/balance`;
- `feature`: all of it as a feature of a node.
"""
