"""Sends a message and retries until there is a response, without sending twice: retry.py TO TEXT ORDER"""

import http.client
import sys
import time
from typing import Any

from client import Problem, call


def send_once(body: dict[str, str], key: str, attempts: int = 5) -> Any:
    """The same key and body in every attempt create one message."""
    for attempt in range(1, attempts + 1):
        pause = 0.5 * 2**attempt
        try:
            return call("POST", "/v1/sms/send", body, idempotency_key=key)
        except Problem as problem:
            if not problem.retryable or attempt == attempts:
                raise
            pause = pause if problem.retry_after is None else problem.retry_after
        except (OSError, http.client.HTTPException):  # no answer: it may have arrived, or not
            if attempt == attempts:
                raise
        time.sleep(pause)
    raise AssertionError("at least one attempt")


to, text, order = sys.argv[1:]
print(send_once({"from": "YourBrand", "to": to, "text": text}, f"order-{order}-paid")["id"])
