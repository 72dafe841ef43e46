"""Webhooks: the endpoints of an account, events and their deliveries, signing, and what posts them.

tables       the table of webhooks, one definition
effect       a change of a message -> the rows of its event and of its deliveries (pure)
listeners    the endpoints of all accounts, in memory
rows         how events and deliveries stand in their tables
sink         what HTTP means for a delivery: the use of the work queue for webhooks, and its retries (POLICY)
service      the rules of `/v1/webhooks`: who may listen to what, where, with which secret
deliveries   what was delivered, again, and a test
endpoints    the same over HTTP
feed         the live feed, which reads the same events
signing      the headers of Standard Webhooks; secrets: what they sign with
poster       the contract with what posts; http_poster: pools, deadlines, the address guard
connection   one connection, one request at a time
resolver     from a name to addresses that may be connected to (http/urls.py says what a URL may look like)
"""
