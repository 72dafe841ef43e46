"""Sends one text to many recipients: batch.py TEXT TO TO ..."""

import sys

from client import call

text, *numbers = sys.argv[1:]
batch = call("POST", "/v1/sms/batch", {"from": "YourBrand", "to": numbers, "text": text})
for message in batch["messages"]:
    print(numbers[message["index"]], message["message_id"])
for refusal in batch["refusals"]:
    print(numbers[refusal["index"]], refusal["code"])
