"""Where customers bind, as the API tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.doors.office import Office


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"smpp_listen": "127.0.0.1:2775"}, [("127.0.0.1", 2775, False)]),
        ({"smpp_listen": "0.0.0.0:2775"}, [("sms.example", 2775, False)]),
        ({"smpp_listen": "[::]:2775"}, [("sms.example", 2775, False)]),
        (
            {"smpp_tls_listen": "smpp.example.net:3550", "smpp_listen": "10.0.0.5:2775"},
            [("smpp.example.net", 3550, True), ("10.0.0.5", 2775, False)],
        ),
        ({"smpp_listen": ""}, []),
    ],
)
async def test_the_addresses_where_customers_bind(
    tmp_path: Path, settings: dict[str, Any], expected: list[tuple[str, int, bool]]
) -> None:
    files = {name: tmp_path / name for name in ("smpp_tls_cert", "smpp_tls_key")}
    given = {"public_url": "https://sms.example/api", **files, **settings}
    office = await Office.open(**given)
    try:
        reply = await office.client().get("/v1/smpp-binds/listeners")
        assert (reply.status, reply.json["next"]) == (200, None), reply.body
        assert [(one["host"], one["port"], one["tls"]) for one in reply.json["data"]] == expected
        refused = await office.client(await office.reader()).get("/v1/smpp-binds/listeners")
        assert (refused.status, refused.json["scope"]) == (403, "smpp")
    finally:
        await office.close()
