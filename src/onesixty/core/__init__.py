"""Types shared by all parts of onesixty. Nothing here does I/O, reads a clock or draws a random number.

- `message`, `memo`, `channel`: a message, what a door keeps on it, and the contract of its channel;
- `covered`: texts with characters that their rows do not have;
- `orders`, `grant`, `limits`: what a door asks of the message path, what its caller may send, and how much;
- `statuses`: the statuses, and which may follow which;
- `contracts`: the contracts between the parts; `outcomes`: the five outcomes of a segment;
- `hop`: a way that a message may go: its carrier, with sender and cost;
- `history`: the entries of a message's history;
- `errors`: the catalogue of errors;
- `notices`: what the steps told about a message besides refusing it;
- `remarks`: what a person is told of a thing of theirs, as a sentence and as a code with values;
- `events`, `event_body`: the types of events, and the form of an event;
- `tenant`, `actor`, `money`, `ids`: an account in one mode, who does something, amounts, and ids;
- `macs`: HMAC-SHA256;
- `storable`: text as a database accepts it;
- `cells`: the cells of CSV files;
- `paid_above`: what the accounts above a message's own pay for it;
- `clock`, `times`: time and randomness as parameters, and times as the API writes them;
- `carrier_ids`, `addresses`, `retry_after`: ids that carriers assign, addresses that deliveries may connect to, and
  the header Retry-After.
"""
