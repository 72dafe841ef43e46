"""Webhooks: the endpoints of an account, events and their deliveries, signing, and what posts them.

- `tables`, `service`, `endpoints`, `schemas`: `/v1/webhooks`: the rows, the rules, the routes, the bodies;
- `secrets`: the signing secrets of an endpoint;
- `listeners`: the endpoints of all accounts, in memory;
- `effect`, `rows`: from a change of a message to the rows of its event and deliveries;
- `row_events`: events of changes of accounts, profiles and what operators set up;
- `contents`: the events that deliveries carry, read from their rows;
- `attempts`, `exchange`: what is kept of attempts, and how a request and its answer are shown; `figures`: how many
  succeed, and how fast;
- `sink`, `policy`: what an HTTP response means for a delivery, and when it is retried;
- `signing`: the headers of Standard Webhooks;
- `poster`, `http_poster`, `connection`, `resolver`: the contract of what posts, and how it posts over HTTP;
- `writer`: the store process on SQLite, which delivers webhooks after the commit;
- `delivery_reading`: lists deliveries, shows one with its attempts, and the figures of an endpoint;
- `deliveries`: replays events, sends tests; `event_types`: every type of event with an example;
- `feed`, `feed_stream`, `feed_endpoints`: the live feed, which reads the same events;
- `feature`: all of it as a feature of a node.
"""
