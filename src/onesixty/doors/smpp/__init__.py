"""The SMPP door: the SMSC that customers bind to (docs/reference/smpp-for-customers.md).

door          the server's handler: admits, binds, hands out
admission     who may bind
binds         who is bound, and how to deliver over a bind
translate     a PDU as an order of intake
submissions   submit_sm and data_sm, many at a time; multi: submit_multi; dedup: the same twice
operations    query_sm, cancel_sm and the rest
refusals      errors as command_status; message_ids, addresses: what stands for what
replacing     replace_sm; outbinds: outbind
network       listeners, the PROXY protocol (proxy), TLS (tls)
"""
