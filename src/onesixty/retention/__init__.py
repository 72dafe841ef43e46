"""Retention: deletes old data, and defines what is never deleted.

- `kinds`: what is told apart, and for how many days each account's data is kept;
- `tables`: the times of single accounts;
- `groups`: the accounts that share a time, and how far retention came for them;
- `keeper`: the rounds that delete;
- `endpoints`: `/v1/retention`;
- `feature`: all of it as a feature of a node.
"""
