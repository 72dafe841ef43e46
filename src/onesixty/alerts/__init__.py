"""Alerts: what an operator has to be told of, by rules that ship.

- `rules`: the table of rules, and what an operator changed of them;
- `signals`: what the rules look at, read from the parts of the node;
- `watch`: holds the two against each other, raises and resolves, and tells;
- `mail`: alerts by email;
- `service`, `routes`: `/v1/alerts` and `/v1/alert-rules`.
"""
