"""One function for all calls of the API, and the Problem it raises."""

import json
import os
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

URL = os.environ.get("ONESIXTY_URL", "http://127.0.0.1:8160")
KEY = os.environ["ONESIXTY_KEY"]


class Problem(Exception):
    """A refused request. Use `code` in programs; `retryable` says whether the same request can succeed later."""

    def __init__(self, problem: dict[str, Any], retry_after: str | None) -> None:
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.code: str = problem["code"]
        self.retryable: bool = problem["retryable"]
        self.retry_after = float(retry_after) if retry_after else None


def call(method: str, path: str, body: Any = None, idempotency_key: str | None = None) -> Any:
    """Return the decoded response. Raises Problem, or OSError if there is no response."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if idempotency_key:
        headers["Idempotency-Key"] = idempotency_key
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(URL + path, data, headers, method=method), timeout=30) as answer:
            return json.load(answer)
    except HTTPError as error:
        with error:
            raise Problem(json.load(error), error.headers["Retry-After"]) from None
