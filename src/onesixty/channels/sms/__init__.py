"""SMS, the first channel.

- `channel`: the contract, put together from the other files;
- `addresses`: recipients and senders, and when two notations are of one number;
- `orders`: what a caller asks: a text message, or a change of one;
- `wording`, `rewording`: the encoding and segments of a text, and what an edit asks of it;
- `content`: what a message has besides plain text;
- `rendering`: a message in segments, as a carrier gets it;
- `receiving`, `parts`: a message of what a handset or an SMPP customer sent, from its parts;
- `view`: the fields of the message object that only SMS has.
"""

from onesixty.channels.sms.channel import Sms

__all__ = ["Sms"]
