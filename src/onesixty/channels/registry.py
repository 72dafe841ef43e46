"""The channels of a node. A new channel is a folder here, and a line in `standard`."""

from __future__ import annotations

from onesixty.channels.sms import Sms
from onesixty.core.channel import Channels
from onesixty.text import MAX_SEGMENTS


def standard(max_segments: int = MAX_SEGMENTS, limit: int = MAX_SEGMENTS) -> Channels:
    """All channels. A text message has at most `max_segments`, or as many as its sender asks for, up to `limit`."""
    return Channels((Sms(max_segments, limit),))
