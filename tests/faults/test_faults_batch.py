"""A batch whose process is killed in its middle: the same again brings it to its end, and doubles nothing."""

import http.client
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.process import Product

SIZE = 250


def post(product: Product, body: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(product.url).netloc, timeout=60)
    headers = {
        "Authorization": f"Bearer {product.admin_key}",
        "Content-Type": "application/json",
        "Idempotency-Key": "november",
    }
    with closing(connection):
        connection.request("POST", "/v1/sms/batch", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_a_batch_that_is_killed_is_brought_to_its_end(new_product: Callable[..., Product]) -> None:
    """A kill between two chunks loses no message, and a retry sends none twice."""
    rows = [{"from": "Brand", "to": f"+1555{1_000_000 + n}", "text": f"m{n}"} for n in range(SIZE)]
    body = json.dumps({"messages": rows})
    product = new_product()
    product.settings["faults"] = "intake.after_commit:kill@2"
    product.start()
    with pytest.raises((OSError, http.client.HTTPException)):
        post(product, body)
    product.wait_for_end()
    product.settings["faults"] = ""
    product.start()
    status, answer = post(product, body)
    assert (status, answer["accepted"], answer["refusals"]) == (202, SIZE, [])
    assert post(product, body) == (202, answer)
    product.stop()
    database = product.settings["data_dir"]
    with closing(sqlite3.connect(f"{database}/onesixty.db")) as connection:
        found = connection.execute(
            "SELECT id, text FROM messages WHERE batch_id = ?", (answer["id"],)
        ).fetchall()
        (batches,) = connection.execute("SELECT COUNT(*) FROM batches").fetchone()
    assert batches == 1
    assert sorted(text for _, text in found) == sorted(row["text"] for row in rows)
    assert {entry["message_id"] for entry in answer["messages"]} == {id_ for id_, _ in found}
