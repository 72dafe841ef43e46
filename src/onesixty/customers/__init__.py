"""Customers who bind over SMPP: their credentials, their binds, and what is delivered over the binds.

- `tables`, `credentials`, `credential_endpoints`: what customers bind with; `passwords`: how it is stored;
- `profile`: what may differ between credentials;
- `binds`, `bind_endpoints`: the open binds of this node; `refused_binds`: those that were refused;
- `ends`: binds whose credential comes to its end;
- `addresses`, `message_ids`, `short_ids`: numbers and ids in the form that a profile asks for;
- `origin`: what the SMPP door keeps on a message;
- `parts`: long messages that customers cut; `dedup`: repeated submissions;
- `effect`: from a change of a message to the rows that wait for a bind;
- `receipts`, `incoming`: the PDUs of receipts and of incoming messages;
- `sink`, `lanes`, `policy`: from these rows to a bind and its answer, and when a delivery is tried again;
- `feature`: all of it as features of a node.
"""
