"""Carriers and routes, as they are configured and as they run on this node.

- `tables`, `configs`: the configured carriers and routes, as rows;
- `adoption`: carriers and routes of the settings file, made into rows at each start;
- `running`: the carriers and routes that run, rebuilt when a row changes;
- `callbacks`: receives what a carrier reports, and passes it on;
- `watch`: logs when a carrier's state changes;
- `loop_check`: whether a carrier's address is one of our own doors;
- `carrier_endpoints`, `route_endpoints`, `callback_endpoints`: the endpoints for operators, and for providers;
- `feature`: all of it as a feature of a node.
"""
