"""Asking a running product over its API, without a loop."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.support.process import Product


def ask(product: Product, method: str, path: str, body: Any = None) -> Any:
    """The decoded answer to a call with the operator's key; None of an empty one."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {product.admin_key}", "Content-Type": "application/json"}
    request = urllib.request.Request(product.url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        content = answer.read()
    return json.loads(content) if content else None
