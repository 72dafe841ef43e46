"""The forms of the ids that carriers give to messages.

Carriers answer a submission in one base and write the receipt in the other, with zeros in front or without (field
note 25). That is so over HTTP, too, where a carrier's own gateway speaks SMPP. The rules are the SMPP library's.
"""

from onesixty.smpp.receipt import id_keys, normal_id

__all__ = ["id_keys", "normal_id"]
