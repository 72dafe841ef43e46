"""The door of our own HTTP API, version 1.

- `send`: `POST /v1/sms/send`, the hot route;
- `messages`, `carriers`, `routes`, `operations`: the rest of what this door has of its own;
- `api`: all routes of all features as one FastAPI app, with its OpenAPI document and pages.
"""

from onesixty.doors.v1.api import build_api, build_monitoring
from onesixty.doors.v1.send import SEND_PATH, SendDoor

__all__ = ["SEND_PATH", "SendDoor", "build_api", "build_monitoring"]
