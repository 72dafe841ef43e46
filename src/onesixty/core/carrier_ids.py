"""The notations of message ids that carriers assign.

Many carriers answer a submission in one base and write the receipt in the other, with or without leading zeros.
The same happens over HTTP if the carrier's own gateway uses SMPP. The rules are those of the SMPP library.
"""

from onesixty.smpp.receipt import id_keys, normal_id

__all__ = ["id_keys", "normal_id"]
