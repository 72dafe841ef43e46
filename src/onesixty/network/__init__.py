"""Carriers and routes, as they are configured and as they run on this node.

- `tables`, `configs`: the configured carriers and routes, as rows;
- `adoption`: carriers and routes of the settings file, made into rows at each start;
- `running`: the carriers and routes that run, rebuilt when a row changes;
- `callbacks`: receives what a carrier reports, and passes it on;
- `routed`: what operators are told of routes in the history of a message;
- `watch`: logs when a carrier's state changes; `figures`: what carriers did within the last hour;
- `loop_check`: whether a carrier's address is one of our own doors;
- `carrier_endpoints`, `route_endpoints`, `callback_endpoints`: the endpoints for operators, and for providers;
- `order`: the order in which routes are tried;
- `simulation`, `simulation_endpoints`: draft routes against recent traffic;
- `state_events`: tells operators when a carrier or a bind is connected or lost;
- `type_endpoints`: the types of carriers with their forms, and checks; `live_endpoints`: what carriers do now;
- `feature`: all of it as a feature of a node.
"""
