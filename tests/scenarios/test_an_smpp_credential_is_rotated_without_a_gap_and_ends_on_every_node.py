"""An SMPP credential gets a new password under binds without a refusal, and ends at its time on both nodes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from onesixty.smpp import constants as c
from tests.doors.smpp.esme import Esme
from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd
from tests.support.waiting import wait_until_async


async def test_an_smpp_credential_is_rotated_without_a_gap_and_ends_on_every_node(
    postgres_url: str, start_node: StartNode, far_end: FarEnd
) -> None:
    nodes = [await start_node([far_end.table("acme")], database_url=postgres_url) for _ in range(2)]
    api = nodes[0].api
    made = await api.ask("POST", "/v1/smpp-credentials", {"system_id": "shop"})
    path = f"/v1/smpp-credentials/{made['id']}"

    async def bind(node: Any, password: str) -> tuple[Esme, int]:
        esme = await Esme.connect(node.product.smpp_port)
        return esme, await esme.bind("shop", password)

    async def statuses(password: str) -> list[int]:
        found = []
        for node in nodes:
            esme, status = await bind(node, password)
            async with esme:
                found.append(status)
        return found

    passwords = [made["password"]]
    assert await statuses(passwords[0]) == [c.ESME_ROK] * 2
    for _ in range(3):
        rotated = await api.ask("POST", f"{path}/password", {"overlap_seconds": 600})
        passwords.append(rotated["password"])
        for password in passwords[-2:]:
            assert await statuses(password) == [c.ESME_ROK] * 2

    async def former_ended() -> bool:
        return await statuses(passwords[-2]) == [c.ESME_RINVPASWD] * 2

    await api.ask("PATCH", path, {"previous_expires_at": None})
    await wait_until_async(former_ended, 20, "the end of the former password on both nodes")

    bound = [await bind(node, passwords[-1]) for node in nodes]
    assert [status for _, status in bound] == [c.ESME_ROK] * 2
    ends = datetime.now(UTC) + timedelta(seconds=6)
    await api.ask("PATCH", path, {"expires_at": ends.isoformat()})
    for esme, _ in bound:
        async with esme:
            unbind = await esme.next()
            assert unbind is not None
            assert unbind.command_id == c.UNBIND
    late = (datetime.now(UTC) - ends).total_seconds()
    assert 0 <= late < 3, late
    assert await statuses(passwords[-1]) == [c.ESME_RBINDFAIL] * 2
    shown = await api.ask("GET", path)
    assert (shown["state"], shown["last_bind_from"]) == ("expired", "127.0.0.1")
