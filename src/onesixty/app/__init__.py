"""The composition root: the only place that knows every part of onesixty and puts them together.

`server` runs a node until a signal ends it, `platform` is the node, `writer` the second process of a node.
Nothing is imported here: the second process must not load what only the first one needs.
"""
