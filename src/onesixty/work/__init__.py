"""The work queue: durable work that is claimed, sent, retried and ended, once for every use.

A row of the table `work` is one piece of work, and says which sink it is for. A feature that has work to do writes
rows in the transaction of the change that causes them, and brings a sink that does them: webhooks, customers' binds,
mails about alerts, bulk jobs.

- `item`: a row in memory;
- `sink`: the contract between the queue and what does the work; `tasks`: a sink whose attempts are coroutines;
- `policy`: when to try again, for how long, how fast: a table for each use, and pure functions over it;
- `lane`: what waits for one receiver: its queue, its breaker, its pace (no I/O);
- `lanes`: the lanes of a process, their room in memory;
- `refill`: finds work in its rows;
- `results`: what became of work, on its way into the rows;
- `queue`: all of it together, for one sink.
"""
