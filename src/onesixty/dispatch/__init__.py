"""Dispatch: from the messages that are due now to outcomes on disk, with one queue for each carrier.

- `dispatcher`: the queues of this node, what enters their lanes and what leaves them without being sent;
- `carrier_queue`: what dispatch knows of one carrier; `lane`: its messages in memory, and whose turn is next;
- `pacing`, `breaker`: its token bucket, and its circuit breaker;
- `departures`: what may be sent leaves in committed flights;
- `rendering`, `references`: the segments of a message for one carrier, and their concatenation reference;
- `arrivals`, `verdict`: what carriers answered, and what follows from it;
- `journal`: outcomes on their way to disk;
- `failover`, `backoff`: another carrier, or another try later;
- `refill`: messages in the database enter lanes as room becomes free;
- `halts`, `held_out`: what pauses keep out of the lanes;
- `oldest`: since when the oldest message waits for each carrier;
- `recovery`, `strays`: what a stopped node left behind, and rows that nothing in memory knows.
"""
