"""Webhooks: the endpoints of an account, signing, and the sink that posts events to them.

tables       the table of webhooks, one definition
service      the rules of `/v1/webhooks`: who may listen to what, where, with which secret
deliveries   what was delivered, again, and a test
endpoints    the same over HTTP
signing      the headers of Standard Webhooks
http_sink    posts deliveries: pools, deadlines, the address guard
connection   one connection, one request at a time
resolver     from a name to addresses that may be connected to
"""
