"""The headers of Standard Webhooks (specification 1.0.0): id, time and signature.

Rules kept here (Standard Webhooks 1.0.0):
- the signature covers the event's id, the time of the attempt and the body, but not the URL, so that a proxy in
  front of the receiver cannot break it;
- each key gives its own signature, so that a receiver can switch over while two secrets sign.
"""

from __future__ import annotations

from binascii import b2a_base64

from onesixty.core.macs import mac


def sign(event_id: str, timestamp: int, body: bytes, key: bytes) -> str:
    """One signature: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. `timestamp` in epoch seconds."""
    said = b"%b.%d.%b" % (event_id.encode(), timestamp, body)
    return "v1," + b2a_base64(mac(key, said), newline=False).decode()


def headers(event_id: str, timestamp: int, body: bytes, keys: tuple[bytes, ...]) -> str:
    """The three headers as lines of a request; without keys there is no signature."""
    lines = f"webhook-id: {event_id}\r\nwebhook-timestamp: {timestamp}\r\n"
    if not keys:
        return lines
    signatures = " ".join([sign(event_id, timestamp, body, key) for key in keys])
    return f"{lines}webhook-signature: {signatures}\r\n"
