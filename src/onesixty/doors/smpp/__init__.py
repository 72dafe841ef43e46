"""The SMPP door: the SMSC that customers bind to (docs/reference/smpp-for-customers.md).

- `listeners`: the door of a node, put together; `network`, `proxy`, `tls`: how it listens;
- `door`: the handler of the server, which passes each PDU on;
- `admission`: who may bind; `buckets`: how fast a credential may submit;
- `submissions`: submit_sm and data_sm, many at a time; `multi`: submit_multi;
- `translate`, `asked`: a PDU as an order for intake, and what it asks for besides its text;
- `operations`, `replacing`: query_sm, cancel_sm, replace_sm and broadcasts;
- `refusals`, `trace`: errors as command_status, and what is kept of them for support;
- `answers`: counts the responses to requests;
- `outbinds`: asks customers to bind when something waits for them.

Credentials, open binds and what is delivered over them are in `customers`.
"""
