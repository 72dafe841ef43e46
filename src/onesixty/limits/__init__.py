"""Limits of accounts, keys and SMPP credentials: how much they send, how fast, how many messages wait, and how much
accounts store.

- `periods`: days and months in a time zone;
- `counters`: what a node knows of one limit, in memory;
- `rows`: what nodes share of it, in the database;
- `meter`: all limits of one subject;
- `hold`: the limits as a hold of messages; `filling`: asks the database for it; `arrivals`: messages of keys and SMPP
  credentials that come to wait by a change;
- `storage`: what accounts store;
- `requests`: requests a second of an account, and the RateLimit headers; `shared`: rates of keys and SMPP credentials
  on several nodes;
- `endpoints`: `/v1/limits`; `feature`: all of it as a feature of a node.
"""
