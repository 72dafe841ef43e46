"""Follows a message to its end, then lists all messages to the same number: follow.py MESSAGE_ID"""

import sys
import time
from urllib.parse import urlencode

from client import call

while True:
    message = call("GET", f"/v1/messages/{sys.argv[1]}")
    print(message["id"], message["status"])
    if message["status"] not in ("scheduled", "queued", "held", "sent"):
        break
    time.sleep(0.5)

query = {"to": message["to"], "limit": 50}
while True:
    page = call("GET", "/v1/messages?" + urlencode(query))
    for listed in page["data"]:
        print(listed["created_at"], listed["id"], listed["status"])
    if page["next"] is None:
        break
    query["after"] = page["next"]
