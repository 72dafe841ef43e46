"""Messages that a rule defers or holds, as an SMPP customer sees them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar

import pytest

from onesixty.extensions import EDIT, Draft, Moment, NoSettings, Step, StepExtension
from onesixty.extensions.loading import Extension, Extensions
from onesixty.smpp import constants as c
from tests.doors.smpp.esme import Node, running

HOUR = 3_600_000


class Patience(Step):
    """Defers what says "later" by an hour, and holds what says "prize"."""

    again: ClassVar[frozenset[Moment]] = frozenset({EDIT})

    def judge(self, draft: Draft) -> None:
        if "later" in draft.message.text:
            draft.defer(self, draft.now + HOUR, "patience")
        if "prize" in draft.message.text:
            draft.hold(self)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A node with the rule, and its SMPP door open."""
    declared = StepExtension(api=1, make=lambda settings, host: Patience())
    rule = Extension("patience", "step", "acme-rules", "1.0", declared, NoSettings())
    async with running(tmp_path, Extensions([rule])) as started:
        yield started


async def test_what_waits_is_taken_and_its_state_is_told(node: Node) -> None:
    await node.credential("acme")
    async with (
        await node.esme("acme") as esme,
        await node.esme("acme", interface_version=c.INTERFACE_VERSION_50) as newer,
    ):
        ids = []
        for text, status in ((b"later", "scheduled"), (b"a prize", "held")):
            answer = await esme.submit(text)
            assert answer.command_status == c.ESME_ROK
            ids.append(answer.text("message_id"))
            assert (await node.messages())[0].status == status
        for client, states in (
            (esme, [c.STATE_ENROUTE, c.STATE_ENROUTE]), (newer, [c.STATE_SCHEDULED, c.STATE_ENROUTE])
        ):  # fmt: skip
            told = [await client.ask(c.QUERY_SM, message_id=id_) for id_ in ids]
            assert [pdu.command_status for pdu in told] == [c.ESME_ROK, c.ESME_ROK]
            assert [pdu.number("message_state") for pdu in told] == states
        fields = {"source_addr_ton": c.TON_ALPHANUMERIC, "source_addr": "Acme"}
        answer = await esme.ask(c.REPLACE_SM, message_id=ids[1], short_message=b"my prize", **fields)
        assert answer.command_status == c.ESME_ROK
        held, _ = await node.messages()
        assert (held.status, held.held_for, held.text) == ("held", "review", "my prize")
        for id_ in ids:
            assert (await esme.ask(c.CANCEL_SM, message_id=id_, **fields)).command_status == c.ESME_ROK
        short = await esme.submit(b"later", validity_period="000000001000000R")
        assert short.command_status == c.ESME_RINVEXPIRY
