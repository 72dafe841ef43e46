"""Carriers over SMPP 3.4: one connector with one or more binds to one SMSC.

- `settings`: what a carrier of this type can be told, and the checks that types cannot express;
- `statuses`: command_status to outcome, as a table that a carrier can override;
- `translate`: a segment to submit_sm, deliver_sm and data_sm to receipts and incoming messages;
- `carrier`: the binds, the window, what waits, and what is reported when.
"""

from onesixty.carriers.smpp.carrier import SmppCarrier
from onesixty.carriers.smpp.settings import SmppSettings

__all__ = ["SmppCarrier", "SmppSettings"]
