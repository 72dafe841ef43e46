"""The audit log: who changed what, from where, in which account, with before and after.

Not to be confused with `onesixty audit` (`reports/audit.py`), which checks a database; one of its checks is
`verification` here.

- `entry`: one entry, the text that is hashed, and the personal values that can be taken out of it;
- `recording`: makes entries of changes of rows, and of notes of other things that an actor did;
- `visits`: who acts inside another account; `starts`: what changed while no node ran;
- `signatures`: signs what waits, heads and checkpoints;
- `chainer`: chains new entries, account by account;
- `verification`: checks the chain;
- `retention`: removes old entries behind a signed checkpoint;
- `reading`: pages of entries, as callers see them;
- `export`: all entries of an account as CSV or JSON Lines, with count and last hash;
- `endpoints`: `/v1/audit`;
- `feature`: the audit log of a node.
"""
