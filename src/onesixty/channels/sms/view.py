"""The fields of the message object that only SMS has."""

from __future__ import annotations

from typing import Any

from onesixty.channels.sms.content import BINARY, content_of
from onesixty.core.message import INBOUND, Message, public_view


def sms_view(message: Message) -> dict[str, Any]:
    """The message object of a text message."""
    view = public_view(
        message,
        {
            "encoding": message.encoding,
            "segments": message.segments,
            "flash": False,
            "binary": None,
            "udh": None,
            "template": None,
        },
    )
    if message.content is not None or message.encoding == BINARY:
        content = content_of(message.content)
        view["flash"] = content.flash
        view["udh"] = content.udh
        made = content.made_from
        if made is not None:
            view["template"] = {"id": made.id, "version": made.version, "language": made.language}
        if message.encoding == BINARY:
            view["binary"] = message.text or None
            view["text"] = None
        if message.direction == INBOUND:
            view["incomplete"] = content.total is not None
    return view
