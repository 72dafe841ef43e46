"""An SMPP customer whose submit_sm was committed and never answered sends it again, and it is sent once."""

import asyncio
from collections.abc import Callable

from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from tests.doors.smpp.esme import Esme, message
from tests.support.api import Api
from tests.support.process import Product


async def test_a_kill_before_the_answer_loses_no_submit_sm(new_product: Callable[..., Product]) -> None:
    """Promise 1 over SMPP: what was answered is there after the kill; with `deduplicate` what was
    not answered is not doubled by the retry, and has its first id."""
    product = new_product(faults="intake.before_answer:kill@3", processes=1)
    await asyncio.to_thread(product.start)
    async with Api(product.url, product.admin_key) as api:
        made = await api.call(
            "POST",
            "/v1/smpp-credentials",
            {"system_id": "acme", "password": "password", "profile": {"deduplicate": "reference"}},
        )
        assert made.status == 201

        async def submit(esme: Esme, reference: int) -> tuple[int, str] | None:
            fields = message(f"number {reference}".encode(), f"1555123{reference:04}")
            esme.put(c.SUBMIT_SM, (tlv.make("user_message_reference", reference),), **fields)
            answer = await esme.next()
            return None if answer is None else (answer.command_status, answer.text("message_id"))

        answered: dict[int, str] = {}
        async with await Esme.connect(product.smpp_port) as esme:
            assert await esme.bind("acme", "password") == c.ESME_ROK
            for reference in (1, 2, 3):
                answer = await submit(esme, reference)
                if answer is None:
                    break
                assert answer[0] == c.ESME_ROK
                answered[reference] = answer[1]
        assert sorted(answered) == [1, 2]  # the third was committed, and nobody was told

        product.settings.pop("faults")
        await asyncio.to_thread(product.wait_for_end)
        await asyncio.to_thread(product.start)
        async with await Esme.connect(product.smpp_port) as esme:
            assert await esme.bind("acme", "password") == c.ESME_ROK
            for reference in (1, 2, 3):
                again = await submit(esme, reference)
                assert again is not None
                assert again[0] == c.ESME_ROK
                assert again[1] == answered.get(reference, again[1])
        texts = sorted(one["text"] for one in await api.messages())
        assert texts == ["number 1", "number 2", "number 3"]
