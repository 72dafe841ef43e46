"""Saved reports: a query over a relative span, sent on a schedule as a file, by email or to a URL.

- `shapes`: the query, the span and the schedule, as bodies and rows hold them;
- `due`: when a schedule is due, and what a span covers then (pure functions over local time);
- `tables`: the rows; `runs`: the rows of runs, and their work;
- `rights`: the caller in whose name a report runs, asked anew at each run;
- `service`: the rules of the resource; `bodies`: its bodies and answers; `endpoints`: its routes;
- `zones`: the time zones of a report;
- `planner`: turns due times into runs; `sink`: does the runs; `files`: what they send;
- `feature`: all of it as a part of a node.
"""
