"""The channels: a folder for each, behind the contract of `core.channel`.

`registry` lists them; `sms` is the first. A channel knows nothing of the path, of carriers and of doors.
"""
