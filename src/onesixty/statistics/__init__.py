"""Statistics: messages counted in boxes of time, and the reports made of these.

- `dimensions`: what messages are counted by, and the combinations that are kept;
- `counting`: what a message counts as, as pure functions;
- `series`: numbers for combinations of values;
- `counter`: the task that counts what changed;
- `rebuild`: counts everything anew;
- `periods`: steps of local time in a time zone; `levels`: which boxes a report reads for them;
- `report`: what a report asks for, how it is read, and its rows; `reporting`: what a caller may ask for, and the
  answer; `bodies`: queries and answers; `files`, `parquet`: reports as files; `endpoints`: the HTTP API;
- `feature`: all of it as a part of a node.
"""
