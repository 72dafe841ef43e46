"""Alerts: problems that an operator must know about, found by built-in rules.

- `rules`, `tables`: the table of rules, and the operator's changes to them;
- `signals`: the numbers that rules evaluate, read from the parts of the node;
- `success`: how far the success of verifications has fallen;
- `watch`: evaluates the rules, raises and resolves alerts, and sends them;
- `mail`: alerts by email;
- `service`, `endpoints`: `/v1/alerts` and `/v1/alert-rules`;
- `feature`: all of it as a feature of a node.
"""
