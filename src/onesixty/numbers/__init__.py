"""Phone numbers and senders.

A library of its own: it imports nothing of the rest of onesixty. Which file does what:

- `parsing`: any way of writing a number to E.164, with country and type;
- `lookup`: what the numbering plans say of a number;
- `sender`: names, numbers and short codes as senders, with TON and NPI;
- `errors`: the refusals and their codes (tables).
"""

from .errors import NUMBER_CODES, SENDER_CODES, InvalidNumber, InvalidSender
from .lookup import Lookup, look_up
from .parsing import TYPES, Number, parse
from .sender import Sender, SenderKind, displayed, parse_sender

__all__ = [
    "NUMBER_CODES",
    "SENDER_CODES",
    "TYPES",
    "InvalidNumber",
    "InvalidSender",
    "Lookup",
    "Number",
    "Sender",
    "SenderKind",
    "displayed",
    "look_up",
    "parse",
    "parse_sender",
]
