"""The composition root: the only place that knows every part of onesixty and puts them together.

`server` runs a node until a signal ends it, `platform` is the node, `features` lists what it is made of, `path` puts
the message path together, `doors` opens its API.
"""
