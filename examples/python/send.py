"""Sends a message: send.py TO TEXT"""

import sys

from client import call

message = call("POST", "/v1/sms/send", {"from": "YourBrand", "to": sys.argv[1], "text": sys.argv[2]})
print(message["id"], message["status"])
