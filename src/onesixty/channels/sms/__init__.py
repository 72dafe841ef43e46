"""SMS, the first channel.

- `channel`: the contract, put together from the other files;
- `addresses`: recipients and senders, and when two notations are of one number;
- `words`, `wording`: what a caller asks of a text, and its encoding and segments;
- `content`: what a message has besides plain text;
- `view`: the fields of the message object that only SMS has.
"""

from onesixty.channels.sms.channel import Sms

__all__ = ["Sms"]
