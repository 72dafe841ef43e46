"""Webhooks: the endpoints of an account, events and their deliveries, signing, and what posts them.

- `tables`, `service`, `endpoints`, `schemas`: `/v1/webhooks`: the rows, the rules, the routes, the bodies;
- `secrets`: the signing secrets of an endpoint;
- `listeners`: the endpoints of all accounts, in memory;
- `effect`, `rows`: from a change of a message to the rows of its event and deliveries;
- `contents`: the events that deliveries carry, read from their rows;
- `sink`, `policy`: what an HTTP response means for a delivery, and when it is retried;
- `signing`: the headers of Standard Webhooks;
- `poster`, `http_poster`, `connection`, `resolver`: the contract of what posts, and how it posts over HTTP;
- `writer`: the store process on SQLite, which delivers webhooks after the commit;
- `deliveries`: lists deliveries, replays events, sends tests;
- `feed`, `feed_endpoints`: the live feed, which reads the same events;
- `feature`: all of it as a feature of a node.
"""
