"""What every feature is given, and what every feature may have.

- `context`: the context that every feature gets; `feature`: the base class of features;
- `observer`: counts what happens, and knows the names of carriers; `reload`: reports changed rows;
- `durations`: durations as histograms that can be added;
- `announced`: hands changes of rows to what makes events of them;
- `hashing`: hashes passwords in a thread; `secret`: keeps the instance secret of a running node up to date;
- `returns`: tasks that give back what a node holds of something shared;
- `upkeep`: the cleanup of shared tables.
"""
