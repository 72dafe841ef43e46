"""Carriers over SMPP: one connector with one or more binds to one SMSC.

- `settings`, `message_settings`: what a carrier of this type can be told, and the checks that types cannot express;
- `carrier`: the binds, the window, what waits, and what is reported when;
- `plan`, `extra_tlvs`: from a segment to the submit_sm of one carrier;
- `translate`: deliver_sm and data_sm to receipts and incoming messages;
- `statuses`: command_status to outcome, as a table that a carrier can override;
- `checkup`, `probe`, `trial`: `onesixty carrier check`: the whole check, its connection, its test message;
- `bind_words`: the sentences of the check.
"""

from onesixty.carriers.smpp.carrier import SmppCarrier
from onesixty.carriers.smpp.settings import SmppSettings

__all__ = ["SmppCarrier", "SmppSettings"]
