"""Messages: how they get in, what becomes of them, and what people ask about them.

- `intake`: the one way in;
- `steps`, `drafts`: the steps that every message goes through, and their contract; `standing`: what follows from what
  they told;
- `express`: plain messages, judged by what the steps said about others alike;
- `holds`: what is reserved for a message until its commit;
- `batches`: many orders in one call;
- `changes`, `recorder`: the changes of a message as pure functions, and as units of the store;
- `contracts`: what messages need of dispatch;
- `receipts`, `matching`, `receipt_rules`, `early`: delivery reports: kept, matched, applied, and early ones;
- `segments`: which segments carriers took, by reference;
- `evidence`: answers for messages that somebody else has decided about;
- `inbound`, `assembly`, `tables`: messages from handsets, and long ones put together of their waiting parts;
- `edits`, `control`, `alternatives`: changes, cancellation and redaction, and other carriers for a waiting message;
- `sweep`, `clock_steps`: finds what is due, also after the clock was set back;
- `queries`, `histories`, `export`: single messages, lists, histories, and files of all.
"""
