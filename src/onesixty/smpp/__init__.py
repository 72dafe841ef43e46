"""SMPP 3.4 and 5.0: a library of its own, which imports nothing of the rest of onesixty.

constants, fields, layouts, tlv     what stands on the wire, as tables
pdu, codec, fast, framing           bytes to PDUs and back
receipt, times                      delivery receipts and SMPP times
session, window, timers, events     one link without I/O: bytes in, events out, time handed in
link, client, server                the same on asyncio
pacing, backoff                     how fast to send, and when to come back
"""
